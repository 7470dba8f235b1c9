"""Valid calls of norms, and wild values for their arguments."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from drawing.calls import WILD_FLAG, WILD_SMALL, WILD_WHOLE, optional

EPS = st.sampled_from((1e-5, 1e-3, 1, True))
MOMENTUM = st.sampled_from((0.1, None, 0.5, 1))
WILD_REAL = st.sampled_from((0, 0.0, -1, -1e-5, 1, None, "x", float("nan"), (1,)))
SHORT = st.integers(1, 4)


@st.composite
def batch_norms(draw: Any, ranks: tuple[int, ...], *, lazy: bool = False) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Features, and an input of that many channels with more than one value each; it may be empty but for the channels."""
    features = draw(SHORT)
    rank = draw(st.sampled_from(ranks))
    shape = (draw(st.integers(2, 3)), features, *(draw(SHORT) for _ in range(rank - 2)))
    if draw(st.integers(0, 5)) == 0:
        place = draw(st.sampled_from([axis for axis in range(rank) if axis != 1]))
        shape = (*shape[:place], 0, *shape[place + 1 :])
    arguments = draw(
        optional(
            {} if lazy else {"num_features": features},
            eps=EPS,
            momentum=MOMENTUM,
            affine=st.booleans(),
            track_running_stats=st.booleans(),
            bias=st.booleans(),
        )
    )
    return arguments, shape


@st.composite
def instance_norms(draw: Any, axes: int, *, lazy: bool = False) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Features, and an input of that many channels with more than one cell of space."""
    features = draw(SHORT)
    space = [draw(SHORT) for _ in range(axes - 1)] + [draw(st.integers(2, 4))]
    arguments = draw(
        optional(
            {} if lazy else {"num_features": features},
            eps=EPS,
            momentum=MOMENTUM,
            affine=st.booleans(),
            track_running_stats=st.booleans(),
            bias=st.booleans(),
        )
    )
    samples = draw(st.sampled_from(((1,), (2,), (2,))))
    if not lazy and draw(st.booleans()):
        samples = draw(st.sampled_from(((), () if arguments.get("affine") else (0,))))
    return arguments, (*samples, features, *draw(st.permutations(space)))


@st.composite
def group_norms(draw: Any) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Groups that divide the channels, and an input of that many."""
    groups = draw(st.integers(1, 3))
    channels = groups * draw(st.integers(1, 3))
    arguments = draw(
        optional({"num_groups": groups, "num_channels": channels}, eps=EPS, affine=st.booleans(), bias=st.booleans())
    )
    shape = (draw(st.sampled_from((0, 2, 3))), channels, *draw(st.lists(SHORT, max_size=3)))
    return arguments, shape


@st.composite
def last_axes(draw: Any, *, bias: bool) -> tuple[dict[str, Any], tuple[int, ...]]:
    """The lengths of the last axes, and an input that ends in them."""
    over = draw(st.lists(st.integers(0, 4), min_size=1, max_size=3))
    given = draw(st.sampled_from((tuple(over), list(over), over[0] if len(over) == 1 else tuple(over))))
    choices: dict[str, Any] = {"eps": EPS, "elementwise_affine": st.booleans()}
    if bias:
        choices["bias"] = st.booleans()
    arguments = draw(optional({"normalized_shape": given}, **choices))
    return arguments, (*draw(st.lists(st.integers(0, 3), max_size=3)), *over)


@st.composite
def response_norms(draw: Any, *, ranks: tuple[int, ...]) -> tuple[dict[str, Any], tuple[int, ...]]:
    """A number of channels, and an image."""
    rank = draw(st.sampled_from(ranks))
    shape = (draw(st.integers(0, 2)), draw(st.integers(1, 7)), *(draw(st.integers(1, 3)) for _ in range(rank - 2)))
    reals = st.sampled_from((1e-4, 0.75, 1, 2.0))
    return draw(optional({"size": draw(st.integers(1, 9))}, alpha=reals, beta=reals, k=reals)), shape


LAZY_WILD = {"eps": WILD_REAL, "momentum": WILD_REAL, "affine": WILD_FLAG, "track_running_stats": WILD_FLAG, "bias": WILD_FLAG}
WILD = {"num_features": WILD_WHOLE, **LAZY_WILD}
WILD_SHAPE = st.one_of(
    st.lists(st.integers(-1, 4), max_size=3).map(tuple),
    st.lists(st.integers(1, 4), max_size=2),
    st.sampled_from((True, (True,), 2.0, (2.0,), "3", None, -1, 0)),
)
OVER_WILD = {"normalized_shape": WILD_SHAPE, "eps": WILD_REAL, "elementwise_affine": WILD_FLAG}
RESPONSE_WILD = {"size": WILD_SMALL, "alpha": WILD_REAL, "beta": WILD_REAL, "k": WILD_REAL}

#: Class, valid calls, wild values: for the samplers of layers.
SAMPLES = (
    *((f"BatchNorm{axes}d", batch_norms((2, 3) if axes == 1 else (axes + 2,)), WILD) for axes in (1, 2, 3)),
    *((f"LazyBatchNorm{axes}d", batch_norms((2, 3) if axes == 1 else (axes + 2,), lazy=True), LAZY_WILD) for axes in (1, 2, 3)),
    ("SyncBatchNorm", batch_norms((2, 3, 4, 5, 6)), WILD),
    *((f"InstanceNorm{axes}d", instance_norms(axes), WILD) for axes in (1, 2, 3)),
    *((f"LazyInstanceNorm{axes}d", instance_norms(axes, lazy=True), LAZY_WILD) for axes in (1, 2, 3)),
    (
        "GroupNorm",
        group_norms(),
        {"num_groups": WILD_SMALL, "num_channels": WILD_SMALL, "eps": WILD_REAL, "affine": WILD_FLAG, "bias": WILD_FLAG},
    ),
    ("LayerNorm", last_axes(bias=True), {**OVER_WILD, "bias": WILD_FLAG}),
    ("RMSNorm", last_axes(bias=False), OVER_WILD),
    ("LocalResponseNorm", response_norms(ranks=(3, 4, 5, 6)), RESPONSE_WILD),
    ("CrossMapLRN2d", response_norms(ranks=(4,)), RESPONSE_WILD),
)
