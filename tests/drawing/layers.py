"""A sampler for every layer class: valid calls drawn constructively, and wild values for each argument."""

from __future__ import annotations

import inspect
from typing import Any

from hypothesis import strategies as st

from cnncalc.layers import named
from drawing import activations, attentions, norms, recurrences, resampling, resizing, similarities, tables
from drawing.calls import (
    WILD_FLAG,
    WILD_SMALL,
    WILD_WHOLE,
    Sampler,
    lead,
    one_or_per_axis,
    optional,
    wild_per_axis,
)
from drawing.resizing import transposed_convolutions, wild_output_sizes

SAMPLERS: dict[str, Sampler] = {}


def register(name: str, valid: st.SearchStrategy[Any], wild: dict[str, st.SearchStrategy[Any]]) -> None:
    """Enter the sampler of a class."""
    SAMPLERS[name] = Sampler(name, valid, wild, inspect.signature(named(name).__init__))


@st.composite
def convolutions(draw: Any, axes: int, *, lazy: bool = False) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Arguments of a convolution and an input it accepts."""
    groups = draw(st.sampled_from((1, 1, 1, 2, 3)))
    channels = groups * draw(st.integers(1, 3))
    per_axis = st.lists(st.integers(1, 3), min_size=axes, max_size=axes)
    kernel = draw(st.lists(st.integers(1, 4), min_size=axes, max_size=axes))
    stride, dilation = draw(per_axis), draw(per_axis)
    padding: Any = draw(st.one_of(st.lists(st.integers(0, 3), min_size=axes, max_size=axes), st.sampled_from(("same", "valid"))))
    mode = draw(st.sampled_from(("zeros", "zeros", "zeros", "reflect", "replicate", "circular")))
    if padding == "same":
        stride = [1] * axes
        amounts = [-(-d * (k - 1) // 2) for k, d in zip(kernel, dilation, strict=True)]
        room = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    else:
        amounts = [0] * axes if padding == "valid" else padding
        room = [2 * p for p in amounts]
    space = []
    for k, d, p, total in zip(kernel, dilation, amounts, room, strict=True):
        least = max(1, d * (k - 1) + 1 - total, {"reflect": p + 1, "circular": p}.get(mode, 1))
        space.append(least + draw(st.integers(0, 3)))
    arguments: dict[str, Any] = {} if lazy else {"in_channels": channels}
    arguments["out_channels"] = groups * draw(st.integers(1, 3))
    arguments["kernel_size"] = draw(one_or_per_axis(kernel))
    for name, values in (("stride", stride), ("dilation", dilation)):
        if values != [1] * axes or draw(st.booleans()):
            arguments[name] = draw(one_or_per_axis(values))
    if isinstance(padding, str):
        arguments["padding"] = padding
    elif padding != [0] * axes or draw(st.booleans()):
        arguments["padding"] = draw(one_or_per_axis(padding))
    if groups != 1 or draw(st.booleans()):
        arguments["groups"] = groups
    if mode != "zeros" or draw(st.booleans()):
        arguments["padding_mode"] = mode
    if draw(st.booleans()):
        arguments["bias"] = draw(st.booleans())
    return arguments, (*draw(lead(channels)), *space)


@st.composite
def pools(draw: Any, axes: int, *, kind: str) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Arguments of a pool and an input it accepts."""
    kernel = draw(st.lists(st.integers(1, 4), min_size=axes, max_size=axes))
    padding = [draw(st.integers(0, k // 2)) for k in kernel]
    stride = draw(st.lists(st.integers(1, 4), min_size=axes, max_size=axes))
    dilation = draw(st.lists(st.integers(1, 3), min_size=axes, max_size=axes)) if kind == "max" else [1] * axes
    if kind == "avg" and axes == 3:
        least = kernel  # torch asks more of a 3-D average: see AvgPool3d
    else:
        least = [max(1, d * (k - 1) + 1 - 2 * p) for k, p, d in zip(kernel, padding, dilation, strict=True)]
    space = [n + draw(st.integers(0, 4)) for n in least]
    arguments: dict[str, Any] = {"kernel_size": draw(one_or_per_axis(kernel))}
    if draw(st.booleans()):
        arguments["stride"] = draw(st.one_of(one_or_per_axis(stride), st.none()))
    if padding != [0] * axes or draw(st.booleans()):
        arguments["padding"] = draw(one_or_per_axis(padding))
    if kind == "max":
        if dilation != [1] * axes or draw(st.booleans()):
            arguments["dilation"] = draw(one_or_per_axis(dilation))
        draw(optional(arguments, return_indices=st.booleans()))
    else:
        draw(optional(arguments, count_include_pad=st.booleans()))
        if axes > 1:
            draw(optional(arguments, divisor_override=st.sampled_from((None, 3))))
    draw(optional(arguments, ceil_mode=st.booleans()))
    return arguments, (*draw(lead(draw(st.integers(1, 3)))), *space)


@st.composite
def adaptive_pools(draw: Any, axes: int) -> tuple[dict[str, Any], tuple[int, ...]]:
    """An output size, None among it, and any input."""
    space = [draw(st.integers(1, 9)) for _ in range(axes)]
    sizes = draw(
        st.one_of(
            st.integers(1, 6),
            st.tuples(*(st.one_of(st.integers(1, 6), *([st.none()] if axes > 1 else [])) for _ in range(axes))),
            st.just((1,) * axes),
        )
    )
    return {"output_size": sizes}, (*draw(lead(draw(st.integers(1, 3)))), *space)


@st.composite
def linears(draw: Any, *, lazy: bool = False) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Features, and an input that ends in that many."""
    features = draw(st.integers(1, 5))
    arguments: dict[str, Any] = {} if lazy else {"in_features": features}
    arguments["out_features"] = draw(st.integers(1, 5))
    leading = draw(st.lists(st.integers(0, 3), max_size=3))
    return draw(optional(arguments, bias=st.booleans())), (*leading, features)


@st.composite
def flattens(draw: Any) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Two axes in order, counted from either end."""
    shape = tuple(draw(st.lists(st.integers(0, 4), min_size=2, max_size=5)))
    start = draw(st.integers(0, len(shape) - 1))
    end = draw(st.integers(start, len(shape) - 1))
    signed = [axis - len(shape) if draw(st.booleans()) else axis for axis in (start, end)]
    arguments = dict(zip(("start_dim", "end_dim"), signed, strict=True))
    return draw(st.sampled_from((arguments, {"start_dim": start - len(shape)}, {}))), shape


@st.composite
def unflattens(draw: Any) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Sizes, one of which may be −1, and an axis that they make up."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    total = 1
    for size in sizes:
        total *= size
    shape = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    axis = draw(st.integers(0, len(shape) - 1))
    shape[axis] = total
    if draw(st.booleans()):
        sizes[draw(st.integers(0, len(sizes) - 1))] = -1
    dim = axis - len(shape) if draw(st.booleans()) else axis
    return {"dim": dim, "unflattened_size": draw(st.sampled_from((tuple(sizes), sizes)))}, tuple(shape)


WILD_PADDING_TEXT = st.sampled_from(("same", "valid", "Same", "SAME", "full", ""))
WILD_MODE = st.sampled_from(("zeros", "reflect", "replicate", "circular", "constant", "Zeros", "", None, 0))

for axes in (1, 2, 3):
    conv_wild = {
        "out_channels": WILD_SMALL,
        "kernel_size": wild_per_axis(axes),
        "stride": wild_per_axis(axes),
        "padding": st.one_of(wild_per_axis(axes), WILD_PADDING_TEXT),
        "dilation": wild_per_axis(axes),
        "groups": WILD_SMALL,
        "bias": WILD_FLAG,
        "padding_mode": WILD_MODE,
    }
    register(f"Conv{axes}d", convolutions(axes), {"in_channels": WILD_SMALL, **conv_wild})
    register(f"LazyConv{axes}d", convolutions(axes, lazy=True), conv_wild)
    transposed_wild = conv_wild | {"output_padding": wild_per_axis(axes), "call": wild_output_sizes(axes)}
    register(f"ConvTranspose{axes}d", transposed_convolutions(axes), {"in_channels": WILD_SMALL, **transposed_wild})
    register(f"LazyConvTranspose{axes}d", transposed_convolutions(axes, lazy=True), transposed_wild)
    pool_wild = {"kernel_size": wild_per_axis(axes), "padding": wild_per_axis(axes), "ceil_mode": WILD_FLAG}
    pool_wild["stride"] = st.one_of(wild_per_axis(axes), st.none())
    register(
        f"MaxPool{axes}d",
        pools(axes, kind="max"),
        pool_wild | {"dilation": wild_per_axis(axes), "return_indices": WILD_FLAG},
    )
    avg_wild = pool_wild | {"count_include_pad": WILD_FLAG}
    if axes > 1:
        avg_wild["divisor_override"] = st.one_of(st.integers(-2, 3), st.none())
    register(f"AvgPool{axes}d", pools(axes, kind="avg"), avg_wild)
    output_sizes = st.one_of(
        wild_per_axis(axes),
        st.lists(st.one_of(st.integers(0, 4), st.none()), max_size=axes + 1).map(tuple),
    )
    register(f"AdaptiveAvgPool{axes}d", adaptive_pools(axes), {"output_size": output_sizes})
register("Linear", linears(), {"in_features": WILD_SMALL, "out_features": WILD_SMALL, "bias": WILD_FLAG})
register("LazyLinear", linears(lazy=True), {"out_features": WILD_SMALL, "bias": WILD_FLAG})
register("Unflatten", unflattens(), {"dim": WILD_WHOLE, "unflattened_size": wild_per_axis(3)})
register("Flatten", flattens(), {"start_dim": WILD_WHOLE, "end_dim": WILD_WHOLE})
for drawn in (activations, norms, resampling, resizing, tables, recurrences, attentions, similarities):
    for sample in drawn.SAMPLES:
        register(*sample)
