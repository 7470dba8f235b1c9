"""Stacks of transformer layers, as torch builds them: containers of copies. Source: torch.nn.TransformerEncoder, Decoder."""

# ruff: noqa: FBT002 - torch's signatures

from __future__ import annotations

from copy import deepcopy
from typing import Any

from cnncalc.containers import ModuleList
from cnncalc.errors import ArgumentError
from cnncalc.module import Module


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


def copies(layer: Module, count: int) -> ModuleList:
    """Copies of a layer, each with parameters of its own."""
    if not isinstance(layer, Module) or not isinstance(count, int):
        raise ArgumentError("a stack takes a layer and the number of its copies", got=f"{type(layer).__name__}, {count!r:.40}")
    return ModuleList([deepcopy(layer) for _ in range(count)])
