"""Samplers for Bilinear and for tables that are looked up, and for the functions that take their weights as they are."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from drawing.calls import WILD_FLAG, WILD_SMALL, FunctionCase, optional, wild_shape
from drawing.tensors import FUNCTION_SAMPLERS, SHAPES, register

ROW = st.one_of(st.none(), st.integers(-4, 4))


@st.composite
def bilinears(draw: Any) -> tuple[dict[str, Any], Any]:
    """Features of two inputs, and leading axes that both share."""
    one, two, out = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(0, 3))
    lead = draw(SHAPES)[:3]
    arguments = draw(optional({"in1_features": one, "in2_features": two, "out_features": out}, bias=st.booleans()))
    return arguments, ((*lead, one), (*lead, two))


@st.composite
def embeddings(draw: Any) -> tuple[dict[str, Any], Any]:
    """A table, and numbers of any shape."""
    arguments = {"num_embeddings": draw(st.integers(4, 6)), "embedding_dim": draw(st.integers(0, 3))}
    arguments = draw(
        optional(arguments, padding_idx=ROW.filter(lambda row: row != 4), max_norm=st.just(1.0), sparse=st.booleans())
    )
    return arguments, draw(SHAPES)


@st.composite
def bags(draw: Any, *, last: bool = False) -> tuple[dict[str, Any], Any]:
    """A table, and bags of one length, or cut by offsets; perhaps weighted.

    With `last`, the last offset may be the end. Torch writes where it must not if that leaves no bag for some numbers.
    """
    mode = draw(st.sampled_from(("sum", "mean", "max")))
    arguments = {"num_embeddings": draw(st.integers(4, 6)), "embedding_dim": draw(st.integers(1, 3)), "mode": mode}
    arguments = draw(optional(arguments, padding_idx=ROW.filter(lambda row: row != 4)))
    if mode != "max":
        arguments = draw(optional(arguments, sparse=st.booleans(), scale_grad_by_freq=st.booleans()))
    if draw(st.booleans()):
        numbers = (draw(st.integers(0, 3)), draw(st.integers(1, 3)))
        inputs: tuple[Any, ...] = (numbers, None)
    else:
        ends = last and draw(st.booleans())
        arguments |= {"include_last_offset": True} if ends else {}
        numbers = (draw(st.integers(0, 4)),)
        inputs = (numbers, (draw(st.integers(2 if ends else 1, 3)),))
    if mode == "sum" and draw(st.booleans()):
        return arguments, (*inputs, numbers)
    return arguments, inputs if inputs[1] is not None or draw(st.booleans()) else (numbers,)


TABLE = {"num_embeddings": st.sampled_from((-1, 0, 1, 2, 5, 2.5, None)), "embedding_dim": WILD_SMALL, "padding_idx": ROW}
SAMPLES = (
    (
        "Bilinear",
        bilinears(),
        {"in1_features": WILD_SMALL, "in2_features": WILD_SMALL, "out_features": WILD_SMALL, "bias": WILD_FLAG},
    ),
    ("Embedding", embeddings(), TABLE),
    ("EmbeddingBag", bags(), {**TABLE, "mode": st.sampled_from(("sum", "max", "x", None))}),
)


@st.composite
def linears(draw: Any) -> dict[str, Any]:
    """An input, a weight and perhaps a bias, which may be stretched."""
    features, out = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    lead = draw(SHAPES)[:3]
    if draw(st.integers(0, 4)) == 0:
        return {"input": (*lead, features), "weight": (features,)}
    arguments = {"input": (*lead, features), "weight": (out, features)}
    if draw(st.booleans()):
        bias = tuple(1 if draw(st.integers(0, 3)) == 0 else n for n in (*lead, out))
        bias = bias[draw(st.integers(0, len(bias))) :]
        # Torch adds a bias with one longer axis as a row of a matrix.
        plain = len(bias) > 1 and sum(n != 1 for n in bias) == 1
        arguments["bias"] = (out,) if plain or len(bias) > len(lead) + 1 or draw(st.booleans()) else bias
    return arguments


@st.composite
def bilinear_calls(draw: Any) -> dict[str, Any]:
    """Two inputs, a weight and perhaps a bias."""
    arguments, (one, two) = draw(bilinears())
    out = arguments["out_features"]
    call = {"input1": one, "input2": two, "weight": (out, one[-1], two[-1])}
    return {**call, "bias": (out,)} if draw(st.booleans()) else call


@st.composite
def lookups(draw: Any) -> dict[str, Any]:
    """Numbers and a table."""
    call = {"input": draw(SHAPES), "weight": (4, draw(st.integers(0, 3)))}
    return draw(optional(call, padding_idx=st.integers(-4, 3)))


@st.composite
def bag_calls(draw: Any, *, wild: bool) -> FunctionCase:
    """As EmbeddingBag, with its table."""
    arguments, inputs = draw(bags(last=True))
    numbers, *others = inputs
    weight = (arguments.pop("num_embeddings"), arguments.pop("embedding_dim"))
    arguments.update(zip(("offsets", "per_sample_weights"), others, strict=False))
    if wild:
        changed = draw(st.sampled_from(("input", "weight", "mode")))
        numbers = draw(wild_shape(numbers)) if changed == "input" else numbers
        weight = draw(wild_shape(weight)) if changed == "weight" else weight
        if changed == "mode":
            arguments["mode"] = draw(st.sampled_from(("sum", "mean", "max", "x")))
        if draw(st.booleans()):
            arguments["padding_idx"] = draw(st.integers(-6, 6))
    return FunctionCase("embedding_bag", (numbers, weight), arguments)


register("linear", linears())
register("bilinear", bilinear_calls())
register("embedding", lookups(), padding_idx=st.integers(-6, 6))


@st.composite
def one_hots(draw: Any, *, wild: bool) -> FunctionCase:
    """Numbers, and how many classes there are."""
    shape = draw(wild_shape(draw(SHAPES)) if wild else SHAPES)
    classes = draw(st.one_of(st.integers(0, 4), st.sampled_from((1.5, "x")))) if wild else draw(st.integers(1, 4))
    if draw(st.booleans()):
        return FunctionCase("one_hot", (shape, classes), {})
    return FunctionCase("one_hot", (shape,), {"num_classes": classes})


FUNCTION_SAMPLERS["one_hot"] = one_hots
FUNCTION_SAMPLERS["embedding_bag"] = bag_calls
