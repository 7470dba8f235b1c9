"""Tables of vectors that are looked up, given as they are. Source: torch.nn.functional.embedding and its kin."""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, EVERYTHING
from cnncalc.errors import UnsupportedError
from cnncalc.layers.arguments import flag
from cnncalc.layers.embedding import (
    bag_axes,
    bag_count,
    check_lookup,
    check_table,
    looked_up,
    padding_row,
    refuse_no_rows,
    require_row,
)
from cnncalc.layers.operation import Function
from cnncalc.layers.reshaping import sizes_of
from cnncalc.sizes import Shape, Size, at_least, product, require


class EmbeddingFunction(Function):
    """A row of a table for each number. Source: torch.nn.functional.embedding."""

    work = "nothing"
    torch_name = "embedding"
    found_in = frozenset({"functional"})

    def output_shape(
        self,
        input: Shape,
        weight: Shape,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Shape:
        """(*, embedding_dim)."""
        check_table(weight)
        check_lookup(max_norm, norm_type, scale_grad_by_freq, sparse)
        require_row(padding_row(padding_idx, weight[0]), weight[0])
        refuse_no_rows(weight[0], input)
        return (*input, weight[1])

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """The number itself, and any row of the table at that place in the row."""
        return looked_up(input), AxisMaps.routed((None, EVERYTHING), (len(input), EACH))


class EmbeddingBagFunction(Function):
    """As `EmbeddingBag`, with the table given. Source: torch.nn.functional.embedding_bag."""

    work = "pooling"
    torch_name = "embedding_bag"
    found_in = frozenset({"functional"})

    def output_shape(
        self,
        input: Shape,
        weight: Shape,
        offsets: Shape | None = None,
        max_norm: float | None = None,
        norm_type: float = 2,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        per_sample_weights: Shape | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> Shape:
        """(B, embedding_dim)."""
        check_table(weight)
        check_lookup(max_norm, norm_type, scale_grad_by_freq, sparse)
        if len(input) == 1:
            flag(include_last_offset, "include_last_offset")
        require_row(padding_row(padding_idx, weight[0], none_is_refused=True), weight[0])
        refuse_no_rows(weight[0], input)
        return (
            bag_count(input, offsets, per_sample_weights, mode, scale_grad_by_freq, sparse, include_last_offset),
            weight[1],
        )

    def arithmetic(self, input: Shape, weight: Shape, *others: Any, **call: Any) -> dict[str, Size]:
        """A row for each number."""
        self.output_shape(input, weight, *others, **call)
        return {"pooling": product(input) * weight[1]}

    def axes(
        self, input: Shape, *, offsets: Shape | None = None, per_sample_weights: Shape | None = None
    ) -> tuple[AxisMaps, ...]:
        """Every number of the bag, and any row of the table at that place in the row."""
        first, *others = bag_axes(input, offsets, per_sample_weights)
        return first, AxisMaps.routed((None, EVERYTHING), (1, EACH)), *others


class OneHot(Function):
    """1 at the place that a number says, 0 elsewhere: (*) → (*, num_classes). Source: torch.nn.functional.one_hot."""

    work = "nothing"
    torch_name = "one_hot"
    found_in = frozenset({"functional"})

    def output_shape(self, input: Shape, num_classes: Size = -1) -> Shape:
        """(*, num_classes). Without num_classes it depends on the largest number, which is not known."""
        (classes,) = sizes_of((num_classes,), "num_classes")
        if type(classes) is int and classes == -1:
            raise UnsupportedError("the number of classes depends on the values", remedy="give num_classes")
        require(at_least(classes - 1), "num_classes must be at least 1", "num_classes={}", classes)
        return (*input, classes)

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """The number itself, for every class."""
        return (looked_up(input),)


embedding = EmbeddingFunction()
embedding_bag = EmbeddingBagFunction()
one_hot = OneHot()
