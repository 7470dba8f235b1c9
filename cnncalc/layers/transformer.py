"""Layers of transformers: attention and a feed-forward block, each with a sum and a norm. Source: torch.nn.Transformer.

Each is one layer with parts of torch's names; its figures are those of its parts.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cnncalc.axes import AxisMaps, PerOutput, of_output
from cnncalc.axis import EACH, EVERYTHING, AxisMap, Everything, Prefix
from cnncalc.errors import ArgumentError, CnncalcError
from cnncalc.layers.attention import MATRIX, MultiheadAttention
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.layer import Layer, constructor
from cnncalc.layers.layer_normalization import LayerNorm
from cnncalc.layers.linear import Linear
from cnncalc.layers.operation import Function
from cnncalc.sizes import Shape, Size, product

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Transformer(Layer):
    """What both layers share: the feed-forward block, the norms, and how facts of parts are put together."""

    self_attn: MultiheadAttention
    linear1: Linear
    linear2: Linear
    norm_first: Any
    #: How many attentions and feed-forward blocks there are, each with a norm and a sum.
    blocks = 2

    @constructor
    def __init__(
        self,
        d_model: Any,
        nhead: Any,
        dim_feedforward: Any = 2048,
        dropout: Any = 0.1,
        activation: Any = "relu",
        layer_norm_eps: Any = 1e-5,
        batch_first: Any = False,
        norm_first: Any = False,
        bias: Any = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments, and make the parts in its order; raise `ArgumentError` where torch refuses at construction."""
        if isinstance(activation, str) and activation not in {"relu", "gelu"}:
            raise ArgumentError('activation must be "relu" or "gelu", or a function', got=f"activation={activation!r:.40}")
        if not isinstance(activation, (str, Function, Layer)):
            raise ArgumentError("activation must be a function or a layer of cnncalc", got=f"activation={activation!r:.60}")
        with self._part("self_attn"):
            self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first)
        if self.blocks > 2:  # noqa: PLR2004 - an encoder's
            self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first)
        with self._part("linear1"):
            self.linear1 = Linear(d_model, dim_feedforward, bias)
        with self._part("dropout"):
            self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias)
        self.norm_first = norm_first
        for number in range(1, self.blocks + 1):
            with self._part(f"norm{number}"):
                setattr(self, f"norm{number}", LayerNorm(d_model, layer_norm_eps, bias=bool(bias)))
        for number in range(1, self.blocks + 1):
            setattr(self, f"dropout{number}", Dropout(dropout))
        self.activation = activation

    @contextmanager
    def _part(self, name: str) -> Iterator[None]:
        """Let the refusals of a part say where in this layer it stands."""
        try:
            yield
        except CnncalcError as error:
            error.where = f"{self.torch_name}.{name}"
            raise

    def _fed_forward(self, input: Shape) -> Size:
        """The multiply-accumulates of the two fully connected layers."""
        return self.linear1.macs(input) + self.linear2.macs(self.linear1.output_shape(input))

    def _around(self, input: Shape) -> dict[str, Size]:
        """The arithmetic of the feed-forward block, the norms and the sums."""
        hidden = self.linear1.output_shape(input)
        found = {
            "activation": product(hidden),
            "norm": product(input) * self.blocks,
            "elementwise": product(input) * self.blocks,
        }
        return added(found, self.linear1.arithmetic(input), self.linear2.arithmetic(hidden))

    def _sequence(self, shape: Shape, batch_first: Any, *, causal: bool) -> AxisMaps:
        """Every place of the sample, or those up to each; all features."""
        along: AxisMap = Prefix() if causal else EVERYTHING
        if len(shape) == MATRIX:
            return AxisMaps(along, Everything(shape[-1]))
        first, second = (EACH, along) if batch_first else (along, EACH)
        return AxisMaps(first, second, Everything(shape[-1]))


class TransformerEncoderLayer(_Transformer):
    """Self-attention and a feed-forward block. The shape stays. Source: torch.nn.TransformerEncoderLayer."""

    def output_shape(
        self,
        src: Shape,
        src_mask: Shape | None = None,
        src_key_padding_mask: Shape | None = None,
        is_causal: bool = False,
    ) -> Shape:
        """That of the input. Raises ShapeError where the attention refuses it."""
        with self._part("self_attn"):
            self.self_attn.output_shape(
                src, src, src, src_key_padding_mask, need_weights=False, attn_mask=src_mask, is_causal=is_causal
            )
        with self._part("dropout"):
            return self.dropout.output_shape(src)

    def macs(self, src: Shape) -> Size:
        """Those of the attention and of the two fully connected layers."""
        return self.self_attn.macs(src, src, src) + self._fed_forward(src)

    def arithmetic(self, src: Shape, src_mask: Shape | None = None, src_key_padding_mask: Shape | None = None) -> dict[str, Size]:
        """That of the parts, and the two sums."""
        attended = self.self_attn.arithmetic(src, src, src, src_key_padding_mask, attn_mask=src_mask)
        return added(self._around(src), attended)

    def axes(
        self,
        src: Shape,
        src_mask: Shape | None = None,
        src_key_padding_mask: Shape | None = None,
        is_causal: bool = False,
    ) -> tuple[AxisMaps, ...]:
        """Every place of the sample, with a causal mask those up to each."""
        causal = bool(is_causal and src_key_padding_mask is None)
        masks = mask_axes(self.self_attn, src, src_mask, src_key_padding_mask, causal=causal)
        given = [maps for maps in masks if maps is not None]
        return self._sequence(src, self.self_attn.batch_first, causal=causal), *given


class TransformerDecoderLayer(_Transformer):
    """Self-attention, attention to a memory, and a feed-forward block. Source: torch.nn.TransformerDecoderLayer."""

    blocks = 3
    multihead_attn: MultiheadAttention

    def output_shape(
        self,
        tgt: Shape,
        memory: Shape,
        tgt_mask: Shape | None = None,
        memory_mask: Shape | None = None,
        tgt_key_padding_mask: Shape | None = None,
        memory_key_padding_mask: Shape | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Shape:
        """That of the target. Raises ShapeError where one of the attentions refuses it."""
        own, other = self.self_attn, self.multihead_attn
        with self._part("self_attn"):
            own.output_shape(tgt, tgt, tgt, tgt_key_padding_mask, need_weights=False, attn_mask=tgt_mask, is_causal=tgt_is_causal)
        with self._part("multihead_attn"):
            other.output_shape(
                tgt,
                memory,
                memory,
                memory_key_padding_mask,
                need_weights=False,
                attn_mask=memory_mask,
                is_causal=memory_is_causal,
            )
        with self._part("dropout"):
            return self.dropout.output_shape(tgt)

    def macs(self, tgt: Shape, memory: Shape) -> Size:
        """Those of both attentions and of the two fully connected layers."""
        attended = self.self_attn.macs(tgt, tgt, tgt) + self.multihead_attn.macs(tgt, memory, memory)
        return attended + self._fed_forward(tgt)

    def arithmetic(
        self,
        tgt: Shape,
        memory: Shape,
        tgt_mask: Shape | None = None,
        memory_mask: Shape | None = None,
        tgt_key_padding_mask: Shape | None = None,
        memory_key_padding_mask: Shape | None = None,
    ) -> dict[str, Size]:
        """That of the parts, and the three sums."""
        own = self.self_attn.arithmetic(tgt, tgt, tgt, tgt_key_padding_mask, attn_mask=tgt_mask)
        other = self.multihead_attn.arithmetic(tgt, memory, memory, memory_key_padding_mask, attn_mask=memory_mask)
        return added(self._around(tgt), own, other)

    def axes(
        self,
        tgt: Shape,
        memory: Shape,
        tgt_mask: Shape | None = None,
        memory_mask: Shape | None = None,
        tgt_key_padding_mask: Shape | None = None,
        memory_key_padding_mask: Shape | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> tuple[AxisMaps, ...]:
        """Every place of target and memory of the sample, with causal masks those up to each."""
        first = self.self_attn.batch_first
        causal = bool(tgt_is_causal and tgt_key_padding_mask is None)
        memory_causal = bool(memory_is_causal and memory_key_padding_mask is None)
        attended = one_output(
            self.multihead_attn.axes(
                tgt,
                memory,
                memory,
                memory_key_padding_mask,
                need_weights=False,
                attn_mask=memory_mask,
                is_causal=memory_is_causal,
            )
        )
        own = mask_axes(self.self_attn, tgt, tgt_mask, tgt_key_padding_mask, causal=causal)
        other = mask_axes(self.multihead_attn, tgt, memory_mask, memory_key_padding_mask, causal=memory_causal)
        masks = [maps for maps in (own[0], other[0], own[1], other[1]) if maps is not None]
        return self._sequence(tgt, first, causal=causal), attended[1], *masks


def mask_axes(
    attention: MultiheadAttention, query: Shape, mask: Shape | None, padding: Shape | None, *, causal: bool
) -> tuple[AxisMaps | None, AxisMaps | None]:
    """How the output follows from a mask and from a padding mask, as far as they are given; of a causal one, nothing."""
    maps = one_output(attention.axes(query, query, query, padding, need_weights=False, attn_mask=mask, is_causal=causal))
    rest = list(maps[3:])
    of_padding = rest.pop(0) if padding is not None else None
    return (rest[0] if mask is not None else None), of_padding


def one_output(maps: tuple[AxisMaps, ...] | PerOutput) -> tuple[AxisMaps, ...]:
    """The axis maps of an attention that gives no weights, and so one output."""
    return of_output(maps, 0)


def added(*parts: dict[str, Size]) -> dict[str, Size]:
    """Amounts by name, added up."""
    total: dict[str, Size] = {}
    for part in parts:
        for name, amount in part.items():
            total[name] = total.get(name, 0) + amount
    return total
