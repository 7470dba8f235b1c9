"""What stands in for attention in the gradient probe: sums over features and keys in place of products and the softmax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable


def attention(
    layer: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    key_padding_mask: torch.Tensor | None = None,
    need_weights: bool = True,  # noqa: FBT001, FBT002 - torch's signature
    attn_mask: torch.Tensor | None = None,
    average_attn_weights: bool = True,  # noqa: FBT001, FBT002 - torch's signature
    is_causal: bool = False,  # noqa: FBT001, FBT002 - torch's signature
) -> Any:
    """MultiheadAttention: each output reads its query, and the keys and values that it may look up."""
    batched = query.dim() == 3  # noqa: PLR2004 - samples, places, features
    turned = batched and not layer.batch_first
    q, k, v = (tensor.transpose(0, 1) if turned else tensor if batched else tensor.unsqueeze(0) for tensor in (query, key, value))
    causal = is_causal and not need_weights and key_padding_mask is None
    heads, samples, queries, keys = layer.num_heads, len(q), q.shape[1], k.shape[1]
    scores = (q.sum(-1)[:, None, :, None] + k.sum(-1)[:, None, None, :]).expand(samples, heads, queries, keys)
    if attn_mask is not None and not causal:
        mask = attn_mask if attn_mask.dim() == 2 else attn_mask.reshape(samples, heads, queries, keys)  # noqa: PLR2004
        scores = scores + mask
    if key_padding_mask is not None:
        scores = scores + (key_padding_mask if batched else key_padding_mask.unsqueeze(0))[:, None, None, :]
    allowed = _allowed(queries, keys, causal=causal)
    rows = (scores * allowed).sum(-1)
    gathered = rows.sum(1) + (allowed @ v.sum(-1, keepdim=True)).squeeze(-1)
    output = gathered[..., None].expand(samples, queries, layer.embed_dim)
    output = output.transpose(0, 1) if turned else output if batched else output.squeeze(0)
    if not need_weights:
        return output, None
    extra = (layer.bias_k is not None) + bool(layer.add_zero_attn)
    weights = rows[..., None].expand(samples, heads, queries, keys + extra)
    weights = weights.sum(1) if average_attn_weights else weights
    return output, weights if batched else weights.squeeze(0)


def scaled_dot_product(
    name: str,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,  # noqa: FBT001, FBT002 - torch's signature
    scale: float | None = None,
    enable_gqa: bool = False,  # noqa: FBT001, FBT002 - torch's signature
) -> torch.Tensor:
    """Each output reads its query and mask, and the keys and values that it may look up."""
    del name, dropout_p, scale
    if enable_gqa:
        key, value = (t.repeat_interleave(query.shape[-3] // t.shape[-3], -3) for t in (key, value))
    scores = query.sum(-1)[..., :, None] + key.sum(-1)[..., None, :]
    scores = scores if attn_mask is None else scores + attn_mask
    allowed = _allowed(query.shape[-2], key.shape[-2], causal=is_causal)
    return (scores * allowed).sum(-1)[..., None] + allowed @ value


def _allowed(queries: int, keys: int, *, causal: bool) -> torch.Tensor:
    """Which keys each query may look up."""
    ones = torch.ones(queries, keys, dtype=torch.float64)
    return ones.tril() if causal else ones


def encoder_layer(
    layer: Any,
    src: torch.Tensor,
    src_mask: torch.Tensor | None = None,
    src_key_padding_mask: torch.Tensor | None = None,
    is_causal: bool = False,  # noqa: FBT001, FBT002 - torch's signature
) -> torch.Tensor:
    """TransformerEncoderLayer: self-attention; norms and fully connected layers mix the features of a place."""
    attended = attention(
        layer.self_attn, src, src, src, src_key_padding_mask, need_weights=False, attn_mask=src_mask, is_causal=is_causal
    )
    return _features_mixed(src + attended[0])


def decoder_layer(
    layer: Any,
    tgt: torch.Tensor,
    memory: torch.Tensor,
    tgt_mask: torch.Tensor | None = None,
    memory_mask: torch.Tensor | None = None,
    tgt_key_padding_mask: torch.Tensor | None = None,
    memory_key_padding_mask: torch.Tensor | None = None,
    tgt_is_causal: bool = False,  # noqa: FBT001, FBT002 - torch's signature
    memory_is_causal: bool = False,  # noqa: FBT001, FBT002 - torch's signature
) -> torch.Tensor:
    """TransformerDecoderLayer: self-attention, then attention to the memory."""
    own: dict[str, Any] = {"attn_mask": tgt_mask, "is_causal": tgt_is_causal, "key_padding_mask": tgt_key_padding_mask}
    other: dict[str, Any] = {"attn_mask": memory_mask, "is_causal": memory_is_causal, "key_padding_mask": memory_key_padding_mask}
    x = tgt + attention(layer.self_attn, tgt, tgt, tgt, need_weights=False, **own)[0]
    return _features_mixed(x + attention(layer.multihead_attn, x, memory, memory, need_weights=False, **other)[0])


def _features_mixed(tensor: torch.Tensor) -> torch.Tensor:
    """Features that each read all features of their place."""
    return tensor.sum(-1, keepdim=True).expand(tensor.shape)


ATTENTION_LAYERS: dict[type[torch.nn.Module], Callable[..., Any]] = {
    torch.nn.MultiheadAttention: attention,
    torch.nn.TransformerEncoderLayer: encoder_layer,
    torch.nn.TransformerDecoderLayer: decoder_layer,
}
ATTENTION_FUNCTIONS = {"scaled_dot_product_attention": scaled_dot_product}
