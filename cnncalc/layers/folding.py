"""Patches as columns, and columns as patches: Unfold and Fold. Source: torch.nn.Unfold, torch.nn.Fold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from cnncalc.axes import AxisMaps, Woven, laid_out, split
from cnncalc.axis import EACH, AxisMap, Undescribed, Window
from cnncalc.cells import Term, cells_of, full, gather, shift, spread
from cnncalc.errors import ShapeError
from cnncalc.layers.arguments import check_bits, per_axis
from cnncalc.layers.functional import Applied, LayerFunction
from cnncalc.layers.layer import Layer, constructor
from cnncalc.sizes import Shape, Size, floor_div, product, require

if TYPE_CHECKING:
    from collections.abc import Iterator

AXES = 2


class _Folding(Layer):
    """What Fold and Unfold share: a window on height and one on width.

    The patches of an image (C, H, W) are columns of C·k·k values, one for each place of the window, both in row-major
    order. Places per axis: ⌊(n + 2p − d(k − 1) − 1)/s⌋ + 1.
    """

    work = "nothing"
    kernel_size: Any
    dilation: Any
    padding: Any
    stride: Any

    def _windows(self) -> tuple[Window, Window]:
        """The window of each axis, checked as torch checks when the layer is called."""
        kernel, dilation, padding, stride = (
            _pair(getattr(self, name), name) for name in ("kernel_size", "dilation", "padding", "stride")
        )
        given = (("kernel_size", kernel, 1), ("dilation", dilation, 1), ("padding", padding, 0), ("stride", stride, 1))
        for name, values, least in given:
            for value in values:
                require(value >= least, f"{name} must be at least {least}", "{}={}", name, values)
        rows, columns = (Window(k, s, p, p, d) for k, s, p, d in zip(kernel, stride, padding, dilation, strict=True))
        return rows, columns

    def _places(self, space: Shape) -> tuple[tuple[Window, Window], tuple[Size, Size]]:
        """The windows, and how many places each has."""
        windows = self._windows()
        rows, columns = (window.length(n) for window, n in zip(windows, space, strict=True))
        for places in (rows, columns):
            require(
                places >= 1,
                "the window must not be larger than the padded input",
                "{} places on {} with kernel_size={}",
                (rows, columns),
                space,
                self.kernel_size,
                remedy="use a larger input, more padding, or a smaller kernel",
            )
        return windows, (rows, columns)


class Unfold(_Folding):
    """Every patch of an image as a column.

    (N, C, H, W) → (N, C·∏ kernel_size, places), or both without N. Source: torch.nn.Unfold.
    """

    @constructor
    def __init__(self, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> None:
        """Take torch's arguments; torch checks them when the layer is called."""
        _keep(self, kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride)

    def output_shape(self, input: Shape) -> Shape:
        """(N, C·∏ kernel_size, places). Raises ShapeError where torch refuses the input."""
        if len(input) not in {3, 4}:
            raise ShapeError("the input must be (N, C, H, W) or (C, H, W)", got=f"{len(input)} axes, {input}")
        for n in input[-3:]:
            require(n >= 1, "only the batch may be empty", "{}", input)
        (rows, columns), places = self._places(input[-2:])
        return (*input[:-3], input[-3] * rows.kernel_size * columns.kernel_size, places[0] * places[1])

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Windows whose cells lie in the channels and whose places lie in one axis."""
        windows, places = self._places(input[-2:])
        return (_Patches(len(input), windows, places, self.output_shape(input)[-2]),)


class Fold(_Folding):
    """Columns laid out as the patches of an image and added up: the way back from Unfold.

    (N, C·∏ kernel_size, places) → (N, C, *output_size), or both without N. Source: torch.nn.Fold.
    """

    work = "elementwise"
    output_size: Any

    @constructor
    def __init__(self, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> None:
        """Take torch's arguments; torch checks them when the layer is called."""
        _keep(self, output_size=output_size, kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride)

    def output_shape(self, input: Shape) -> Shape:
        """(N, C, *output_size). Raises ShapeError where torch refuses the input."""
        if len(input) not in {2, 3}:
            raise ShapeError("the input must be (N, C·∏ kernel_size, places) or the same without N", got=f"{input}")
        for n in input[-2:]:
            require(n >= 1, "only the batch may be empty", "{}", input)
        size = _pair(self.output_size, "output_size")
        for n in size:
            require(n >= 1, "output_size must be at least 1", "output_size={}", size)
        (rows, columns), places = self._places(size)
        patch = rows.kernel_size * columns.kernel_size
        require(
            floor_div(input[-2], patch) * patch == input[-2],
            "the columns must be divisible by the size of a patch",
            "{} and {}, from {}",
            input[-2],
            patch,
            input,
        )
        require(
            places[0] * places[1] == input[-1],
            "there must be one column for each place of the window",
            "{} columns for {} × {} places, from {}",
            input[-1],
            *places,
            input,
        )
        return (*input[:-2], floor_div(input[-2], patch), *size)

    def arithmetic(self, input: Shape) -> dict[str, Size]:
        """Each value of the patches is added to its cell."""
        self.output_shape(input)
        return {"elementwise": product(input)}

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Each cell reads its place in every patch that holds it."""
        size = _pair(self.output_size, "output_size")
        windows, places = self._places(size)
        return (_Columns(len(input), windows, places),)


class _Patches(Woven):
    """How Unfold's columns follow from an image."""

    __slots__ = ("places", "windows")

    def __init__(self, rank: int, windows: tuple[Window, Window], places: tuple[Size, Size], channels: Size) -> None:
        """Keep the windows and how many places each has; rank is that of the image, and `channels` are the output's."""
        super().__init__()
        self.windows = windows
        self.places = places
        woven: AxisMap = Undescribed(channels, "Unfold", "lays the places of its window out on one axis")
        self.routes = (*((i, EACH) for i in range(rank - 3)), (rank - 3, woven), (None, woven), (None, woven))

    def reads(self, term: Term, shape: tuple[int, ...]) -> Iterator[Term]:
        """For each run of channels and cells of the window, and each run of places: the cells under them."""
        if not all(term):
            return
        *lead, channels, columns = term
        kernel = tuple(int(window.kernel_size) for window in self.windows)
        places = (int(self.places[0]), int(self.places[1]))
        for which, *offsets in split(channels, (shape[-3], *kernel)):
            for starts in split(columns, places):
                sides = []
                for window, cells, start, n in zip(self.windows, offsets, starts, shape[-2:], strict=True):
                    read = 0
                    for t in cells_of(cells):
                        read |= shift(spread(start, int(window.stride)), int(window.dilation) * t - int(window.before))
                    sides.append(read & full(n))
                if all(sides):
                    yield (*lead, which, *sides)


class _Columns(Woven):
    """How Fold's image follows from columns."""

    __slots__ = ("places", "windows")

    def __init__(self, rank: int, windows: tuple[Window, Window], places: tuple[Size, Size]) -> None:
        """Keep the windows and how many places each has; rank is that of the columns."""
        super().__init__()
        self.windows = windows
        self.places = places
        woven: AxisMap = Undescribed(1, "Fold", "lays columns out as patches")
        self.routes = (*((i, EACH) for i in range(rank - 2)), (None, woven), (None, woven))

    def reads(self, term: Term, shape: tuple[int, ...]) -> Iterator[Term]:
        """For each cell of the window: the places at which it falls on an asked cell."""
        if not all(term):
            return
        *lead, channels, rows, columns = term
        kernel = tuple(int(window.kernel_size) for window in self.windows)
        places = (int(self.places[0]), int(self.places[1]))
        count = shape[-2] // (kernel[0] * kernel[1])
        sides = []
        for window, asked, number in zip(self.windows, (rows, columns), places, strict=True):
            at: dict[int, int] = {}
            for t in range(int(window.kernel_size)):
                moved = shift(asked, int(window.before) - int(window.dilation) * t)
                found = gather(moved, int(window.stride)) & full(number)
                if found:
                    at[found] = at.get(found, 0) | 1 << t
            sides.append(at)
        for row_places, row_cells in sides[0].items():
            for column_places, column_cells in sides[1].items():
                which = laid_out((channels, row_cells, column_cells), (count, *kernel))
                yield (*lead, which, laid_out((row_places, column_places), places))


def _pair(value: Any, name: str) -> tuple[Size, ...]:
    """One value for both axes, or exactly two."""
    values = per_axis(value, name, AXES)
    check_bits(values, name)
    if len(values) != AXES:
        raise ShapeError(f"{name} must have one value or two", got=f"{name}={value}")
    return values


def _keep(layer: Layer, **arguments: Any) -> None:
    """Keep arguments as they are given, as torch does, once they are known to be whole numbers."""
    for name, value in arguments.items():
        per_axis(value, name, AXES)
        setattr(layer, name, value)


class UnfoldFunction(LayerFunction):
    """What Unfold does. The tensor method of this name does something else. Source: torch.nn.functional.unfold."""

    torch_name = "unfold"
    found_in: ClassVar[frozenset[str]] = frozenset({"functional"})

    def applied(self, input: Shape, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Applied:
        """Unfold with those arguments."""
        return Applied(Unfold(kernel_size, dilation, padding, stride), (input,))


class FoldFunction(LayerFunction):
    """What Fold does. Source: torch.nn.functional.fold."""

    torch_name = "fold"

    def applied(
        self, input: Shape, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
    ) -> Applied:
        """Fold with those arguments."""
        return Applied(Fold(output_size, kernel_size, dilation, padding, stride), (input,))


unfold = UnfoldFunction()
fold = FoldFunction()
