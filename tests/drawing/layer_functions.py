"""Samplers for the functions that do what a layer does: a layer's case, its arguments handed to the function by name."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from drawing.calls import Case, FunctionCase, valid_cases, wild_cases, wild_shape
from drawing.layers import SAMPLERS

#: Arguments of the layer that the function does not take.
DROPPED = {"in_channels", "out_channels", "bias", "padding_mode", "device", "dtype"}


def arguments(case: Case) -> dict[str, Any]:
    """A case's arguments by name, those of the call too."""
    signature = SAMPLERS[case.name].signature
    names = [name for name in (signature.parameters if signature else ()) if name != "self"]
    return dict(zip(names, case.args, strict=False)) | case.kwargs | case.call


@st.composite
def plain(draw: Any, layer: str, function: str, *, wild: bool) -> FunctionCase:
    """The function on the layer's inputs with the layer's arguments."""
    case = draw(cases(layer, wild=wild))
    inputs, call = case.inputs, arguments(case)
    by_position = [name for name in ("kernel_size", "output_size", "upscale_factor", "groups") if name in call][:1]
    if not wild and isinstance(call.get("output_ratio"), float):
        # The function takes a share for each axis alone.
        call["output_ratio"] = (call["output_ratio"],) * int(layer[-2])
    if len(inputs) == 1 and by_position and "norm_type" not in call and by_position == list(call)[:1] and draw(st.booleans()):
        inputs = (*inputs, call.pop(by_position[0]))
    return FunctionCase(function, inputs, call)


@st.composite
def weighted(draw: Any, layer: str, function: str, *, wild: bool) -> FunctionCase:
    """A convolution with weight and bias as tensors; wild ones may be of another shape."""
    case = draw(cases(layer, wild=wild))
    call = arguments(case)
    groups = call.get("groups", 1)
    known = all(type(call.get(name, 1)) is int and call.get(name, 1) >= 0 for name in ("in_channels", "out_channels"))
    share = groups if type(groups) is int and groups > 0 else 1
    channels, filters = (call.get("in_channels", 2), call.get("out_channels", 2)) if known else (2, 2)
    axes = int(layer[-2])
    kernel = call.pop("kernel_size", 1)
    kernel = tuple(kernel) if isinstance(kernel, (tuple, list)) else (kernel,) * axes
    kernel = tuple(k if type(k) is int and k >= 0 else 2 for k in kernel)
    lead = (filters, channels // share) if "Transpose" not in layer else (channels, filters // share)
    weight: tuple[int, ...] = (*lead, *kernel)
    bias = None if call.get("bias") is False else (filters,)
    if wild and draw(st.integers(0, 3)) == 0:
        weight = draw(wild_shape(weight))
    if wild and bias and draw(st.integers(0, 3)) == 0:
        bias = draw(wild_shape(bias))
    call = {name: value for name, value in call.items() if name not in DROPPED}
    if wild and "padding_mode" in case.kwargs:
        call.pop("padding", None)
    call.pop("output_size", None)
    if bias is not None and draw(st.booleans()):
        return FunctionCase(function, (case.shape, weight, bias), call)
    if bias is not None:
        call["bias"] = bias
    return FunctionCase(function, (case.shape, weight), call)


def cases(layer: str, *, wild: bool) -> st.SearchStrategy[Case]:
    """Cases of a layer."""
    sampler = SAMPLERS[layer]
    return wild_cases(sampler) if wild else valid_cases(sampler)


def sampled(drawer: Any, layer: str, function: str) -> Any:
    """The sampler of a function."""

    def sampler(*, wild: bool) -> st.SearchStrategy[FunctionCase]:
        return drawer(layer, function, wild=wild)  # type: ignore[no-any-return]

    return sampler


#: The kind of a Pad layer, and the mode that the function takes for it.
MODES = (
    ("Constant", "constant"),
    ("Zero", None),
    ("Reflection", "reflect"),
    ("Replication", "replicate"),
    ("Circular", "circular"),
)


@st.composite
def pads(draw: Any, *, wild: bool) -> FunctionCase:
    """The amounts of a Pad layer, with its mode by name."""
    kind, mode = draw(st.sampled_from(MODES))
    axes = draw(st.integers(1, 3))
    case = draw(cases(f"{kind}Pad{axes}d", wild=wild))
    call = arguments(case)
    padding = call.pop("padding", 1)
    if type(padding) is int and not (wild and draw(st.integers(0, 5)) == 0):
        padding = (padding,) * (2 * axes)
    if mode:
        call["mode"] = mode
    if wild and draw(st.integers(0, 4)) == 0:
        call["mode"] = draw(st.sampled_from(("zeros", "reflect", "Constant", None)))
    if mode != "constant":
        call.pop("value", None)
    return FunctionCase("pad", (case.shape, padding), call)


LAYER_OF = {
    **{
        f"{kind}_pool{n}d": f"{layer}Pool{n}d"
        for kind, layer in (("max", "Max"), ("avg", "Avg"), ("lp", "LP"))
        for n in (1, 2, 3)
    },
    **{f"adaptive_{kind}_pool{n}d": f"Adaptive{kind.title()}Pool{n}d" for kind in ("avg", "max") for n in (1, 2, 3)},
    **{f"fractional_max_pool{n}d": f"FractionalMaxPool{n}d" for n in (2, 3)},
    **{f"max_unpool{n}d": f"MaxUnpool{n}d" for n in (1, 2, 3)},
    "fold": "Fold",
    "unfold": "Unfold",
    "pixel_shuffle": "PixelShuffle",
    "pixel_unshuffle": "PixelUnshuffle",
    "channel_shuffle": "ChannelShuffle",
    "cosine_similarity": "CosineSimilarity",
    "pairwise_distance": "PairwiseDistance",
}
FUNCTIONS = {
    **{function: sampled(plain, layer, function) for function, layer in LAYER_OF.items()},
    **{f"conv{n}d": sampled(weighted, f"Conv{n}d", f"conv{n}d") for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": sampled(weighted, f"ConvTranspose{n}d", f"conv_transpose{n}d") for n in (1, 2, 3)},
    "pad": pads,
}
