"""Tables of vectors that are looked up by whole numbers. Source: torch.nn.Embedding and EmbeddingBag.

A looked-up value depends on the number it is looked up by, so these layers read their input cell by cell.
"""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, EVERYTHING
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.held import Parameter
from cnncalc.layers.arguments import flag, is_empty, natural, real
from cnncalc.layers.layer import Layer, constructor
from cnncalc.sizes import Expr, Shape, Size, at_least, equal, product, require


class _Table(Layer):
    """What both layers share: a table of num_embeddings rows of embedding_dim values."""

    work = "nothing"

    num_embeddings: Size
    embedding_dim: Size
    padding_idx: int | None
    max_norm: float | None
    norm_type: float
    scale_grad_by_freq: bool
    sparse: bool

    def tensors(self) -> dict[str, Shape]:
        """`weight` (num_embeddings, embedding_dim)."""
        return {"weight": (self.num_embeddings, self.embedding_dim)}

    def _take(
        self,
        num_embeddings: Any,
        embedding_dim: Any,
        padding_idx: Any,
        weight: Any,
        max_norm: Any,
        norm_type: Any,
        scale_grad_by_freq: Any,
        sparse: Any,
    ) -> None:
        """Keep what both layers take."""
        self.num_embeddings = natural(num_embeddings, "num_embeddings")
        self.embedding_dim = natural(embedding_dim, "embedding_dim", flags=True)
        self.padding_idx = padding_row(padding_idx, self.num_embeddings)
        check_lookup(max_norm, norm_type, scale_grad_by_freq, sparse)
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        if weight is None:
            if self.padding_idx is not None and type(self.num_embeddings) is int and self.num_embeddings == 0:
                raise ArgumentError("padding_idx must number a row", got=f"padding_idx={padding_idx} of none")
        else:
            shape = getattr(weight, "shape", None)
            if shape != (self.num_embeddings, self.embedding_dim):
                raise ArgumentError(
                    "_weight must have the shape (num_embeddings, embedding_dim)", got=f"{shape}", remedy="give the same numbers"
                )

    def _check_rows(self, input: Shape) -> None:
        """There must be rows where something is looked up, and the one for padding among them."""
        refuse_no_rows(self.num_embeddings, input)
        require_row(self.padding_idx, self.num_embeddings)


class Embedding(_Table):
    """A row of the table for each number: (*) → (*, embedding_dim). Source: torch.nn.Embedding."""

    @constructor
    def __init__(
        self,
        num_embeddings: Any,
        embedding_dim: Any,
        padding_idx: Any = None,
        max_norm: Any = None,
        norm_type: Any = 2.0,
        scale_grad_by_freq: Any = False,
        sparse: Any = False,
        _weight: Any = None,
        _freeze: Any = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments; raise `ArgumentError` where torch refuses them at construction."""
        self._take(num_embeddings, embedding_dim, padding_idx, _weight, max_norm, norm_type, scale_grad_by_freq, sparse)
        if _freeze:
            self.weight: Parameter = Parameter(shape=(self.num_embeddings, self.embedding_dim), requires_grad=False)

    def output_shape(self, input: Shape) -> Shape:
        """(*, embedding_dim)."""
        self._check_rows(input)
        return (*input, self.embedding_dim)

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """The number itself, for every value of its row."""
        return (looked_up(input),)


class EmbeddingBag(_Table):
    """The mean, sum or largest of the rows in each bag of numbers. Source: torch.nn.EmbeddingBag.

    (B, N) are B bags of N numbers; (N,) with `offsets` (B,) are bags that start at these places. Output (B, embedding_dim).
    """

    work = "pooling"

    @constructor
    def __init__(
        self,
        num_embeddings: Any,
        embedding_dim: Any,
        max_norm: Any = None,
        norm_type: Any = 2.0,
        scale_grad_by_freq: Any = False,
        mode: Any = "mean",
        sparse: Any = False,
        _weight: Any = None,
        include_last_offset: Any = False,
        padding_idx: Any = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments; raise `ArgumentError` where torch refuses them at construction."""
        self._take(num_embeddings, embedding_dim, padding_idx, _weight, max_norm, norm_type, scale_grad_by_freq, sparse)
        self.mode = mode
        self.include_last_offset = flag(include_last_offset, "include_last_offset")

    def output_shape(self, input: Shape, offsets: Shape | None = None, per_sample_weights: Shape | None = None) -> Shape:
        """(B, embedding_dim)."""
        self._check_rows(input)
        bags = bag_count(
            input, offsets, per_sample_weights, self.mode, self.scale_grad_by_freq, self.sparse, self.include_last_offset
        )
        return (bags, self.embedding_dim)

    def arithmetic(self, input: Shape, *others: Any, **call: Any) -> dict[str, Size]:
        """A row for each number."""
        self.output_shape(input, *others, **call)
        return {"pooling": product(input) * self.embedding_dim}

    def axes(self, input: Shape, offsets: Shape | None = None, per_sample_weights: Shape | None = None) -> tuple[AxisMaps, ...]:
        """Every number of the bag; where bags are cut by offsets, their places depend on values, and all numbers count."""
        return bag_axes(input, offsets, per_sample_weights)


def looked_up(input: Shape) -> AxisMaps:
    """Cell by cell, with a new last axis that reads the same cell throughout."""
    return AxisMaps.routed(*((place, EACH) for place in range(len(input))))


def check_lookup(max_norm: Any, norm_type: Any, scale_grad_by_freq: Any, sparse: Any) -> None:
    """What matters in training alone: numbers and flags. Torch looks at the kind of norm where rows are held to a norm."""
    if max_norm is not None:
        real(max_norm, "max_norm")
        real(norm_type, "norm_type")
    flag(scale_grad_by_freq, "scale_grad_by_freq")
    flag(sparse, "sparse")


def refuse_no_rows(rows: Size, input: Shape) -> None:
    """Refuse to look numbers up in a table without rows: whatever they are, no row is theirs."""
    if type(rows) is int and rows == 0:
        require(equal(product(input), 0), "a table without rows answers no number", "{}", input)


def padding_row(padding_idx: Any, rows: Size, *, none_is_refused: bool = False) -> int | None:
    """The row that padding is looked up in, counted from 0. Raises ArgumentError for one that is not there.

    Torch takes row 0 of a table without rows; with `none_is_refused`, as in bags, it does not.
    """
    if padding_idx is None:
        return None
    if isinstance(padding_idx, (str, bool)) or not hasattr(padding_idx, "__index__"):
        raise ArgumentError("padding_idx must be a whole number", got=f"padding_idx={padding_idx!r:.40}")
    if isinstance(padding_idx, Expr):
        raise ArgumentError("padding_idx numbers a row and can't be a symbol", got=f"padding_idx={padding_idx}")
    row: int = padding_idx
    if isinstance(rows, int) and not -rows <= row < max(rows, 0 if none_is_refused else 1):
        raise ArgumentError("padding_idx must number a row", got=f"padding_idx={row} of {rows}")
    return rows + row if row < 0 else row  # type: ignore[return-value] # a symbol where the number of rows is one


def require_row(row: int | None, rows: Size) -> None:
    """Of symbols: the row for padding must be there, which numbers are asked when the row is counted."""
    if row is not None and isinstance(rows, Expr):
        for inside in (row >= 0, rows > row):
            require(inside, "padding_idx must number a row", "padding_idx={} of {}", row, rows)


def check_table(weight: Shape) -> None:
    """A table has two axes."""
    if len(weight) != 2:  # noqa: PLR2004 - rows and their values
        raise ShapeError("the weight must have two axes", got=f"{len(weight)} axes, {weight}")


def bag_count(
    input: Shape, offsets: Shape | None, weights: Shape | None, mode: Any, scale: Any, sparse: Any, include_last: Any
) -> Size:
    """The number of bags. Raises as torch does for what does not fit."""
    if weights is not None:
        rule = "per_sample_weights must have the shape of the input"
        if len(weights) != len(input):
            raise ShapeError(rule, got=f"{weights} and {input}")
        for n, m in zip(weights, input, strict=True):
            require(n == m, rule, "{} and {}", weights, input)
    if len(input) == 2:  # noqa: PLR2004 - bags and their numbers
        if offsets is not None:
            raise ShapeError("bags of one length each take no offsets", got=f"offsets {offsets} for {input}")
        require(at_least(input[1] - 1), "bags must not be empty", "{}", input)
        bags = input[0]
    elif len(input) == 1:
        bags = _bags_by_offsets(input, offsets, mode, include_last)
    else:
        raise ShapeError("the input must have one axis or two", got=f"{len(input)} axes, {input}")
    if mode not in ("sum", "mean", "max"):
        raise ArgumentError('mode must be "sum", "mean" or "max"', got=f"mode={mode!r:.40}")
    if mode == "max" and (scale or sparse):
        raise ArgumentError("mode max takes neither scale_grad_by_freq nor sparse", got=f"mode={mode!r}")
    if weights is not None and mode != "sum":
        raise ArgumentError("per_sample_weights are for mode sum alone", got=f"mode={mode!r}")
    return bags


def _bags_by_offsets(input: Shape, offsets: Shape | None, mode: Any, include_last: Any) -> Size:
    """The number of bags that offsets cut numbers in a row into."""
    if offsets is None or len(offsets) != 1:
        raise ShapeError("numbers in a row take offsets of one axis", got=f"offsets {offsets} for {input}")
    bags = offsets[0]
    if is_empty(offsets):
        # Torch reads the first offset, which is not there, and may take the process down.
        require(equal(input[0], 0), "numbers must belong to a bag", "{} numbers, no offset", input[0])
    if include_last:
        require(at_least(bags - 1), "with include_last_offset there must be an offset", "{}", offsets)
        bags = bags - 1
        if mode == "max" and not is_empty(input):
            # Torch looks for the largest of no bag, and takes the process down.
            require(
                at_least(bags - 1), "numbers must belong to a bag", "{} numbers, and {} as the last offset", input[0], offsets
            )
    return bags


def bag_axes(input: Shape, offsets: Shape | None, weights: Shape | None) -> tuple[AxisMaps, ...]:
    """The axis maps of the numbers, the offsets and the weights."""
    numbers = AxisMaps.routed((0, EACH), (None, EVERYTHING)) if len(input) > 1 else AxisMaps.everything(1)
    maps = [numbers]
    if offsets is not None:
        maps.append(AxisMaps.everything(1))
    if weights is not None:
        maps.append(numbers)
    return tuple(maps)
