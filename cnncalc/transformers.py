"""Stacks of transformer layers, as torch builds them: containers of copies. Source: torch.nn.TransformerEncoder, Decoder."""

# ruff: noqa: FBT002, ARG002 - torch's signatures

from __future__ import annotations

from copy import deepcopy
from typing import Any

from cnncalc.containers import ModuleList
from cnncalc.errors import ArgumentError
from cnncalc.layers.layer_normalization import LayerNorm
from cnncalc.layers.transformer import TransformerDecoderLayer, TransformerEncoderLayer
from cnncalc.module import Module
from cnncalc.sizes import require


class TransformerEncoder(Module):
    """Copies of an encoder layer in a row, and perhaps a norm. Source: torch.nn.TransformerEncoder."""

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: Any = True,
        mask_check: Any = True,
    ) -> None:
        """Take torch's arguments; the layer itself is no part of the stack, its copies are."""
        super().__init__()
        self.layers = copies(encoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check

    def forward(self, src: Any, mask: Any = None, src_key_padding_mask: Any = None, is_causal: Any = None) -> Any:
        """The layers one after the other. Whether a mask is causal is not looked up in its values: say so by `is_causal`."""
        for layer in self.layers:
            src = layer(src, src_mask=mask, src_key_padding_mask=src_key_padding_mask, is_causal=bool(is_causal))
        return src if self.norm is None else self.norm(src)


class TransformerDecoder(Module):
    """Copies of a decoder layer in a row, and perhaps a norm. Source: torch.nn.TransformerDecoder."""

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        """Take torch's arguments; the layer itself is no part of the stack, its copies are."""
        super().__init__()
        self.layers = copies(decoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: Any = None,
        memory_is_causal: Any = False,
    ) -> Any:
        """The layers one after the other, each looking at the same memory."""
        for layer in self.layers:
            tgt = layer(
                tgt,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=bool(tgt_is_causal),
                memory_is_causal=memory_is_causal,
            )
        return tgt if self.norm is None else self.norm(tgt)


class Transformer(Module):
    """An encoder of a source, and a decoder of a target that looks at it. Source: torch.nn.Transformer."""

    def __init__(
        self,
        d_model: Any = 512,
        nhead: Any = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: Any = 2048,
        dropout: Any = 0.1,
        activation: Any = "relu",
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: Any = 1e-5,
        batch_first: Any = False,
        norm_first: Any = False,
        bias: Any = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments; an encoder or a decoder of one's own stands in the place of torch's."""
        super().__init__()
        given = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)

        def norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, bias=bias)

        self.encoder = custom_encoder or TransformerEncoder(TransformerEncoderLayer(*given), num_encoder_layers, norm())
        self.decoder = custom_decoder or TransformerDecoder(TransformerDecoderLayer(*given), num_decoder_layers, norm())
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first

    def forward(
        self,
        src: Any,
        tgt: Any,
        src_mask: Any = None,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        src_is_causal: Any = None,
        tgt_is_causal: Any = None,
        memory_is_causal: Any = False,
    ) -> Any:
        """The decoder's output. Raises ShapeError where source and target differ in samples, or in features from d_model."""
        if src.dim() == 3:  # noqa: PLR2004 - with samples
            axis = 0 if self.batch_first else 1
            require(src.size(axis) == tgt.size(axis), "source and target must have equally many samples", "{}, {}", src, tgt)
        for given in (src, tgt):
            require(given.size(-1) == self.d_model, "the features must be d_model", "{}, d_model={}", given, self.d_model)
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal)
        return self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )


def copies(layer: Module, count: int) -> ModuleList:
    """Copies of a layer, each with parameters of its own."""
    if not isinstance(layer, Module) or not isinstance(count, int):
        raise ArgumentError("a stack takes a layer and the number of its copies", got=f"{type(layer).__name__}, {count!r:.40}")
    return ModuleList([deepcopy(layer) for _ in range(count)])
