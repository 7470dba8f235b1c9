"""Attention: MultiheadAttention and scaled_dot_product_attention. Source: torch.nn.MultiheadAttention.

In the letters of this file: N samples, L queries, S keys and values, E embed_dim, H heads. A query's output reads every key
and every value of its sample; with a causal mask, those up to its own place.
"""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps, Nothing, PerOutput, Route
from cnncalc.axis import EACH, EVERYTHING, Everything, Prefix
from cnncalc.cells import Term, full
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers.arguments import is_empty, natural, whole
from cnncalc.layers.layer import Layer, constructor
from cnncalc.layers.linear import Linear
from cnncalc.sizes import Shape, Size, floor_div, product, require

BATCHED = 3
MATRIX = 2


class MultiheadAttention(Layer):
    """Queries look keys up and gather values, in several heads. Source: torch.nn.MultiheadAttention.

    Query (L, N, E), key (S, N, kdim), value (S, N, vdim), with batch_first the samples first, without a batch no N. Output
    the query's shape, and the weights: (N, L, S), for each head (N, H, L, S), or None.

    MACs: the four projections, and for each pair of query and key E for the score and E for the sum.
    """

    embed_dim: Size
    kdim: Size
    vdim: Size
    num_heads: Size
    head_dim: Size

    @constructor
    def __init__(
        self,
        embed_dim: Any,
        num_heads: Any,
        dropout: Any = 0.0,
        bias: Any = True,
        add_bias_kv: Any = False,
        add_zero_attn: Any = False,
        kdim: Any = None,
        vdim: Any = None,
        batch_first: Any = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments; raise `ArgumentError` where torch refuses them at construction."""
        # To torch, which divides by it, True is one head.
        self.embed_dim, self.num_heads = whole(embed_dim, "embed_dim"), whole(1 if num_heads is True else num_heads, "num_heads")
        for name, size in (("embed_dim", self.embed_dim), ("num_heads", self.num_heads)):
            if isinstance(size, int) and size <= 0:
                raise ArgumentError(f"{name} must be at least 1", got=f"{name}={size}")
        self.kdim = self.embed_dim if kdim is None else natural(kdim, "kdim")
        self.vdim = self.embed_dim if vdim is None else natural(vdim, "vdim")
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = floor_div(self.embed_dim, self.num_heads)
        if (self.head_dim * self.num_heads == self.embed_dim) is False:
            raise ArgumentError("embed_dim must be divisible by num_heads", got=f"embed_dim={embed_dim}, num_heads={num_heads}")
        self.add_zero_attn = add_zero_attn
        self._same = (self.kdim == self.embed_dim) is True and (self.vdim == self.embed_dim) is True
        self._has_bias = bool(bias)
        self._adds = bool(add_bias_kv)
        absent = ["q_proj_weight", "k_proj_weight", "v_proj_weight"] if self._same else ["in_proj_weight"]
        absent += ([] if self._has_bias else ["in_proj_bias"]) + ([] if self._adds else ["bias_k", "bias_v"])
        for name in absent:
            setattr(self, name, None)
        self.out_proj = Linear(self.embed_dim, self.embed_dim, bias=self._has_bias)

    def tensors(self) -> dict[str, Shape]:
        """`in_proj_weight` (3E, E), or one weight each for query, key and value; `in_proj_bias`, `bias_k` and `bias_v`."""
        e = self.embed_dim
        found: dict[str, Shape] = {}
        if self._same:
            found["in_proj_weight"] = (3 * e, e)
        else:
            found |= {"q_proj_weight": (e, e), "k_proj_weight": (e, self.kdim), "v_proj_weight": (e, self.vdim)}
        if self._has_bias:
            found["in_proj_bias"] = (3 * e,)
        if self._adds:
            found |= {"bias_k": (1, 1, e), "bias_v": (1, 1, e)}
        return found

    def output_shape(
        self,
        query: Shape,
        key: Shape,
        value: Shape,
        key_padding_mask: Shape | None = None,
        need_weights: bool = True,
        attn_mask: Shape | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> Any:
        """The query's shape, and that of the weights or None. Raises ShapeError where torch refuses."""
        samples, queries, keys = self._sizes(query, key, value)
        if is_causal and attn_mask is None:
            raise ArgumentError("is_causal asks for attn_mask", got="attn_mask=None")
        if key_padding_mask is not None:
            fit(key_padding_mask, (*samples, keys), "key_padding_mask")
        if attn_mask is not None:
            dropped = is_causal and key_padding_mask is None and not need_weights
            self._check_mask(attn_mask, samples, queries, keys, dropped=bool(dropped))
        if not need_weights:
            merged = key_padding_mask is not None or (attn_mask is not None and len(attn_mask) == BATCHED and not is_causal)
            if merged and is_empty((*samples, self._all_keys(keys))) and product(samples) * self.num_heads != 1:
                raise ShapeError("masks without a sample or a key can't be laid out by heads", got=f"{query}, {key}")
            return query, None
        weights = (queries, self._all_keys(keys))
        return query, ((*samples, *weights) if average_attn_weights else (*samples, self.num_heads, *weights))

    def macs(self, query: Shape, key: Shape, value: Shape) -> Size:
        """The projections of queries, keys, values and outputs; scores and sums."""
        samples, queries, keys = self._sizes(query, key, value)
        projected = queries * 2 * self.embed_dim + keys * (self.kdim + self.vdim)
        attended = queries * self._all_keys(keys) * 2
        return product(samples) * self.embed_dim * (projected + attended)

    def arithmetic(
        self, query: Shape, key: Shape, value: Shape, key_padding_mask: Shape | None = None, *, attn_mask: Shape | None = None
    ) -> dict[str, Size]:
        """Biases of the projections; the softmax; queries scaled, and masks added to the scores."""
        samples, queries, keys = self._sizes(query, key, value)
        scores = product(samples) * self.num_heads * queries * self._all_keys(keys)
        masks = (key_padding_mask is not None) + (attn_mask is not None)
        scaled = product(samples) * queries * self.embed_dim
        found = {"activation": scores, "elementwise": scaled + scores * masks}
        biased = product(samples) * self.embed_dim * 2 * (queries + keys)
        return found | {"bias": biased} if self._has_bias else found

    def axes(
        self,
        query: Shape,
        key: Shape,
        value: Shape,
        key_padding_mask: Shape | None = None,
        need_weights: bool = True,
        attn_mask: Shape | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[AxisMaps, ...] | PerOutput:
        """The query itself, and all keys and values of its sample; weights read no values."""
        batched = len(query) == BATCHED
        places: tuple[int | None, int] = (None, 0)
        if batched:
            places = (0, 1) if self.batch_first else (1, 0)
        causal = bool(is_causal and not need_weights and key_padding_mask is None)

        def maps(sample: int | None, row: int, head: int | None, *, features: Route, values: bool) -> list[AxisMaps]:
            """For one output: its axes of samples, queries and heads."""
            found = [_sequence_axes(len(query), self.batch_first, sample, (row, EACH), features)]
            along: Route = (row, Prefix(query[row])) if causal else (None, EVERYTHING)
            found.append(_sequence_axes(len(key), self.batch_first, sample, along, features))
            found.append(found[-1] if values else Nothing(len(value)))
            if key_padding_mask is not None:
                found.append(self._padding_axes(key_padding_mask, sample))
            if attn_mask is not None:
                found.append(Nothing(len(attn_mask)) if causal else self._mask_axes(attn_mask, sample, row, head))
            return found

        output = maps(places[0], places[1], None, features=(len(query) - 1, Everything(self.embed_dim)), values=True)
        if not need_weights:
            return tuple(output)
        first = 1 if batched else 0
        sample = 0 if batched else None
        if average_attn_weights:
            weights = maps(sample, first, None, features=(None, EVERYTHING), values=False)
        else:
            weights = maps(sample, first + 1, first, features=(None, EVERYTHING), values=False)
        return PerOutput((tuple(output), tuple(weights)))

    def _padding_axes(self, mask: Shape, sample: int | None) -> AxisMaps:
        """Every key of the sample."""
        return AxisMaps.routed(*(((sample, EACH),) if len(mask) > 1 else ()), (None, EVERYTHING))

    def _mask_axes(self, mask: Shape, sample: int | None, row: int, head: int | None) -> AxisMaps:
        """The query's row; of masks for each head, those of the sample, or the one of the head that is asked."""
        if len(mask) == MATRIX:
            return AxisMaps.routed((row, EACH), (None, EVERYTHING))
        return HeadMask(sample, head, row, self.num_heads)

    def _sizes(self, query: Shape, key: Shape, value: Shape) -> tuple[Shape, Size, Size]:
        """Samples (none without a batch), queries and keys. Raises ShapeError where the three do not fit."""
        if len(query) not in {BATCHED - 1, BATCHED}:
            raise ShapeError("the query must have three axes, or two without a batch", got=f"{len(query)} axes, {query}")
        if len(key) != len(query) or len(value) != len(query):
            raise ShapeError("query, key and value must have equally many axes", got=f"{query}, {key}, {value}")
        for name, size in (("embed_dim", self.embed_dim), ("num_heads", self.num_heads)):
            require(size >= 1, f"{name} must be at least 1", "{}={}", name, size)
        rule = "embed_dim must be divisible by num_heads"
        require(self.embed_dim % self.num_heads == 0, rule, "embed_dim={}, num_heads={}", self.embed_dim, self.num_heads)
        names = ("query", "key", "value")
        for name, given, n in zip(names, (query, key, value), (self.embed_dim, self.kdim, self.vdim), strict=True):
            require(given[-1] == n, f"the last axis of {name} must equal its dimension", "{} in {}, not {}", given[-1], given, n)
        for a, b in zip(key[:-1], value[:-1], strict=True):
            require(a == b, "key and value must agree in samples and length", "{} and {}", key, value)
        if len(query) == MATRIX:
            return (), query[0], key[0]
        sample, place = (0, 1) if self.batch_first else (1, 0)
        if self._adds or not is_empty((key[place],)):
            # Without a single key, torch does not look.
            require(query[sample] == key[sample], "query and key must have equally many samples", "{} and {}", query, key)
        return (query[sample],), query[place], key[place]

    def _all_keys(self, keys: Size) -> Size:
        """The keys and those that are put behind them."""
        return keys + (1 if self._adds else 0) + (1 if self.add_zero_attn else 0)

    def _check_mask(self, mask: Shape, samples: Shape, queries: Size, keys: Size, *, dropped: bool) -> None:
        """Refuse a mask of another shape than (L, S) or (N·H, L, S)."""
        if len(mask) not in {MATRIX, BATCHED}:
            raise ShapeError("attn_mask must have two axes or three", got=f"{len(mask)} axes, {mask}")
        if not dropped or (len(mask) == BATCHED and not samples):
            lead = (product(samples) * self.num_heads,) if len(mask) == BATCHED else ()
            fit(mask, (*lead, queries, keys), "attn_mask")


class HeadMask(AxisMaps):
    """A mask (N·H, L, S) for each sample and head: the query's row in each of them that is asked."""

    __slots__ = ("head", "heads", "row", "sample")

    def __init__(self, sample: int | None, head: int | None, row: int, heads: Size) -> None:
        """Keep the output's axes of samples, heads (None for all together) and queries."""
        super().__init__()
        self.sample = sample
        self.head = head
        self.row = row
        self.heads = heads

    def reads(self, term: Term, shape: tuple[int, ...]) -> Any:
        """One term: masks × rows × all keys."""
        if not all(term):
            return
        heads = int(self.heads)
        asked = full(heads) if self.head is None else term[self.head]
        samples = 1 if self.sample is None else term[self.sample]
        masks = sum(asked << heads * n for n in range(samples.bit_length()) if samples >> n & 1)
        yield (masks, term[self.row], full(shape[-1]))


def _sequence_axes(rank: int, batch_first: Any, sample: int | None, along: Route, features: Route) -> AxisMaps:
    """Samples cell by cell, places and features as said."""
    if rank == MATRIX:
        return AxisMaps.routed(along, features)
    samples: Route = (sample, EACH)
    return AxisMaps.routed(samples, along, features) if batch_first else AxisMaps.routed(along, samples, features)


def fit(given: Shape, expected: Shape, name: str) -> None:
    """Demand a shape."""
    if len(given) != len(expected):
        raise ShapeError(f"{name} must have the shape {expected}", got=f"{given}")
    for n, m in zip(given, expected, strict=True):
        require(n == m, f"{name} must have the shape {expected}", "{}", given)
