"""Samplers for attention."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from drawing.calls import WILD_FLAG, WILD_SMALL, FunctionCase, optional
from drawing.tensors import FUNCTION_SAMPLERS, register

SIZES = st.integers(1, 3)


@st.composite
def attentions(draw: Any) -> tuple[dict[str, Any], Any]:
    """A layer, its three inputs, and perhaps masks."""
    heads = draw(st.integers(1, 2))
    e = heads * draw(st.integers(1, 2))
    arguments: dict[str, Any] = {"embed_dim": e, "num_heads": heads}
    arguments = draw(
        optional(
            arguments,
            bias=st.booleans(),
            add_bias_kv=st.booleans(),
            add_zero_attn=st.booleans(),
            kdim=st.one_of(st.none(), SIZES),
            vdim=st.one_of(st.none(), SIZES),
            batch_first=st.booleans(),
            dropout=st.just(0.5),
        )
    )
    samples, queries, keys = draw(st.integers(0, 2)), draw(SIZES), draw(SIZES)
    batched = draw(st.booleans())

    def laid(places: int, features: int | None) -> tuple[int, ...]:
        lead = ((samples, places) if arguments.get("batch_first") else (places, samples)) if batched else (places,)
        return (*lead, e if features is None else features)

    inputs: list[Any] = [laid(queries, e), laid(keys, arguments.get("kdim")), laid(keys, arguments.get("vdim"))]
    masks = draw(st.sampled_from(("none", "none", "padding", "attention", "both")))
    padding = ((samples, keys) if batched else (keys,)) if masks in {"padding", "both"} else None
    mask = None
    if masks in {"attention", "both"}:
        lead = (heads * (samples if batched else 1),) if draw(st.booleans()) else ()
        mask = (*lead, queries, keys)
    if draw(st.booleans()) or mask:
        # Without weights, torch lays masks out by samples, of which there must then be one.
        inputs += [padding, draw(st.booleans()) or samples == 0, mask]
        if draw(st.booleans()):
            inputs.append(draw(st.booleans()))
            if mask and len(mask) == 2 and draw(st.booleans()):
                inputs.append(True)
    elif padding:
        inputs.append(padding)
    return arguments, tuple(inputs)


@st.composite
def lookups(draw: Any) -> dict[str, Any]:
    """Queries, keys and values; a mask, or a causal one; heads that share keys."""
    e, width, queries, keys = draw(SIZES), draw(SIZES), draw(st.integers(0, 3)), draw(SIZES)
    common = draw(st.lists(st.integers(0, 3), max_size=2))
    lead = [tuple(1 if draw(st.integers(0, 3)) == 0 else n for n in common) for _ in range(3)]
    arguments: dict[str, Any] = {}
    if draw(st.integers(0, 3)) == 0:
        shared = draw(st.integers(1, 2))
        lead = [(2, shared * draw(st.integers(1, 2))), (2, shared), (2, shared)]
        arguments["enable_gqa"] = True
    arguments |= {
        "query": (*lead[0], queries, e),
        "key": (*lead[1], keys, e),
        "value": (*lead[2], keys, width),
    }
    how = draw(st.sampled_from(("plain", "mask", "causal")))
    if how == "mask":
        arguments["attn_mask"] = (queries, keys)
    elif how == "causal":
        arguments["is_causal"] = True
    return arguments


@st.composite
def transformers(draw: Any, *, decoder: bool) -> tuple[dict[str, Any], Any]:
    """A layer, its sequence, a memory for a decoder, and perhaps masks."""
    heads = draw(st.integers(1, 2))
    e = heads * draw(st.integers(1, 2))
    arguments: dict[str, Any] = {"d_model": e, "nhead": heads, "dim_feedforward": draw(SIZES)}
    arguments = draw(
        optional(
            arguments,
            bias=st.booleans(),
            batch_first=st.booleans(),
            norm_first=st.booleans(),
            activation=st.sampled_from(("relu", "gelu")),
            dropout=st.just(0.5),
        )
    )
    samples, places, stored = draw(st.integers(1, 2)), draw(SIZES), draw(SIZES)
    batched = draw(st.booleans())

    def laid(count: int) -> tuple[int, ...]:
        return (*((samples, count) if arguments.get("batch_first") else (count, samples)), e) if batched else (count, e)

    def mask(keys: int) -> Any:
        lead = (heads * (samples if batched else 1),) if draw(st.booleans()) else ()
        return draw(st.sampled_from((None, (*lead, places, keys))))

    def padding(keys: int) -> Any:
        return draw(st.sampled_from((None, (samples, keys) if batched else (keys,))))

    if decoder:
        inputs: list[Any] = [laid(places), laid(stored), mask(places), mask(stored), padding(places), padding(stored)]
        if draw(st.booleans()):
            inputs += [inputs[2] is not None and len(inputs[2]) == 2, inputs[3] is not None and len(inputs[3]) == 2]
    else:
        inputs = [laid(places), mask(places), padding(places)]
        if draw(st.booleans()):
            inputs.append(inputs[1] is not None and len(inputs[1]) == 2)
    return arguments, tuple(inputs)


TRANSFORMER = {
    "d_model": WILD_SMALL,
    "nhead": WILD_SMALL,
    "dim_feedforward": WILD_SMALL,
    "activation": st.sampled_from(("relu", "tanh", None)),
    "bias": WILD_FLAG,
}
SAMPLES = (
    (
        "MultiheadAttention",
        attentions(),
        {"embed_dim": WILD_SMALL, "num_heads": WILD_SMALL, "kdim": WILD_SMALL, "bias": WILD_FLAG, "add_zero_attn": WILD_FLAG},
    ),
    ("TransformerEncoderLayer", transformers(decoder=False), TRANSFORMER),
    ("TransformerDecoderLayer", transformers(decoder=True), TRANSFORMER),
)
register("scaled_dot_product_attention", lookups(), is_causal=st.booleans())


def is_checked(case: FunctionCase) -> bool:
    """Whether torch looks at the number of values: its fast kernel, for four axes and one width, does not."""
    named = dict(zip(("query", "key", "value"), case.inputs, strict=False)) | case.call
    key, value = named["key"], named["value"]
    if 0 in (*value, *named["query"][-2:-1]):
        return True
    return len(key) < 4 or len(value) < 2 or key[-1] != value[-1] or key[-2] == value[-2]


def divides_by_no_heads(case: FunctionCase) -> bool:
    """Whether torch would divide by a number of heads that is 0, and the process die."""
    named = dict(zip(("query", "key", "value"), case.inputs, strict=False)) | case.call
    heads = [named[name][-3] for name in ("key", "value") if len(named[name]) > 2]
    return named.get("enable_gqa") is True and 0 in heads


_drawn = FUNCTION_SAMPLERS["scaled_dot_product_attention"]
FUNCTION_SAMPLERS["scaled_dot_product_attention"] = lambda *, wild: _drawn(wild=wild).filter(
    lambda case: is_checked(case) and not divides_by_no_heads(case)
)

__all__ = ["FUNCTION_SAMPLERS", "SAMPLES"]
