"""Samplers for recurrent layers and cells."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from drawing.calls import WILD_FLAG, WILD_SMALL, optional

SIZES = st.integers(1, 3)


@st.composite
def recurrences(draw: Any, name: str) -> tuple[dict[str, Any], Any]:
    """A layer, a sequence, and perhaps the states that it starts with."""
    arguments: dict[str, Any] = {"input_size": draw(SIZES), "hidden_size": draw(st.integers(2, 3))}
    arguments = draw(
        optional(
            arguments,
            num_layers=SIZES,
            bias=st.booleans(),
            batch_first=st.booleans(),
            dropout=st.sampled_from((0, 0.5)),
            bidirectional=st.booleans(),
        )
    )
    if name == "RNN":
        arguments = draw(optional(arguments, nonlinearity=st.sampled_from(("tanh", "relu"))))
    if name == "LSTM":
        arguments = draw(optional(arguments, proj_size=st.integers(0, 1)))
    steps, samples = draw(SIZES), draw(st.integers(0, 2))
    batched = draw(st.booleans())
    lead = ((samples, steps) if arguments.get("batch_first") else (steps, samples)) if batched else (steps,)
    shape = (*lead, arguments["input_size"])
    if draw(st.booleans()):
        return arguments, (shape,)
    count = arguments.get("num_layers", 1) * (2 if arguments.get("bidirectional") else 1)
    lead = (count, samples) if batched else (count,)
    h = (*lead, arguments.get("proj_size") or arguments["hidden_size"])
    return arguments, (shape, (h, (*lead, arguments["hidden_size"])) if name == "LSTM" else h)


@st.composite
def cells(draw: Any, name: str) -> tuple[dict[str, Any], Any]:
    """A cell, a sample or several, and perhaps states."""
    arguments = draw(optional({"input_size": draw(st.integers(0, 3)), "hidden_size": draw(SIZES)}, bias=st.booleans()))
    if name == "RNNCell":
        arguments = draw(optional(arguments, nonlinearity=st.sampled_from(("tanh", "relu"))))
    lead = draw(st.sampled_from(((), (2,), (0,))))
    shape, h = (*lead, arguments["input_size"]), (*lead, arguments["hidden_size"])
    return arguments, draw(st.sampled_from(((shape,), (shape, (h, h) if name == "LSTMCell" else h))))


COMMON = {"input_size": WILD_SMALL, "hidden_size": WILD_SMALL, "bias": WILD_FLAG}
WILD = {
    **COMMON,
    "num_layers": WILD_SMALL,
    "batch_first": WILD_FLAG,
    "dropout": st.sampled_from((0.5, 1, 2, -1, True, None)),
    "bidirectional": WILD_FLAG,
}
NONLINEARITY = {"nonlinearity": st.sampled_from(("tanh", "relu", "x", None))}
SAMPLES = (
    ("RNN", recurrences("RNN"), {**WILD, **NONLINEARITY}),
    ("LSTM", recurrences("LSTM"), {**WILD, "proj_size": st.integers(-1, 3)}),
    ("GRU", recurrences("GRU"), WILD),
    ("RNNCell", cells("RNNCell"), {**COMMON, **NONLINEARITY}),
    ("LSTMCell", cells("LSTMCell"), COMMON),
    ("GRUCell", cells("GRUCell"), COMMON),
)
