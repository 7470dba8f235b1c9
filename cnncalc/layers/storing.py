"""What one call means for memory: whether its output lies in the memory of its input, and what is kept for training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.axes import AxisMaps, Merged, PerOutput, Regrouped
from cnncalc.axis import EACH, Everything, Select

if TYPE_CHECKING:
    from cnncalc.axis import AxisMap
    from cnncalc.layers.facts import Facts
    from cnncalc.layers.operation import Operation
    from cnncalc.sizes import Shape


class Storing:
    """What memory has to know of a call, which depends on the call alone.

    `in_place`: the output is the first input, changed. `is_view`: it shares the first input's memory, as far as torch lets
    it. `drops`: in training it does not, since values are dropped. `relaid`: it is laid out anew, which takes a copy of a
    tensor whose cells do not lie in order. `saves`: what torch keeps for the backward pass; None where that is not known.
    """

    __slots__ = ("_axes", "_outputs", "_shape", "drops", "in_place", "is_view", "relaid", "saves")

    def __init__(self, facts: Facts) -> None:
        """Ask the operation, or the layer that a function comes to."""
        known = facts.known
        self.in_place = facts.is_in_place
        self.is_view = facts.is_view
        self.drops = known is not None and known.work == "nothing" and bool(known.__dict__.get("p"))
        self._axes = facts.axes
        self._shape: Shape = facts.shapes[0] if self.is_view else ()
        self._outputs = facts.outputs
        # An empty axis that is cut into its cells gives no output.
        self.relaid = self.is_view and bool(self._outputs) and isinstance(self._maps(0), (Merged, Regrouped))
        self.saves = None if known is None else self._saves(known)

    def _maps(self, output: int) -> AxisMaps:
        """How an output follows from the first tensor."""
        axes = self._axes
        return axes[output][0] if isinstance(axes, PerOutput) else axes[0]

    def strides(self, output: int, *, before: bool, shared: bool) -> bool:
        """Whether the cells of an output do not lie in order, given whether those of the input do not.

        So it is for a view that exchanges axes, takes a part of one behind the first, takes cells in steps or gives cells
        several times, and cell by cell behind such a tensor. Axes of length 1 do not matter.
        """
        maps = self._maps(output)
        if maps.is_pointwise:
            return before
        if not shared or isinstance(maps, (Merged, Regrouped)):
            return False
        long = [route for route, n in zip(maps.routes, self._shape, strict=True) if (n == 1) is not True]
        order = [goes_to for goes_to, _ in long if goes_to is not None]
        repeats = any((n == 1) is not True for axis, n in enumerate(self._outputs[output]) if axis not in order)
        steps = bool(long) and _in_steps(long[0][1])
        parts = any(axis_map is not EACH for _, axis_map in long[1:])
        return before or order != sorted(order) or repeats or steps or parts

    def _saves(self, known: Operation) -> tuple[str, ...] | None:
        """What a call keeps; None where that is not known."""
        saves = known.saves
        if self.is_view and not self.drops:
            return ()
        if self.in_place and known.saves_in_place is not None:
            return known.saves_in_place
        if self.in_place and saves == ("input",):
            return ("copy",)
        if saves == ("windows",):
            windows = [axis_map for _, axis_map in self._maps(0).routes if axis_map is not EACH]
            return () if all(isinstance(axis_map, Everything) for axis_map in windows) else ("input",)
        return saves


def _in_steps(axis_map: AxisMap) -> bool:
    """Whether cells are left out between those that are taken."""
    if not isinstance(axis_map, Select):
        return False
    return (axis_map.step == 1) is not True and (axis_map.count == 1) is not True
