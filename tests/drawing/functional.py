"""Samplers for activations, dropouts and norms as functions."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from drawing.activations import ANY_SHAPE, REAL, WILD_DIM, WILD_REAL, halvings, softmaxes
from drawing.calls import optional
from drawing.tensors import FUNCTION_SAMPLERS, register

INPLACE = {"inplace": st.booleans()}
WILD_INPLACE = {"inplace": st.sampled_from((True, False, None, 0, 1, "x"))}
TRAINING = st.booleans()
WILD_TRAINING = st.sampled_from((True, False, None, 0, 1, "x"))
SHORT = st.integers(1, 4)
EPS = st.sampled_from((1e-5, 1, True))
WILD_EPS = st.sampled_from((0, 0.0, -1, -1e-5, 1, None, "x"))


@st.composite
def on_any_shape(draw: Any, **choices: st.SearchStrategy[Any]) -> dict[str, Any]:
    """An input of any shape, and some optional arguments."""
    return draw(optional({"input": draw(ANY_SHAPE)}, **choices))  # type: ignore[no-any-return]


@st.composite
def along(draw: Any, cases: Any) -> dict[str, Any]:
    """The arguments and the input of a layer's case."""
    arguments, shape = draw(cases)
    return {"input": shape, **arguments}


@st.composite
def with_slopes(draw: Any) -> dict[str, Any]:
    """An input, and a weight of one value or of one per channel."""
    shape = draw(ANY_SHAPE)
    count = shape[1] if len(shape) > 1 else 1
    return {"input": shape, "weight": draw(st.sampled_from(((1,), (), (count,))))}


@st.composite
def thresholds(draw: Any, *, in_place: bool = False) -> dict[str, Any]:
    """Two numbers."""
    arguments = {"input": draw(ANY_SHAPE), "threshold": draw(REAL), "value": draw(REAL)}
    return arguments if in_place else draw(optional(arguments, **INPLACE))


@st.composite
def random_slopes(draw: Any, *, in_place: bool = False) -> dict[str, Any]:
    """Two numbers in order."""
    lower, upper = sorted((draw(REAL), draw(REAL)))
    arguments: dict[str, Any] = {"input": draw(ANY_SHAPE), "lower": lower, "upper": upper}
    return draw(optional(arguments, training=TRAINING, **({} if in_place else INPLACE)))  # type: ignore[no-any-return]


@st.composite
def bounds(draw: Any, *, in_place: bool = False) -> dict[str, Any]:
    """Two numbers in order, or less."""
    arguments = {"input": draw(ANY_SHAPE), "min_val": draw(st.sampled_from((-1.0, 0, 1)))}
    return draw(optional(arguments, max_val=st.sampled_from((1, 6.0)), **({} if in_place else INPLACE)))  # type: ignore[no-any-return]


@st.composite
def gumbels(draw: Any) -> dict[str, Any]:
    """An axis, and a temperature."""
    arguments, shape = draw(softmaxes())
    arguments = {"logits": shape, "dim": arguments.get("dim") or 0}
    return draw(optional(arguments, tau=st.sampled_from((1, 0.5)), hard=st.booleans()))  # type: ignore[no-any-return]


@st.composite
def batch_norms(draw: Any) -> dict[str, Any]:
    """An input with more than one value per channel, and tensors of one value per channel."""
    channels = draw(SHORT)
    training = draw(TRAINING)
    shape = (draw(st.integers(2, 3)), channels, *draw(st.lists(SHORT, max_size=3)))
    statistics = None if training and draw(st.booleans()) else (channels,)
    arguments = {"input": shape, "running_mean": statistics, "running_var": statistics}
    weights = {name: st.sampled_from(((channels,), None)) for name in ("weight", "bias")}
    if training or draw(st.booleans()):
        arguments["training"] = training
    return draw(optional(arguments, **weights, momentum=st.sampled_from((0.1, 1)), eps=EPS))  # type: ignore[no-any-return]


@st.composite
def instance_norms(draw: Any) -> dict[str, Any]:
    """An input with more than one cell of space, and tensors of one value per channel."""
    channels = draw(SHORT)
    measured = draw(TRAINING)
    shape = (draw(st.integers(1, 3)), channels, *draw(st.lists(SHORT, max_size=2)), draw(st.integers(2, 3)))
    arguments: dict[str, Any] = {"input": shape}
    if not measured or draw(st.booleans()):
        arguments |= {"running_mean": (channels,), "running_var": (channels,)}
    if not measured or draw(st.booleans()):
        arguments["use_input_stats"] = measured
    weights = {name: st.sampled_from(((channels,), None)) for name in ("weight", "bias")}
    return draw(optional(arguments, **weights, eps=EPS))  # type: ignore[no-any-return]


@st.composite
def last_axes(draw: Any, *, bias: bool) -> dict[str, Any]:
    """The lengths of the last axes, and tensors of that shape."""
    over = tuple(draw(st.lists(SHORT, min_size=1, max_size=2)))
    arguments = {
        "input": (*draw(st.lists(st.integers(0, 3), max_size=2)), *over),
        "normalized_shape": draw(st.sampled_from((over, list(over)))),
    }
    weights = {name: st.sampled_from((over, None)) for name in (("weight", "bias") if bias else ("weight",))}
    return draw(optional(arguments, **weights, eps=EPS))  # type: ignore[no-any-return]


@st.composite
def group_norms(draw: Any) -> dict[str, Any]:
    """Groups of channels, and tensors of one value per channel."""
    groups = draw(st.integers(1, 3))
    channels = groups * draw(st.integers(1, 3))
    shape = (draw(st.sampled_from((0, 2, 3))), channels, *draw(st.lists(SHORT, max_size=3)))
    weights = {name: st.sampled_from(((channels,), None)) for name in ("weight", "bias")}
    return draw(optional({"input": shape, "num_groups": groups}, **weights, eps=EPS))  # type: ignore[no-any-return]


@st.composite
def response_norms(draw: Any) -> dict[str, Any]:
    """A number of channels, and an image."""
    shape = (draw(st.integers(0, 2)), draw(st.integers(1, 6)), *draw(st.lists(SHORT, min_size=1, max_size=3)))
    return draw(optional({"input": shape, "size": draw(st.integers(1, 7))}, alpha=REAL, beta=REAL, k=REAL))  # type: ignore[no-any-return]


@st.composite
def unit_norms(draw: Any) -> dict[str, Any]:
    """One axis or several."""
    shape = tuple(draw(st.lists(SHORT, min_size=2, max_size=4)))
    axes = draw(st.lists(st.integers(0, len(shape) - 1), min_size=1, unique=True))
    dim = draw(st.sampled_from((axes[0], axes[0] - len(shape), tuple(axes), axes)))
    arguments = {"input": shape, "dim": dim} if draw(st.booleans()) else {"input": shape}
    return draw(optional(arguments, p=st.sampled_from((2.0, 1, 2, float("inf"))), eps=EPS))  # type: ignore[no-any-return]


#: The samplers, by name: those that `register` has entered.
FUNCTIONS = FUNCTION_SAMPLERS

for name in ("relu", "relu6", "selu", "silu", "mish", "hardswish", "hardsigmoid"):
    register(name, on_any_shape(**INPLACE), **WILD_INPLACE)
for name in ("relu_", "selu_", "sigmoid", "sigmoid_", "tanh", "tanh_", "softsign", "tanhshrink", "logsigmoid"):
    register(name, on_any_shape())
for name in ("elu", "celu"):
    register(name, on_any_shape(alpha=REAL, **INPLACE), alpha=WILD_REAL, **WILD_INPLACE)
    register(f"{name}_", on_any_shape(alpha=REAL), alpha=WILD_REAL)
register("leaky_relu", on_any_shape(negative_slope=REAL, **INPLACE), negative_slope=WILD_REAL, **WILD_INPLACE)
register("leaky_relu_", on_any_shape(negative_slope=REAL), negative_slope=WILD_REAL)
register("gelu", on_any_shape(approximate=st.sampled_from(("none", "tanh"))), approximate=st.sampled_from(("Tanh", None, 1)))
register("hardtanh", bounds(), min_val=WILD_REAL, max_val=WILD_REAL, **WILD_INPLACE)
register("hardtanh_", bounds(in_place=True), min_val=WILD_REAL, max_val=WILD_REAL)
register("softplus", on_any_shape(beta=REAL, threshold=REAL), beta=WILD_REAL, threshold=WILD_REAL)
for name in ("hardshrink", "softshrink"):
    register(name, on_any_shape(lambd=REAL), lambd=WILD_REAL)
register("threshold", thresholds(), threshold=WILD_REAL, value=WILD_REAL, **WILD_INPLACE)
register("threshold_", thresholds(in_place=True), threshold=WILD_REAL, value=WILD_REAL)
FINITE = WILD_REAL.filter(lambda value: value != float("inf"))
register("rrelu", random_slopes(), lower=WILD_REAL, upper=WILD_REAL, training=WILD_TRAINING, **WILD_INPLACE)
register("rrelu_", random_slopes(in_place=True), lower=FINITE, upper=FINITE, training=WILD_TRAINING)
register("prelu", with_slopes())
for name in ("softmax", "log_softmax", "softmin"):
    register(name, along(softmaxes()), dim=WILD_DIM)
register("gumbel_softmax", gumbels(), dim=WILD_DIM)
register("glu", along(halvings()), dim=WILD_DIM)
PROBABILITY = st.sampled_from((0, 1, 0.5, True, 0.2))
for name in ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"):
    shapes = st.lists(SHORT, min_size=2, max_size=3).map(tuple) if name == "dropout1d" else ANY_SHAPE
    valid = st.fixed_dictionaries(
        {"input": shapes}, optional={"p": PROBABILITY, "training": st.just(value=False), **INPLACE}
    ).filter(lambda case, name=name: "training" in case or len(case["input"]) > 1 or "alpha" in name or name == "dropout")
    register(name, valid, p=WILD_REAL, training=WILD_TRAINING, **WILD_INPLACE)
register("batch_norm", batch_norms(), training=WILD_TRAINING, eps=WILD_EPS, momentum=WILD_EPS)
register("instance_norm", instance_norms(), use_input_stats=WILD_TRAINING, eps=WILD_EPS, momentum=WILD_EPS)
WILD_OVER = st.sampled_from(((4,), [3], (), 4, "4", (2.0,), (True,), None, (-1,)))
register("layer_norm", last_axes(bias=True), normalized_shape=WILD_OVER, eps=WILD_EPS)
register("rms_norm", last_axes(bias=False), normalized_shape=WILD_OVER, eps=WILD_EPS)
register("group_norm", group_norms(), num_groups=st.sampled_from((0, 1, 2, 3, -1, 2.0, True, None)), eps=WILD_EPS)
register(
    "local_response_norm",
    response_norms(),
    size=st.sampled_from((0, 1, 2, -1, 2.0, True, None)),
    alpha=WILD_EPS,
    beta=WILD_EPS,
    k=WILD_EPS,
)
register(
    "normalize",
    unit_norms(),
    p=st.sampled_from((2, 0, -1, float("inf"), None, "fro", "x")),
    dim=st.sampled_from((0, 1, -1, 5, (0, 0), (), None, True, 1.0)),
    eps=WILD_EPS,
)
