"""Valid calls of activations and dropouts, and wild values for their arguments."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from drawing.calls import WILD_FLAG, WILD_SMALL, WILD_WHOLE, optional

ANY_SHAPE = st.lists(st.integers(0, 4), max_size=5).map(tuple)
WILD_REAL = st.sampled_from((0, 1, 0.5, -1.0, 2.0, 0.0, 1e-5, True, -2, None, "x", (1,), float("nan"), float("inf")))
WILD_DIM = st.one_of(st.integers(-6, 6), st.none(), st.sampled_from((1.0, "1", True)))
INPLACE = {"inplace": st.booleans()}
REAL = st.sampled_from((0.5, 1, 0.1, True, 2.0))


@st.composite
def pointwise(draw: Any, shapes: Any = ANY_SHAPE, **choices: st.SearchStrategy[Any]) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Optional arguments, and an input of any shape."""
    return draw(optional({}, **choices)), draw(shapes)


@st.composite
def softmaxes(draw: Any) -> tuple[dict[str, Any], tuple[int, ...]]:
    """An axis that the input has, or none."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=5)))
    dim = draw(st.one_of(st.none(), st.integers(-len(shape), len(shape) - 1)))
    return ({} if dim is None and draw(st.booleans()) else {"dim": dim}), shape


@st.composite
def halvings(draw: Any) -> tuple[dict[str, Any], tuple[int, ...]]:
    """An axis of even length."""
    shape = draw(st.lists(st.integers(0, 4), min_size=1, max_size=4))
    axis = draw(st.integers(0, len(shape) - 1))
    shape[axis] = 2 * draw(st.integers(0, 4))
    if axis == len(shape) - 1 and draw(st.booleans()):
        return {}, tuple(shape)
    return {"dim": axis - len(shape) if draw(st.booleans()) else axis}, tuple(shape)


@st.composite
def prelus(draw: Any) -> tuple[dict[str, Any], tuple[int, ...]]:
    """One weight, or one per channel."""
    count = draw(st.integers(1, 4))
    arguments = draw(optional({"num_parameters": count}, init=st.sampled_from((0.25, 0.5))))
    shape = draw(ANY_SHAPE) if count == 1 else (2, count, *draw(st.lists(st.integers(1, 4), max_size=3)))
    return arguments, shape


@st.composite
def thresholds(draw: Any) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Two numbers."""
    return draw(optional({"threshold": draw(REAL), "value": draw(REAL)}, **INPLACE)), draw(ANY_SHAPE)


@st.composite
def slopes(draw: Any) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Two numbers in order."""
    lower, upper = sorted((draw(REAL), draw(REAL)))
    arguments = draw(st.sampled_from(({}, {"lower": 0.1}, {"upper": 1}, {"lower": lower, "upper": upper})))
    return draw(optional(arguments, **INPLACE)), draw(ANY_SHAPE)


RANKS = {
    1: st.lists(st.integers(0, 4), min_size=2, max_size=3).map(tuple),
    2: ANY_SHAPE,
    3: ANY_SHAPE,
}
DROPS = {"p": st.sampled_from((0.5, 0, 1, True)), "inplace": st.booleans()}
WILD_DROPS = {"p": WILD_REAL, "inplace": WILD_FLAG}

#: Class, valid calls, wild values: for the samplers of layers.
SAMPLES = (
    *((name, pointwise(), {}) for name in ("Sigmoid", "Tanh", "Softsign", "Tanhshrink", "LogSigmoid")),
    *(
        (name, pointwise(**INPLACE), {"inplace": WILD_FLAG})
        for name in ("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid")
    ),
    *((name, pointwise(alpha=REAL, **INPLACE), {"alpha": WILD_REAL, "inplace": WILD_FLAG}) for name in ("ELU", "CELU")),
    ("LeakyReLU", pointwise(negative_slope=REAL, **INPLACE), {"negative_slope": WILD_REAL, "inplace": WILD_FLAG}),
    (
        "GELU",
        pointwise(approximate=st.sampled_from(("none", "tanh"))),
        {"approximate": st.sampled_from(("Tanh", None, 1, "none"))},
    ),
    ("Softplus", pointwise(beta=REAL, threshold=REAL), {"beta": WILD_REAL, "threshold": WILD_REAL}),
    ("Hardshrink", pointwise(lambd=REAL), {"lambd": WILD_REAL}),
    ("Softshrink", pointwise(lambd=REAL), {"lambd": WILD_REAL}),
    ("Threshold", thresholds(), {"threshold": WILD_REAL, "value": WILD_REAL, "inplace": WILD_FLAG}),
    ("RReLU", slopes(), {"lower": WILD_REAL, "upper": WILD_REAL, "inplace": WILD_FLAG}),
    (
        "Hardtanh",
        pointwise(min_val=st.sampled_from((-1.0, 0.0)), max_val=st.sampled_from((1.0, 6)), **INPLACE),
        {"min_val": WILD_REAL, "max_val": WILD_REAL, "inplace": WILD_FLAG},
    ),
    ("PReLU", prelus(), {"num_parameters": WILD_SMALL}),
    *((name, softmaxes(), {"dim": WILD_DIM}) for name in ("Softmax", "LogSoftmax", "Softmin")),
    ("Softmax2d", pointwise(st.lists(st.integers(1, 4), min_size=3, max_size=4).map(tuple)), {}),
    ("GLU", halvings(), {"dim": WILD_DIM}),
    *((name, pointwise(**DROPS), WILD_DROPS) for name in ("Dropout", "AlphaDropout", "FeatureAlphaDropout")),
    *((f"Dropout{axes}d", pointwise(RANKS[axes], **DROPS), WILD_DROPS) for axes in (1, 2, 3)),
    ("Identity", pointwise(), {"anything": WILD_WHOLE, "unused": WILD_WHOLE}),
)
