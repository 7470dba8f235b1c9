"""Valid calls of layers that make axes longer or lay them out anew: transposed convolutions, unpooling, padding, folding."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from drawing.calls import lead, one_or_per_axis


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
