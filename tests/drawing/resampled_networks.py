"""Random networks that are resampled, normalised and gated, with skips around a smaller scale, by layers and by functions."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

import cnncalc as cc
from drawing.networks import Block, Network, keeping, named
from drawing.resampling import MODES, SCALES

#: Axes are kept this short, so that every cell can be asked.
LONGEST = 9


class Skipped(cc.Module):
    """A smaller image, made as large as the first again by `interpolate`, and laid beside it, as a U-Net does."""

    def __init__(self, down: cc.Module, inner: cc.Module, mode: str, *, align_corners: bool | None) -> None:
        """Take what makes it smaller and what works on the smaller one."""
        super().__init__()
        self.down, self.inner, self.mode, self.align_corners = down, inner, mode, align_corners

    def forward(self, x: Any) -> Any:
        """Down, through, and up to the size that was."""
        y = self.inner(self.down(x))
        return cc.cat([x, cc.interpolate(y, size=x.shape[2:], mode=self.mode, align_corners=self.align_corners)], dim=1)


class Functional(cc.Module):
    """Norms and activations as functions, with weights of its own."""

    def __init__(self, channels: int, name: str) -> None:
        """Take the channels and the function."""
        super().__init__()
        self.channels, self.name = channels, name
        self.weight, self.bias = cc.Parameter(shape=(channels,)), cc.Parameter(shape=(channels,))
        self.register_buffer("mean", (channels,))

    def forward(self, x: Any) -> Any:
        """Apply the function, then an activation of each kind."""
        if self.name == "batch_norm":
            x = cc.batch_norm(x, self.mean, self.mean, self.weight, self.bias)
        elif self.name == "group_norm":
            x = cc.group_norm(x, self.channels, self.weight, self.bias)
        elif self.name == "layer_norm":
            x = cc.layer_norm(x, x.shape[-1:])
        elif self.name == "softmax":
            x = x.softmax(-1)
        elif self.name == "normalize":
            x = cc.normalize(x, dim=1)
        elif self.name == "prelu":
            x = cc.prelu(x, self.weight)
        return cc.dropout(cc.relu(x).sigmoid(), training=False)


@st.composite
def resampled(draw: Any, channels: int, space: tuple[int, ...]) -> Block:
    """An Upsample of any mode, to a size or by a scale."""
    mode = draw(st.sampled_from(MODES[len(space)]))
    arguments: dict[str, Any] = {"mode": mode}
    if "linear" in mode or "cubic" in mode:
        arguments["align_corners"] = draw(st.booleans())
    if draw(st.booleans()):
        size = tuple(draw(st.integers(1, LONGEST)) for _ in space)
        return Block(cc.Upsample(size, **arguments), channels, size)
    scales = tuple(float(draw(st.sampled_from([s for s in SCALES if 1 <= int(n * s) <= LONGEST]))) for n in space)
    if draw(st.booleans()):
        arguments["recompute_scale_factor"] = True
    lengths = tuple(int(n * s) for n, s in zip(space, scales, strict=True))
    return Block(cc.Upsample(scale_factor=scales, **arguments), channels, lengths)


@st.composite
def normed(draw: Any, channels: int, space: tuple[int, ...]) -> Block:
    """A norm or an activation that reads along axes, or one that works cell by cell."""
    axes, cells = len(space), 1
    for n in space:
        cells *= n
    layers: list[Any] = [
        cc.LocalResponseNorm(draw(st.integers(1, 4))),
        cc.LayerNorm(space[-1:]),
        cc.RMSNorm(space[-1]),
        cc.Softmax(draw(st.integers(1, axes + 1))),
        cc.Softshrink(),
        cc.SyncBatchNorm(channels),
        named("LazyBatchNorm", axes)(),
        named("InstanceNorm", axes)(channels, track_running_stats=True),
    ]
    if cells > 1:
        layers += [named("InstanceNorm", axes)(channels, affine=True)]
        layers += [cc.GroupNorm(g, channels) for g in (1, 2) if channels % g == 0]
    if axes == 2:
        layers.append(cc.CrossMapLRN2d(draw(st.integers(1, 4))))
    return Block(draw(st.sampled_from(layers)), channels, space)


@st.composite
def gated(draw: Any, channels: int, space: tuple[int, ...]) -> Block:
    """A gated linear unit along any even axis, where there is one."""
    even = [axis for axis, n in enumerate((channels, *space)) if n % 2 == 0]
    if not even:
        return Block(cc.Tanh(), channels, space)
    axis = draw(st.sampled_from(even))
    after = [n // 2 if a == axis else n for a, n in enumerate((channels, *space))]
    return Block(cc.GLU(axis + 1), after[0], tuple(after[1:]))


@st.composite
def functional(draw: Any, channels: int, space: tuple[int, ...]) -> Block:
    """A function on a value, with weights of one's own."""
    names = ["batch_norm", "layer_norm", "softmax", "normalize", "prelu"]
    if any(n > 1 for n in space):
        names.append("group_norm")
    return Block(Functional(channels, draw(st.sampled_from(names))), channels, space)


@st.composite
def skipped(draw: Any, channels: int, space: tuple[int, ...]) -> Block:
    """A skip around a smaller scale."""
    axes = len(space)
    mode = draw(st.sampled_from([mode for mode in MODES[axes] if mode != "area"]))
    align_corners = draw(st.booleans()) if "linear" in mode or "cubic" in mode else None
    out = draw(st.integers(1, 2))
    down = draw(keeping(channels, space, channels, 2))
    inner = draw(keeping(channels, down.space, out))
    return Block(Skipped(down.module, inner.module, mode, align_corners=align_corners), channels + out, space)


@st.composite
def convolved(draw: Any, channels: int, space: tuple[int, ...]) -> Block:
    """A block of the other random networks."""
    return draw(keeping(channels, space, draw(st.integers(1, 2)), draw(st.integers(1, 2))))  # type: ignore[no-any-return]


@st.composite
def resampled_networks(draw: Any) -> Network:
    """Up to four such blocks, one after the other."""
    axes = draw(st.sampled_from((1, 1, 2, 2, 2, 3)))
    channels = start = draw(st.sampled_from((1, 2, 4)))
    space = first = tuple(draw(st.integers(2, 8 if axes < 3 else 3)) for _ in range(axes))
    modules = []
    for _ in range(draw(st.integers(1, 4 if axes < 3 else 2))):
        kinds = [convolved, resampled, resampled, normed, gated, functional, skipped]
        block = draw(draw(st.sampled_from(kinds))(channels, space))
        modules.append(block.module)
        channels, space = block.channels, block.space
    return Network(cc.Sequential(*modules), (1, start, *first))
