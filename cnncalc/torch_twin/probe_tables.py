"""What stands in for tables that are looked up, in the gradient probe: numbers as values, spread over their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable


def _rows(numbers: torch.Tensor, width: int) -> torch.Tensor:
    """Each number as a row of equal values."""
    return numbers.to(torch.float64)[..., None].expand(*numbers.shape, width)


def looked_up(name: str, numbers: torch.Tensor, weight: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
    """The number, and all rows of the table, since any may be meant."""
    del name
    return _rows(numbers, weight.shape[1]) + weight.sum(0)


def in_bags(name: str, numbers: torch.Tensor, weight: torch.Tensor, offsets: Any = None, **call: Any) -> torch.Tensor:
    """All numbers of a bag; those of all bags where offsets cut them."""
    del name
    weights = call.get("per_sample_weights")
    table = weight.sum(0)
    if offsets is None:
        return _rows(sum_of(numbers, weights, 1), len(table)) + table
    bags = len(offsets) - bool(call.get("include_last_offset"))
    total = sum_of(numbers, weights, 0) + offsets.to(torch.float64).sum()
    return _rows(total.expand(bags), len(table)) + table


def sum_of(numbers: torch.Tensor, weights: torch.Tensor | None, axis: int) -> torch.Tensor:
    """The numbers and their weights added up along an axis."""
    total = numbers.to(torch.float64).sum(axis)
    return total if weights is None else total + weights.sum(axis)


def one_hot(name: str, numbers: torch.Tensor, num_classes: int) -> torch.Tensor:
    """The number at every class."""
    del name
    return _rows(numbers, num_classes)


def embedding(layer: Any, numbers: torch.Tensor) -> torch.Tensor:
    """A layer of this kind, by its table."""
    return looked_up("embedding", numbers, layer.weight)


def embedding_bag(layer: Any, numbers: torch.Tensor, offsets: Any = None, per_sample_weights: Any = None) -> torch.Tensor:
    """A layer of this kind, by its table."""
    last = layer.include_last_offset
    return in_bags("", numbers, layer.weight, offsets, per_sample_weights=per_sample_weights, include_last_offset=last)


TABLE_FUNCTIONS: dict[str, Callable[..., Any]] = {"embedding": looked_up, "embedding_bag": in_bags, "one_hot": one_hot}
TABLE_LAYERS: dict[type[torch.nn.Module], Callable[..., Any]] = {
    torch.nn.Embedding: embedding,
    torch.nn.EmbeddingBag: embedding_bag,
}
