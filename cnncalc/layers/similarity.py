"""How near two tensors are to each other, vector by vector. Source: torch.nn.CosineSimilarity, PairwiseDistance."""

from __future__ import annotations

from math import inf
from typing import Any

from cnncalc.axes import AxisMaps, Route
from cnncalc.errors import ArgumentError
from cnncalc.layers.arguments import flag, real
from cnncalc.layers.broadcasting import broadcast_axes, common_shape
from cnncalc.layers.functional import Applied, LayerFunction
from cnncalc.layers.layer import Layer, constructor
from cnncalc.layers.reducing import left_over, reduced_axes, refuse_empty
from cnncalc.layers.shaping import axis_index
from cnncalc.sizes import Shape, Size, product


class CosineSimilarity(Layer):
    """The cosine of the angle between two vectors, along one axis: x₁·x₂ / (‖x₁‖ ‖x₂‖). Source: torch.nn.CosineSimilarity.

    Both inputs are stretched to their common shape; the axis dim of it is taken together, and gone.
    """

    @constructor
    def __init__(self, dim: Any = 1, eps: Any = 1e-8) -> None:
        """Take torch's arguments, which it checks when the layer is called."""
        self.dim = dim
        self.eps = eps

    def output_shape(self, x1: Shape, x2: Shape) -> Shape:
        """The common shape without dim."""
        return left_over(common_shape(x1, x2), self._along(x1, x2), keepdim=False)

    def arithmetic(self, x1: Shape, x2: Shape) -> dict[str, Size]:
        """Both inputs normed, multiplied cell by cell, and added up."""
        self.output_shape(x1, x2)
        cells = product(common_shape(x1, x2))
        return {"norm": 2 * cells, "elementwise": cells, "pooling": cells}

    def axes(self, x1: Shape, x2: Shape) -> tuple[AxisMaps, ...]:
        """Everything along dim of both inputs; the others cell by cell."""
        return _both(x1, x2, self._along(x1, x2), keepdim=False)

    def _along(self, x1: Shape, x2: Shape) -> frozenset[int]:
        """The axis that is taken together, counted from 0."""
        if not real(self.eps, "eps") >= 0:  # nan is neither
            raise ArgumentError("eps must not be negative", got=f"eps={self.eps}")
        common = common_shape(x1, x2)
        along = axis_index(self.dim, common)
        return frozenset([along] if common else [])


class PairwiseDistance(Layer):
    """The p-norm of the difference of two vectors, along the last axis: ‖x₁ − x₂ + eps‖ₚ. Source: torch.nn.PairwiseDistance.

    Both inputs are stretched to their common shape; its last axis is gone, or of length 1 with keepdim.
    """

    @constructor
    def __init__(self, p: Any = 2.0, eps: Any = 1e-6, keepdim: Any = False) -> None:
        """Take torch's arguments, which it checks when the layer is called."""
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def output_shape(self, x1: Shape, x2: Shape) -> Shape:
        """The common shape without its last axis."""
        return left_over(common_shape(x1, x2), self._along(x1, x2), self.keepdim)

    def arithmetic(self, x1: Shape, x2: Shape) -> dict[str, Size]:
        """The difference cell by cell, and its powers added up."""
        self.output_shape(x1, x2)
        cells = product(common_shape(x1, x2))
        return {"elementwise": cells, "pooling": cells}

    def axes(self, x1: Shape, x2: Shape) -> tuple[AxisMaps, ...]:
        """Everything along the last axis of both inputs; the others cell by cell."""
        return _both(x1, x2, self._along(x1, x2), keepdim=self.keepdim)

    def _along(self, x1: Shape, x2: Shape) -> frozenset[int]:
        """The last axis, where there is one."""
        real(self.norm, "p")
        real(self.eps, "eps")
        flag(self.keepdim, "keepdim")
        common = common_shape(x1, x2)
        along = frozenset([len(common) - 1] if common else [])
        if self.norm < 0 or self.norm == inf:
            refuse_empty(common, along)
        return along


def _both(x1: Shape, x2: Shape, along: frozenset[int], *, keepdim: bool) -> tuple[AxisMaps, ...]:
    """Each input is stretched, and then taken together along an axis."""
    common = common_shape(x1, x2)
    taken = reduced_axes(common, along, keepdim).routes
    maps = []
    for shape in (x1, x2):
        lead = len(common) - len(shape)
        stretched = broadcast_axes(shape, common).routes
        routes: list[Route] = [
            whole if lead + axis in along else (whole[0], stretched[axis][1]) for axis, whole in enumerate(taken[lead:])
        ]
        maps.append(AxisMaps.routed(*routes))
    return tuple(maps)


class CosineSimilarityFunction(LayerFunction):
    """What CosineSimilarity does. Source: torch.nn.functional.cosine_similarity."""

    torch_name = "cosine_similarity"
    found_in = frozenset({"torch", "functional"})

    def applied(self, x1: Shape, x2: Shape, dim: Any = 1, eps: Any = 1e-8) -> Applied:
        """CosineSimilarity along that axis."""
        return Applied(CosineSimilarity(dim, eps), (x1, x2))


class PairwiseDistanceFunction(LayerFunction):
    """What PairwiseDistance does. Source: torch.nn.functional.pairwise_distance."""

    torch_name = "pairwise_distance"
    found_in = frozenset({"torch", "functional"})

    def applied(self, x1: Shape, x2: Shape, p: Any = 2.0, eps: Any = 1e-6, keepdim: Any = False) -> Applied:
        """PairwiseDistance by that norm."""
        return Applied(PairwiseDistance(p, eps, keepdim), (x1, x2))


cosine_similarity = CosineSimilarityFunction()
pairwise_distance = PairwiseDistanceFunction()
