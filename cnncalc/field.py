"""The receptive field of a cell, as plain data: what `cnncalc.receptive_field` and the rows of a report give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.cell_set import CellSet
from cnncalc.sizes import Expr, Size

if TYPE_CHECKING:
    from fractions import Fraction

    from cnncalc.cells import Term
    from cnncalc.phases import Phases
    from cnncalc.stencil import Stencil


#: Why a flattened map has a size and no stride.
LAID_OUT = "no single stride: its cells lie among those of other axes"

#: The figures of a field that has no position.
FIGURES = ("size", "sizes", "stride", "padding", "center", "reason")


class Unaligned(NamedTuple):
    """A join whose branches have different strides or centres; not `is_known` where symbols hide whether they differ."""

    where: str
    is_known: bool


class AxisField:
    """The field along one axis of the input, for a cell far from every border of an endless image.

    `size` is the extent, holes included: the largest over all positions; `sizes` the smallest and the largest, which
    differ behind an up-sampling, where the size depends on the phase. `stride` is the step of the input that one step of
    the output takes (a fraction behind an up-sampling); `padding` the effective padding P: the field of cell 0 starts at
    −P; `center` the centre of cell 0's field. What has no single value is None, and `reason` says why. `whole` marks a
    field that is the whole input, by global mixing such as a global pool or a fully connected layer: `size` is then the
    extent of what the windows cover, and `local` the field without the mixing. `unaligned` names the first join whose
    branches have other strides or other centres, so that Distill's condition does not hold; it is None where it does.
    """

    __slots__ = ("collapsed", "laid_out", "local", "phases", "reason", "size", "stencil", "unaligned", "whole")

    def __init__(
        self,
        stencil: Stencil | None = None,
        *,
        phases: Phases | None = None,
        size: Size | None = None,
        whole: bool = False,
        laid_out: int | None = None,
        reason: str = "",
        local: AxisField | None = None,
        collapsed: bool = False,
        unaligned: Unaligned | None = None,
    ) -> None:
        """Keep the description.

        `phases` stands in place of a stencil where the window depends on the phase; `laid_out` is the length of an axis
        that was merged with others; `collapsed` says that the mixing left one cell for all positions, as a global pool
        does and a norm does not.
        """
        self.stencil = stencil
        self.phases = phases
        self.size: Size | None = stencil.size if stencil is not None else phases.sizes[1] if phases is not None else size
        self.whole = whole
        self.laid_out = laid_out
        self.reason = reason or (_why_phased(phases) if phases is not None else "" if laid_out is None else LAID_OUT)
        self.local = local
        self.collapsed = collapsed
        self.unaligned = unaligned

    @property
    def sizes(self) -> tuple[Size, Size] | None:
        """The smallest and the largest extent over all positions."""
        if self.phases is not None:
            return self.phases.sizes
        return None if self.size is None else (self.size, self.size)

    @property
    def is_single(self) -> bool:
        """Whether the size is one and the same at every position."""
        return self.size is not None and (self.phases is None or self.phases.sizes[0] == self.phases.sizes[1])

    @property
    def stride(self) -> Size | Fraction | None:
        """The effective stride."""
        if self.laid_out is not None:
            return None
        if self.phases is not None:
            return _whole(self.phases.stride)
        return self.stencil.stride if self.stencil is not None else None

    @property
    def padding(self) -> Size | Fraction | None:
        """The effective padding."""
        if self.laid_out is not None:
            return None
        if self.phases is not None:
            return None if self.phases.start is None else _whole(-self.phases.start)
        return -self.stencil.start if self.stencil is not None else None

    @property
    def center(self) -> Fraction | None:
        """The centre of cell 0's field: start + (size − 1)/2; None also where it is a formula."""
        if self.phases is not None:
            return self.phases.center if self.laid_out is None else None
        stencil = self.stencil
        if stencil is None or self.laid_out is not None or isinstance(stencil.start, Expr) or isinstance(stencil.size, Expr):
            return None
        from fractions import Fraction

        return stencil.start + Fraction(stencil.size - 1, 2)

    @property
    def center_text(self) -> int | str | None:
        """The centre for JSON: a whole number, or text such as "7/2"."""
        stencil = self.stencil
        if stencil is not None and self.laid_out is None and isinstance(stencil.start, int) and isinstance(stencil.size, int):
            # Halves need no library of fractions.
            twice = 2 * stencil.start + stencil.size - 1
            return f"{twice}/2" if twice % 2 else twice // 2
        center = self.center
        return None if center is None else str(center) if center.denominator > 1 else center.numerator

    def window(self, cell: int) -> tuple[int, int] | None:
        """First and last cell of one output cell's field on an endless axis; None where there is no such box, or it is empty."""
        found = self.phases
        if self.laid_out is not None:
            return None
        if found is not None:
            start, bits = found.at(cell)
            return (start, start + bits.bit_length() - 1) if bits else None
        stencil = self.stencil
        if stencil is None or not all(isinstance(n, int) for n in (stencil.start, stencil.size, stencil.stride)):
            return None
        first = int(stencil.stride) * cell + int(stencil.start)
        return first, first + int(stencil.size) - 1


def _whole(value: Fraction) -> int | Fraction:
    """A fraction as a whole number where it is one."""
    return value.numerator if value.denominator == 1 else value


def _why_phased(phases: Phases) -> str:
    """Which figure depends on the phase."""
    low, high = phases.sizes
    if low != high:
        return f"the size depends on the position: {low} to {high} cells, in {phases.period} phases"
    if phases.start is None:
        return f"where the field starts depends on the position, in {phases.period} phases"
    return ""


class ReceptiveField(CellSet):
    """The receptive field of one output: figures per axis of the input after its channels.

    `size`, `sizes`, `stride`, `padding`, `center` are tuples with one entry per axis, None where there is no single value
    (`reason` says why): see AxisField. They are those of an endless image. With a cell asked, `at` is that cell and
    `terms` its exact field on the image as it is: a union of product sets, one bit set per spatial axis; `box` is its
    exact hull, `cells` its cells on each axis, `count` their number and `share` the part of the image that they are.
    `unclipped_box` is where the field would lie on an endless image: the box is not always that one cut at the border.
    """

    __slots__ = ("at", "axes", "of", "unclipped_box")

    def __init__(
        self,
        of: str,
        axes: tuple[AxisField, ...],
        at: tuple[int, ...] | None = None,
        terms: list[Term] | None = None,
        image: tuple[Size, ...] = (),
        unclipped_box: tuple[tuple[int, int] | None, ...] | None = None,
    ) -> None:
        """Keep the parts; `image` holds the lengths of the input's axes."""
        super().__init__(terms, image)
        self.of = of
        self.axes = axes
        self.at = at
        self.unclipped_box = unclipped_box

    @property
    def size(self) -> tuple[Size | None, ...]:
        """The extent per axis, for a cell far from every border: the largest over all positions."""
        return tuple([axis.size for axis in self.axes])

    @property
    def sizes(self) -> tuple[tuple[Size, Size] | None, ...]:
        """The smallest and the largest extent per axis: they differ behind an up-sampling."""
        return tuple(axis.sizes for axis in self.axes)

    @property
    def stride(self) -> tuple[Size | Fraction | None, ...]:
        """The effective stride per axis."""
        return tuple([axis.stride for axis in self.axes])

    @property
    def padding(self) -> tuple[Size | Fraction | None, ...]:
        """The effective padding per axis."""
        return tuple([axis.padding for axis in self.axes])

    @property
    def center(self) -> tuple[Fraction | None, ...]:
        """The centre of the first cell's field, per axis."""
        return tuple(axis.center for axis in self.axes)

    @property
    def aligned(self) -> bool | None:
        """Whether at every join all branches have one stride and one centre, as Distill asks; None where that is not known.

        Then all paths' fields are centred on one cell, and the largest path's is the field.
        """
        figures = [axis.local or axis for axis in self.axes]
        joins = [axis.unaligned for axis in figures if axis.unaligned is not None]
        if any(join.is_known for join in joins):
            return False
        return None if joins or not all(axis.stencil or axis.phases for axis in figures) else True

    @property
    def unaligned(self) -> str:
        """The first join whose branches have different strides or centres; empty where there is none."""
        joins = [(axis.local or axis).unaligned for axis in self.axes]
        return next((join.where for join in joins if join is not None and join.is_known), "")

    @property
    def without_mixing(self) -> ReceptiveField | None:
        """The field without global mixing (global pools, squeeze-and-excitation, attention, norms without running statistics).

        A branch that a global pool reduced to one cell for all positions is left out where it meets one that was not; a
        norm or an attention counts as reading its own position. None where nothing is mixed globally.
        """
        if not any(axis.whole for axis in self.axes):
            return None
        unknown = AxisField(reason="what lies before the mixing is not known")
        return ReceptiveField(self.of, tuple((axis.local or unknown) if axis.whole else axis for axis in self.axes))

    @property
    def whole(self) -> bool:
        """Whether the field is the whole input on every axis."""
        return bool(self.axes) and all(axis.whole for axis in self.axes)

    @property
    def reason(self) -> str:
        """Why a figure is None; empty where all have a value."""
        return "; ".join(dict.fromkeys(axis.reason for axis in self.axes if axis.reason))

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data for JSON."""
        data: dict[str, Any] = {
            "of": self.of,
            "size": _plain(self.size),
            "sizes": [sizes and _plain(sizes) for sizes in self.sizes],
            "stride": _plain(self.stride),
            "padding": _plain(self.padding),
            "center": [axis.center_text for axis in self.axes],
            "whole": self.whole,
            "aligned": self.aligned,
            "unaligned": self.unaligned or None,
            "reason": self.reason or None,
        }
        local = self.without_mixing
        if local is not None:
            figures = local.to_dict()
            data["without_mixing"] = {name: figures[name] for name in FIGURES}
        if self.at is not None:
            data |= {"at": list(self.at), "box": self.box and [list(b) for b in self.box], "count": self.count}
            data["unclipped_box"] = self.unclipped_box and [b and list(b) for b in self.unclipped_box]
            data["share"] = None if self.share is None else float(self.share)
            data["cells"] = self.cells and [list(c) for c in self.cells]
        return data

    def __str__(self) -> str:
        """In words: size, stride, padding, and the box of the asked cell."""
        parts = [f"receptive field of {self.of or 'the network'}: {size_text(self.size)}"]
        if self.whole:
            parts.append("the whole input")
        elif None not in self.stride:
            parts.append(f"stride {size_text(self.stride)}, padding {size_text(self.padding)}")
        if self.at is not None:
            box = self.box
            shown = "empty" if box is None else " × ".join(f"{first}…{last}" for first, last in box)
            parts.append(f"at {self.at}: {shown}, {self.count} cells")
        if self.reason:
            parts.append(self.reason)
        return "; ".join(parts)

    __repr__ = __str__


def size_text(sizes: tuple[Size | Fraction | None, ...]) -> str:
    """Sizes joined as people write them: `36×36`; a dash for what has no single value."""
    texts = ["–" if n is None else str(n) for n in sizes]
    return "×".join(f"({text})" if " " in text else text for text in texts) or "–"


def _plain(sizes: tuple[Size | Fraction | None, ...]) -> list[int | str | None]:
    """Sizes for JSON: numbers, formulas as text, null."""
    return [n if n is None or isinstance(n, int) else str(n) for n in sizes]
