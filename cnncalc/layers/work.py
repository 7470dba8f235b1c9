"""The arithmetic of an operation beside its multiply-accumulates: which kind it is, and how much.

An operation names its kind in `work`, mostly on the base class of its family; how much follows from the shapes and the
axis maps that it knows anyway:

* "norm", "activation", "elementwise"   the values that come out
* "pooling", "resampling"               the values that all windows read together, padding not discounted
* "nothing"                             none: values are only moved, or the products say it all

Whatever has a parameter `bias` and is no norm adds it to every value that comes out: "bias". An operation that is made of
several parts, such as attention, says so in an `arithmetic` of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from cnncalc.errors import UnsupportedError
from cnncalc.sizes import Shape, Size, product

if TYPE_CHECKING:
    from cnncalc.axes import AxisMaps

#: The names under which arithmetic is counted, and what one of each is.
COUNTED = {
    "bias": "additions of a bias: one for each value that a layer with a bias gives",
    "norm": "values that a norm gives",
    "activation": "values that an activation gives",
    "pooling": "values that the windows of pools and reductions read together, padding not discounted",
    "resampling": "values that resampling reads with a weight other than 0",
    "elementwise": "values that sums, products and other functions of tensors give, cell by cell",
}
#: What they are counted in, where that is not values.
UNITS = {"bias": "additions", "pooling": "values read", "resampling": "values read"}
PER_VALUE = frozenset({"norm", "activation", "elementwise"})
READING = frozenset({"pooling", "resampling"})


class Work:
    """What every operation knows of its arithmetic beside multiply-accumulates."""

    torch_name: ClassVar[str]
    #: The kind: a name of `COUNTED`, "nothing", or None where nobody has said.
    work: ClassVar[str | None] = None

    def arithmetic(self, *inputs: Any, **call: Any) -> dict[str, Size]:
        """How much of each kind one call takes, by name. Raises UnsupportedError where it is not known."""
        kind = self.work
        if kind is None:
            raise UnsupportedError("its arithmetic beside multiply-accumulates is not known", where=self.torch_name)
        found: dict[str, Size] = {}
        if kind in PER_VALUE:
            found[kind] = values(self.output_shape(*inputs, **call))  # type: ignore[attr-defined] # an operation has it
        elif kind in READING:
            axes = self.axes(*inputs, **call)  # type: ignore[attr-defined] # the same
            found[kind] = values_read(axes[0], inputs[0])
        if kind != "norm" and "bias" in getattr(self, "tensors", dict)():
            found["bias"] = values(self.output_shape(*inputs, **call))  # type: ignore[attr-defined] # the same
        return found


def values(output: Any) -> Size:
    """The number of values of a tensor, or of the first of several."""
    while output and isinstance(output[0], tuple):
        output = output[0]
    return product(output)


def values_read(axes: AxisMaps, input: Shape) -> Size:
    """How many values of one input all cells of the output read together: the axes are independent of each other."""
    found: Size = 1
    for (output, axis_map), n in zip(axes.routes, input, strict=True):
        found = found * (n if output is None else axis_map.taps(n))
    return found
