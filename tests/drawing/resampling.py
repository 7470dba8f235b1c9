"""Valid calls of resampling: a mode that fits the axes, and a size or a scale that leaves something."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import strategies as st

from drawing.calls import WRONG_TYPES, FunctionCase, wild_shape

MODES = {
    1: ("nearest", "nearest-exact", "area", "linear"),
    2: ("nearest", "nearest-exact", "area", "bilinear", "bicubic"),
    3: ("nearest", "nearest-exact", "area", "trilinear"),
}
SCALES = (2, 3, 2.0, 0.5, 0.25, 1.5, 0.75, 1, 1.0, 0.29, 0.6, 1 / 3, 0.1, 2.2, 1.05, 7 / 3, 0.9)
WILD_SIZE = st.one_of(
    st.integers(-1, 6),
    st.none(),
    st.sampled_from((True, 2.0, "3", b"2", {})),
    st.lists(st.integers(-1, 5), max_size=4),
    st.lists(st.integers(1, 5), max_size=4).map(tuple),
    st.tuples(st.integers(1, 4), st.sampled_from((*WRONG_TYPES, True))),
)
WILD_SCALE = st.one_of(
    st.sampled_from((*SCALES, -1.0, 0, 0.0, True, False, float("nan"), float("inf"), 1e300, None)),
    st.sampled_from(("2", "x", b"2", (), {}, [2, 2], (2, "2"), (2, None), (2.0, float("nan")))),
    st.lists(st.sampled_from(SCALES), max_size=4).map(tuple),
)
WILD_MODE = st.sampled_from((*MODES[2], *MODES[3], "linear", "lanczos", "cubic", "Nearest", "", None, 1, ("nearest",)))
WILD_ALIGNMENT = st.sampled_from((True, False, None, 1, 0, "x", 1.0))
WILD_FLAG = st.sampled_from((True, False, None, 1, 0, "x"))
WILD_ARGUMENTS = {
    "size": WILD_SIZE,
    "scale_factor": WILD_SCALE,
    "mode": WILD_MODE,
    "align_corners": WILD_ALIGNMENT,
    "recompute_scale_factor": WILD_FLAG,
}


@st.composite
def resamplings(
    draw: Any, *, axes: tuple[int, ...] = (1, 2, 3), modes: tuple[str, ...] = (), antialias: bool = False
) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Arguments of `interpolate` and an input; with `modes` given, without the arguments behind the scale."""
    count = draw(st.sampled_from(axes))
    mode = draw(st.sampled_from(modes or MODES[count]))
    longest = {1: 20, 2: draw(st.sampled_from((7, 7, 70))), 3: 4}[count]
    space = [draw(st.integers(1, longest)) for _ in range(count)]
    arguments: dict[str, Any] = {}
    if draw(st.booleans()):
        wanted = [draw(st.integers(1, 2 * longest)) for _ in range(count)]
        arguments["size"] = draw(st.sampled_from((wanted[0], wanted, tuple(wanted))))
    else:
        scales = [draw(st.sampled_from([s for s in SCALES if int(n * s) >= 1])) for n in space]
        if count > 1 and draw(st.booleans()):
            scales = [draw(st.sampled_from([s for s in SCALES if int(min(space) * s) >= 1]))] * count
        arguments["scale_factor"] = scales[0] if len(set(scales)) == 1 and draw(st.booleans()) else tuple(scales)
        if not modes and draw(st.booleans()):
            arguments["recompute_scale_factor"] = draw(st.sampled_from((True, False, None)))
    if not modes:
        if mode != "nearest" or draw(st.booleans()):
            arguments["mode"] = mode
        if "linear" in mode or "cubic" in mode:
            arguments["align_corners"] = draw(st.sampled_from((True, False, None)))
        if antialias and mode in {"bilinear", "bicubic"} and draw(st.booleans()):
            arguments["antialias"] = True
            space = [n + 1 for n in space]  # with one column, torch gives every row the weights of the first
    return arguments, (*draw(st.sampled_from(((1, 2), (2, 1), (1, 3), (0, 2)))), *space)


#: Class, valid calls, wild values: for the samplers of layers.
SAMPLES = (
    ("Upsample", resamplings(), WILD_ARGUMENTS),
    ("UpsamplingNearest2d", resamplings(modes=("nearest",)), {"size": WILD_SIZE, "scale_factor": WILD_SCALE}),
    (
        "UpsamplingBilinear2d",
        resamplings(axes=(2,), modes=("bilinear",)),
        {"size": WILD_SIZE, "scale_factor": WILD_SCALE},
    ),
)


@st.composite
def interpolations(draw: Any, *, wild: bool, name: str = "interpolate") -> FunctionCase:
    """Calls of `interpolate` and of its old names."""
    known: dict[str, Any] = {"modes": ("nearest",)} if name == "upsample_nearest" else {}
    if name == "upsample_bilinear":
        known = {"axes": (2,), "modes": ("bilinear",)}
    arguments, shape = draw(resamplings(antialias=name == "interpolate", **known))
    if name != "interpolate":
        arguments.pop("recompute_scale_factor", None)
    may_be = {"size", "scale_factor"} | ({"mode", "align_corners"} if not known else set())
    if name == "interpolate":
        may_be = {*WILD_ARGUMENTS, "antialias"}
    if wild:
        for argument in draw(st.lists(st.sampled_from(("shape", *sorted(may_be))), max_size=2)):
            if argument == "shape":
                shape = draw(wild_shape(shape))
            else:
                # Text and bytes as a scale are refused by torch after it has multiplied with them; so are wrong types as sizes.
                arguments[argument] = draw((WILD_ARGUMENTS | {"antialias": WILD_FLAG})[argument])
    return FunctionCase(name, (shape,), arguments)


FUNCTIONS = {
    name: partial(interpolations, name=name) for name in ("interpolate", "upsample", "upsample_nearest", "upsample_bilinear")
}
