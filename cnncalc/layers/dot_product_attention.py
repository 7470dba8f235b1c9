"""Attention without weights of its own. Source: torch.nn.functional.scaled_dot_product_attention."""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps, Nothing, Route
from cnncalc.axis import EACH, EVERYTHING, Groups, Prefix
from cnncalc.errors import ArgumentError, ShapeError, UndecidedError
from cnncalc.layers.arguments import check_number, flag, is_empty
from cnncalc.layers.broadcasting import broadcast, broadcast_axes
from cnncalc.layers.operation import Function
from cnncalc.sizes import Shape, Size, product, require

BATCHED = 3
MATRIX = 2


class ScaledDotProductAttention(Function):
    """softmax(query · keyᵀ · scale + mask) · value. Source: torch.nn.functional.scaled_dot_product_attention.

    Query (*, L, E), key (*, S, E), value (*, S, Ev); leading axes are broadcast. Output (*, L, Ev).
    MACs: L·S·E for the scores and L·S·Ev for the sums, for each leading position.
    """

    torch_name = "scaled_dot_product_attention"
    found_in = frozenset({"functional"})

    def output_shape(
        self,
        query: Shape,
        key: Shape,
        value: Shape,
        attn_mask: Shape | None = None,
        dropout_p: float = 0.0,
        is_causal: bool = False,
        scale: float | None = None,
        enable_gqa: bool = False,
    ) -> Shape:
        """(*, L, Ev). Raises ShapeError where torch refuses."""
        check_number(dropout_p, "dropout_p")
        if scale is not None:
            check_number(scale, "scale")
        output = self._sizes(query, key, value, attn_mask, is_causal, enable_gqa)[1]
        if not self._is_empty(query, value) and not 0 <= dropout_p <= 1:
            raise ArgumentError("dropout_p must lie in 0 … 1", got=f"dropout_p={dropout_p}")
        return output

    def macs(
        self,
        query: Shape,
        key: Shape,
        value: Shape,
        attn_mask: Shape | None = None,
        *,
        is_causal: bool = False,
        enable_gqa: bool = False,
    ) -> Size:
        """Scores × E, and outputs × S."""
        output = self._sizes(query, key, value, attn_mask, is_causal, enable_gqa)[1]
        if self._is_empty(query, value):
            return 0
        products = (*self._scores(query, key, enable_gqa), query[-2], key[-2])
        return product(products) * query[-1] + product(output) * key[-2]

    def arithmetic(
        self,
        query: Shape,
        key: Shape,
        value: Shape,
        attn_mask: Shape | None = None,
        *,
        is_causal: bool = False,
        enable_gqa: bool = False,
    ) -> dict[str, Size]:
        """The softmax; queries scaled, and a mask added to the scores."""
        scores, _ = self._sizes(query, key, value, attn_mask, is_causal, enable_gqa)
        if self._is_empty(query, value):
            return {}
        masked = product(scores) if attn_mask is not None or is_causal else 0
        return {"activation": product(scores), "elementwise": product(query) + masked}

    def axes(
        self,
        query: Shape,
        key: Shape,
        value: Shape,
        attn_mask: Shape | None = None,
        *,
        is_causal: bool = False,
        enable_gqa: bool = False,
    ) -> tuple[AxisMaps, ...]:
        """The query itself, and all keys and values; with is_causal those up to the query's place."""
        scores, output = self._sizes(query, key, value, attn_mask, is_causal, enable_gqa)
        if self._is_empty(query, value):
            given = (query, key, value, attn_mask)
            return tuple(Nothing(len(shape)) for shape in given if shape is not None)
        batch, row = output[:-2], len(output) - 2
        along: Route = (row, Prefix(output[row])) if is_causal else (None, EVERYTHING)

        def leading(shape: Shape) -> list[Route]:
            lead = shape[:-2]
            if not enable_gqa:
                return list(broadcast_axes(lead, batch).routes)
            heads = Groups(lead[-1], batch[-1])
            return [*broadcast_axes((*lead[:-1], batch[-1]), batch).routes[:-1], (len(batch) - 1, heads)]

        maps = [
            AxisMaps.routed(*leading(query), (row, EACH), (None, EVERYTHING)),
            AxisMaps.routed(*leading(key), along, (None, EVERYTHING)),
            AxisMaps.routed(*leading(value), along, (row + 1, EACH)),
        ]
        if attn_mask is not None:
            routes = broadcast_axes(attn_mask, scores).routes
            maps.append(AxisMaps.routed(*routes[:-1], *[(None, EVERYTHING) for _ in routes[-1:]]))
        return tuple(maps)

    @staticmethod
    def _is_empty(query: Shape, value: Shape) -> bool:
        """Whether there is no query, or no value at all."""
        return is_empty((query[-2], *value))

    @staticmethod
    def _check_short_mask(mask: Shape, query: Shape, key: Shape, value: Shape, enable_gqa: Any) -> None:
        """Refuse a mask of one axis or none where torch's kernel for samples and heads that are not stretched serves."""
        if not len(query) == len(key) == len(value) == BATCHED + 1:
            return
        alike = [*zip(key[:2], value[:2], strict=True), *zip(query[: 1 if enable_gqa else 2], key, strict=False)]
        answers = [n == m for n, m in alike]
        if any(answer is False for answer in answers):
            return
        got = f"{mask} for {query}, {key}, {value}"
        if all(answer is True for answer in answers):
            raise ShapeError("the mask must have at least two axes", got=got)
        raise UndecidedError("whether a mask may have less than two axes depends on the symbols", got=got)

    @staticmethod
    def _scores(query: Shape, key: Shape, enable_gqa: Any) -> Shape:
        """The leading axes of the scores."""
        lead = (*key[:-3], query[-3]) if enable_gqa else key[:-2]
        return broadcast(query[:-2], lead)

    def _sizes(
        self, query: Shape, key: Shape, value: Shape, mask: Shape | None, is_causal: Any, enable_gqa: Any
    ) -> tuple[Shape, Shape]:
        """The shapes of the masked scores and of the output. Raises ShapeError where torch refuses."""
        flag(is_causal, "is_causal")
        flag(enable_gqa, "enable_gqa")
        if any(len(shape) < MATRIX for shape in (query, key, value)):
            raise ShapeError("query, key and value must have at least two axes", got=f"{query}, {key}, {value}")
        if self._is_empty(query, value):
            # Torch returns at once, and looks at nothing else.
            return (*query[:-1], key[-2]), (*query[:-1], value[-1])
        if mask is not None and is_causal:
            raise ArgumentError("a mask and is_causal exclude each other", got=f"attn_mask {mask}")
        require(query[-1] == key[-1], "query and key must have equally many features", "{} and {}", query, key)
        require(key[-2] == value[-2], "keys and values must be equally many", "{} and {}", key, value)
        if enable_gqa:
            if any(len(shape) < BATCHED for shape in (query, key, value)):
                raise ShapeError("heads that share keys need an axis of heads", got=f"{query}, {key}, {value}")
            for name, shape in (("key", key), ("value", value)):
                require(
                    query[-3] % shape[-3] == 0 if (shape[-3] == 0) is not True else False,
                    f"the heads of {name} must divide those of the query",
                    "{} and {}",
                    shape,
                    query,
                )
        batch = self._scores(query, key, enable_gqa)
        scores = (*batch, query[-2], key[-2])
        if mask is not None:
            if len(mask) < MATRIX:
                self._check_short_mask(mask, query, key, value, enable_gqa)
            rule = "the mask must broadcast to the scores"
            if len(mask) > len(scores):
                raise ShapeError(rule, got=f"{mask} and {scores}")
            for n, m in zip(broadcast(scores, mask), scores, strict=True):
                require(n == m, rule, "{} and {}", mask, scores)
        lead = (*value[:-3], query[-3]) if enable_gqa else value[:-2]
        return scores, (*broadcast(scores[:-2], lead), query[-2], value[-1])


scaled_dot_product_attention = ScaledDotProductAttention()
