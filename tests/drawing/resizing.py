"""Valid calls of layers that make axes longer or lay them out anew: transposed convolutions, unpooling, padding, folding."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from drawing.calls import WILD_FLAG, WILD_SMALL, lead, one_or_per_axis, wild_per_axis


def per_axis(axes: int, low: int, high: int) -> st.SearchStrategy[list[int]]:
    """A whole number for each axis."""
    return st.lists(st.integers(low, high), min_size=axes, max_size=axes)


@st.composite
def transposed_convolutions(draw: Any, axes: int, *, lazy: bool = False) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Arguments of a transposed convolution and an input it accepts, sometimes with the output_size of the call."""
    groups = draw(st.sampled_from((1, 1, 1, 2, 3)))
    channels = groups * draw(st.integers(1, 3))
    kernel, stride, dilation = draw(per_axis(axes, 1, 4)), draw(per_axis(axes, 1, 3)), draw(per_axis(axes, 1, 3))
    space = draw(per_axis(axes, 1, 4 if axes < 3 else 3))
    padding, more = [], []
    for n, k, s, d in zip(space, kernel, stride, dilation, strict=True):
        longest = (n - 1) * s + d * (k - 1) + 1
        padding.append(draw(st.integers(0, min(3, (longest - 1) // 2))))
        more.append(draw(st.integers(0, max(s, d) - 1)))
    arguments: dict[str, Any] = {} if lazy else {"in_channels": channels}
    arguments["out_channels"] = groups * draw(st.integers(1, 3))
    arguments["kernel_size"] = draw(one_or_per_axis(kernel))
    shape = (*draw(lead(channels)), *space)
    sized = draw(st.booleans())
    for name, values, default in (
        ("stride", stride, 1),
        ("padding", padding, 0),
        ("dilation", dilation, 1),
        ("output_padding", more, 0),
    ):
        if values != [default] * axes or draw(st.booleans()):
            # Only F.conv_transpose spreads a tuple of one, and with output_size torch reads the tuple before it gets there.
            arguments[name] = draw(one_or_per_axis(values))
    if sized:
        sizes = [
            (n - 1) * s - 2 * p + d * (k - 1) + 1 + draw(st.integers(0, s - 1))
            for n, s, p, d, k in zip(space, stride, padding, dilation, kernel, strict=True)
        ]
        before = shape[:-axes] if draw(st.booleans()) else ()
        arguments["call"] = {"output_size": draw(st.sampled_from((tuple, list)))((*before, *sizes))}
    if groups != 1 or draw(st.booleans()):
        arguments["groups"] = groups
    if draw(st.booleans()):
        arguments["padding_mode"] = "zeros"
    if draw(st.booleans()):
        arguments["bias"] = draw(st.booleans())
    if lazy and arguments.get("bias") is False:
        # Nobody checks that groups divide the channels of these: the rest is dropped.
        arguments["out_channels"] += draw(st.integers(0, groups - 1))
    return arguments, shape


def wild_output_sizes(axes: int) -> st.SearchStrategy[dict[str, Any]]:
    """Anything for the output_size of a call."""
    sizes = st.one_of(
        st.none(),
        st.integers(-1, 9),
        st.lists(st.integers(-1, 12), max_size=axes + 3).map(tuple),
        st.lists(st.integers(1, 9), min_size=axes, max_size=axes),
        st.lists(st.sampled_from((1, 3, 2.0, "3", None)), min_size=axes, max_size=axes).map(tuple),
    )
    return st.fixed_dictionaries({"output_size": sizes})


@st.composite
def pads(draw: Any, axes: int, mode: str) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Amounts for every end, some of them negative, and an input that they fit."""
    space = draw(per_axis(axes, 1, 5))
    amounts: list[int] = []
    for n in reversed(space):
        most = {"Reflection": n - 1, "Circular": n}.get(mode, 4)
        before = draw(st.integers(-n + 1, most))
        low = max(-n + 1, 1 - n - before)
        if mode == "Circular" and before > 0:
            low = max(low, before - n)
        high = most if before >= 0 or mode != "Circular" else min(most, n + before)
        amounts += [before, draw(st.integers(low, max(low, high)))]
    arguments: dict[str, Any] = {"padding": draw(one_or_per_axis(amounts))}
    if isinstance(arguments["padding"], (tuple, list)) and len(arguments["padding"]) != 2 * axes:
        arguments["padding"] = tuple(amounts)
    if mode == "Constant":
        arguments["value"] = draw(st.sampled_from((0, 1.5, -1, True)))
    shape = (*draw(lead(draw(st.integers(1, 3)))), *space)
    if mode in {"Constant", "Zero"}:
        shape = draw(st.sampled_from((shape, shape, tuple(space), (2, *shape))))
    return arguments, shape


@st.composite
def folded(draw: Any, *, back: bool) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Arguments of Unfold, or of Fold, and an input."""
    kernel, stride, dilation = draw(per_axis(2, 1, 3)), draw(per_axis(2, 1, 3)), draw(per_axis(2, 1, 2))
    padding = draw(per_axis(2, 0, 2))
    space, places = [], 1
    for k, s, d, p in zip(kernel, stride, dilation, padding, strict=True):
        n = max(1, d * (k - 1) + 1 - 2 * p) + draw(st.integers(0, 4))
        space.append(n)
        places *= (n + 2 * p - d * (k - 1) - 1) // s + 1
    arguments: dict[str, Any] = {"output_size": draw(two(space))} if back else {}
    arguments["kernel_size"] = draw(two(kernel))
    for name, values, default in (("dilation", dilation, 1), ("padding", padding, 0), ("stride", stride, 1)):
        if values != [default] * 2 or draw(st.booleans()):
            arguments[name] = draw(two(values))
    channels = draw(st.integers(1, 3))
    if back:
        return arguments, (*draw(lead(channels * kernel[0] * kernel[1])), places)
    return arguments, (*draw(lead(channels)), *space)


def two(values: list[int]) -> st.SearchStrategy[Any]:
    """Two values as a tuple or a list, or one number where they are equal; Fold takes no tuple of one."""
    forms: list[Any] = [tuple(values), list(values)]
    return st.sampled_from([*forms, values[0]] if values[0] == values[1] else forms)


@st.composite
def shuffles(draw: Any, name: str, *, up: bool) -> tuple[dict[str, Any], tuple[int, ...]]:
    """A factor and an input that it divides, with any axes before the channels."""
    r = draw(st.integers(1, 3))
    channels = draw(st.integers(0, 3)) * (r * r if up else 1)
    space = [draw(st.integers(0, 3)) * (1 if up else r) for _ in range(2)]
    return {name: r}, (*draw(st.lists(st.integers(0, 2), max_size=2)), channels, *space)


@st.composite
def channel_shuffles(draw: Any) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Groups that divide the channels."""
    g = draw(st.integers(1, 4))
    return {"groups": g}, (
        draw(st.integers(0, 2)),
        g * draw(st.integers(0, 3)),
        *draw(st.lists(st.integers(0, 3), min_size=1, max_size=3)),
    )


@st.composite
def power_pools(draw: Any, axes: int) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Arguments of a power-mean pool and an input it accepts; in one dimension the kernel is a number."""
    kernel, stride = draw(per_axis(axes, 1, 4)), draw(per_axis(axes, 1, 4))
    arguments: dict[str, Any] = {"norm_type": draw(st.sampled_from((1, 2, 1.5, -1.0, float("inf"), float("-inf"))))}
    arguments["kernel_size"] = kernel[0] if axes == 1 else draw(one_or_per_axis(kernel))
    if draw(st.booleans()):
        arguments["stride"] = draw(st.one_of(one_or_per_axis(stride), st.none()))
    if draw(st.booleans()):
        arguments["ceil_mode"] = draw(st.booleans())
    return arguments, (*draw(lead(draw(st.integers(1, 3)))), *(k + draw(st.integers(0, 4)) for k in kernel))


@st.composite
def adaptive_max_pools(draw: Any, axes: int) -> tuple[dict[str, Any], tuple[int, ...]]:
    """An output size, in two and three dimensions None among it, and any input."""
    size = st.one_of(st.integers(1, 6), *([st.none()] if axes > 1 else []))
    arguments: dict[str, Any] = {"output_size": draw(st.one_of(st.integers(1, 6), st.tuples(*[size] * axes)))}
    if draw(st.booleans()):
        arguments["return_indices"] = draw(st.booleans())
    return arguments, (*draw(lead(draw(st.integers(1, 3)))), *draw(per_axis(axes, 1, 9 if axes < 3 else 5)))


@st.composite
def fractional_pools(draw: Any, axes: int) -> tuple[dict[str, Any], tuple[int, ...]]:
    """A kernel with an output size or a share, and an input that is large enough."""
    kernel = draw(per_axis(axes, 1, 3))
    arguments: dict[str, Any] = {"kernel_size": draw(one_or_per_axis(kernel))}
    if draw(st.booleans()):
        sizes = draw(per_axis(axes, 1, 4))
        arguments["output_size"] = draw(one_or_per_axis(sizes))
        space = [m + k - 1 + (axes == 3) + draw(st.integers(0, 3)) for m, k in zip(sizes, kernel, strict=True)]
    else:
        ratios = [draw(st.sampled_from((0.5, 0.7, 0.29, 0.34))) for _ in range(axes)]
        arguments["output_ratio"] = ratios[0] if len(set(ratios)) == 1 else draw(st.sampled_from((tuple(ratios), ratios)))
        space = [draw(st.integers(10, 12)) for _ in ratios]
    if draw(st.booleans()):
        arguments["return_indices"] = draw(st.booleans())
    return arguments, (*draw(lead(draw(st.integers(1, 3)))), *space)


@st.composite
def unpools(draw: Any, axes: int) -> tuple[dict[str, Any], Any]:
    """Arguments of an unpool, the shape of input and indices, sometimes with the output_size of the call."""
    kernel, stride = draw(per_axis(axes, 1, 4)), draw(per_axis(axes, 1, 4))
    space = draw(per_axis(axes, 1, 4))
    arguments: dict[str, Any] = {"kernel_size": draw(one_or_per_axis(kernel))}
    if draw(st.booleans()):
        arguments["stride"] = draw(one_or_per_axis(stride))
    else:
        stride = kernel
        arguments |= draw(st.sampled_from(({}, {"stride": None})))
    usual = [(n - 1) * s + k for n, s, k in zip(space, stride, kernel, strict=True)]
    padding = [draw(st.integers(0, (m - 1) // 2)) for m in usual]
    if any(padding) or draw(st.booleans()):
        arguments["padding"] = draw(one_or_per_axis(padding))
    shape = (*draw(lead(draw(st.integers(1, 3)))), *space)
    if draw(st.booleans()):
        wanted = [
            draw(st.integers(max(1, m - 2 * p - s + 1), m - 2 * p + s - 1))
            for m, p, s in zip(usual, padding, stride, strict=True)
        ]
        before = (1, 1) if draw(st.booleans()) else ()
        arguments["call"] = {"output_size": draw(st.sampled_from((tuple, list)))((*before, *wanted))}
    return arguments, (shape, shape)


#: Name, valid calls, wild values for each argument.
SAMPLES: list[tuple[str, st.SearchStrategy[Any], dict[str, st.SearchStrategy[Any]]]] = [
    ("Unfold", folded(back=False), {name: wild_per_axis(2) for name in ("kernel_size", "dilation", "padding", "stride")}),
    (
        "Fold",
        folded(back=True),
        {name: wild_per_axis(2) for name in ("output_size", "kernel_size", "dilation", "padding", "stride")},
    ),
    ("PixelShuffle", shuffles("upscale_factor", up=True), {"upscale_factor": WILD_SMALL}),
    ("PixelUnshuffle", shuffles("downscale_factor", up=False), {"downscale_factor": WILD_SMALL}),
    ("ChannelShuffle", channel_shuffles(), {"groups": WILD_SMALL}),
]
for _axes in (1, 2, 3):
    for _kind in ("Constant", "Zero", "Reflection", "Replication", "Circular"):
        _wild: dict[str, st.SearchStrategy[Any]] = {
            "padding": st.one_of(wild_per_axis(2 * _axes), st.lists(st.integers(-3, 3), max_size=8).map(tuple))
        }
        if _kind == "Constant":
            _wild["value"] = st.sampled_from((0, 2.5, "1", None, True, b"", (1,)))
        SAMPLES.append((f"{_kind}Pad{_axes}d", pads(_axes, _kind), _wild))
    _spread = wild_per_axis(_axes)
    SAMPLES.append(
        (
            f"LPPool{_axes}d",
            power_pools(_axes),
            {
                "norm_type": st.sampled_from((0, 1, 2.5, -1, float("inf"), float("nan"), True, None)),
                "kernel_size": _spread,
                "stride": st.one_of(_spread, st.none()),
                "ceil_mode": WILD_FLAG,
            },
        )
    )
    _sizes = st.one_of(_spread, st.lists(st.one_of(st.integers(0, 4), st.none()), max_size=_axes + 1).map(tuple))
    SAMPLES.append((f"AdaptiveMaxPool{_axes}d", adaptive_max_pools(_axes), {"output_size": _sizes, "return_indices": WILD_FLAG}))
    SAMPLES.append(
        (
            f"MaxUnpool{_axes}d",
            unpools(_axes),
            {
                "kernel_size": _spread,
                "stride": st.one_of(_spread, st.none()),
                "padding": _spread,
                "call": wild_output_sizes(_axes),
            },
        )
    )
    if _axes > 1:
        _shares = st.one_of(
            st.sampled_from((0.5, 0.99, 1.0, 0, -0.5, None, "0.5")), st.lists(st.sampled_from((0.5, 0.25, 1)), max_size=4)
        )
        SAMPLES.append(
            (
                f"FractionalMaxPool{_axes}d",
                fractional_pools(_axes),
                {
                    "kernel_size": _spread,
                    "output_size": st.one_of(_spread, st.none()),
                    "output_ratio": _shares,
                    "return_indices": WILD_FLAG,
                },
            )
        )
