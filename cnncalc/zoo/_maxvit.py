"""MaxViT: a convolutional block, attention inside windows, then attention over a grid of cells far apart.

Source: MaxViT: multi-axis vision transformer, ECCV 2022, arXiv:2204.01697, figure 2.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc.containers import ModuleList, Sequential
from cnncalc.errors import ArgumentError
from cnncalc.held import Parameter
from cnncalc.layers.activation import GELU, SiLU, Tanh
from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool2d
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.functional_activation import softmax
from cnncalc.layers.functional_embedding import embedding
from cnncalc.layers.layer_normalization import LayerNorm
from cnncalc.layers.linear import Identity, Linear
from cnncalc.layers.normalization import BatchNorm2d
from cnncalc.layers.pooling import AvgPool2d
from cnncalc.layers.shaping import Flatten
from cnncalc.module import Module
from cnncalc.zoo.checking import check_positive, check_whole
from cnncalc.zoo.parts import SqueezeExcitation, StochasticDepth, conv_norm, distances

#: Side of a window, and of the grid; and channels of a head.
SIDE = 7
HEAD = 32
EPS = 0.001


class Ratios(NamedTuple):
    """Widths in units of a layer's channels: of squeeze-and-excitation, of the convolutions, and of the linear layers."""

    squeeze: float
    expansion: float
    mlp: int


class MBConv(Module):
    """An inverted residual with squeeze-and-excitation, a norm before it, beside a shortcut."""

    def __init__(self, in_channels: int, out_channels: int, stride: int, drop: float, ratios: Ratios) -> None:
        """Build a block; its shortcut is pooled and projected where shapes change."""
        super().__init__()
        width = int(out_channels * ratios.expansion)
        self.proj: Module = Identity()
        if stride != 1 or in_channels != out_channels:
            pooled = [AvgPool2d(3, stride=stride, padding=1)] if stride > 1 else []
            self.proj = Sequential(*pooled, Conv2d(in_channels, out_channels, 1))
        self.stochastic_depth = StochasticDepth(drop)
        self.layers = Sequential(
            {
                "pre_norm": BatchNorm2d(in_channels, eps=EPS),
                "conv_a": conv_norm(in_channels, width, 1, activation=GELU, eps=EPS),
                "conv_b": conv_norm(width, width, stride=stride, groups=width, activation=GELU, eps=EPS),
                "squeeze_excitation": SqueezeExcitation(width, int(out_channels * ratios.squeeze), SiLU),
                "conv_c": Conv2d(width, out_channels, 1),
            }
        )

    def forward(self, x: Any) -> Any:
        """The sum of the two paths."""
        return self.proj(x) + self.stochastic_depth(self.layers(x))


class RelativePositionalMultiHeadAttention(Module):
    """Attention of the cells of a group, with a bias for each distance between two of them."""

    def __init__(self, channels: int) -> None:
        """Build the attention for groups of SIDE × SIDE cells."""
        super().__init__()
        self.heads = channels // HEAD
        self.to_qkv = Linear(channels, 3 * channels)
        self.merge = Linear(channels, channels)
        self.relative_position_bias_table = Parameter(shape=((2 * SIDE - 1) ** 2, self.heads))
        self.register_buffer("relative_position_index", (SIDE**2, SIDE**2))
        self.distances = distances(SIDE)

    def forward(self, x: Any) -> Any:
        """Attention in each group; x is (batch, groups, cells, channels)."""
        batch, groups, cells, channels = x.shape
        parts = self.to_qkv(x).reshape(batch, groups, cells, 3, self.heads, HEAD).permute(3, 0, 1, 4, 2, 5)
        q, k, v = parts
        bias = embedding(self.distances, self.relative_position_bias_table).view(cells, cells, -1)
        scores = q.matmul((k * channels**-0.5).transpose(-2, -1)) + bias.permute(2, 0, 1).unsqueeze(0)
        x = softmax(scores, dim=-1).matmul(v).permute(0, 1, 3, 2, 4).reshape(batch, groups, cells, channels)
        return self.merge(x)


class WindowPartition(Module):
    """A map as groups of p × p cells, channels last."""

    def forward(self, x: Any, p: int) -> Any:
        """(batch, channels, height, width) as (batch, groups, p², channels)."""
        batch, channels, height, width = x.shape
        x = x.reshape(batch, channels, height // p, p, width // p, p).permute(0, 2, 4, 3, 5, 1)
        return x.reshape(batch, (height // p) * (width // p), p * p, channels)


class WindowDepartition(Module):
    """Groups as a map again."""

    def forward(self, x: Any, p: int, rows: int, columns: int) -> Any:
        """(batch, groups, p², channels) as (batch, channels, height, width)."""
        batch, _, _, channels = x.shape
        x = x.reshape(batch, rows, columns, p, p, channels).permute(0, 5, 1, 3, 2, 4)
        return x.reshape(batch, channels, rows * p, columns * p)


class SwapAxes(Module):
    """Groups and their cells exchanged."""

    def forward(self, x: Any) -> Any:
        """(batch, groups, cells, channels) as (batch, cells, groups, channels)."""
        return x.transpose(-2, -3)


class PartitionAttentionLayer(Module):
    """Attention and two fully connected layers, each beside a shortcut, in windows or over a grid."""

    def __init__(self, channels: int, size: int, drop: float, mlp_ratio: int, mlp_dropout: float, *, grid: bool) -> None:
        """Build the layer for maps of size × size."""
        super().__init__()
        self.p = size // SIDE if grid else SIDE
        self.count = size // self.p
        self.partition_op = WindowPartition()
        self.departition_op = WindowDepartition()
        self.partition_swap: Module = SwapAxes() if grid else Identity()
        self.departition_swap: Module = SwapAxes() if grid else Identity()
        attention = RelativePositionalMultiHeadAttention(channels)
        self.attn_layer = Sequential(LayerNorm(channels), attention, Dropout(0.0))
        self.mlp_layer = Sequential(
            LayerNorm(channels),
            Linear(channels, mlp_ratio * channels),
            GELU(),
            Linear(mlp_ratio * channels, channels),
            Dropout(mlp_dropout),
        )
        self.stochastic_dropout = StochasticDepth(drop)

    def forward(self, x: Any) -> Any:
        """Groups apart, attention in each, groups together."""
        x = self.partition_swap(self.partition_op(x, self.p))
        x = x + self.stochastic_dropout(self.attn_layer(x))
        x = x + self.stochastic_dropout(self.mlp_layer(x))
        return self.departition_op(self.departition_swap(x), self.p, self.count, self.count)


class MaxViTBlock(Module):
    """Layers of three parts each; the first halves the size."""

    def __init__(
        self, in_channels: int, out_channels: int, size: int, drops: list[float], ratios: Ratios, mlp_dropout: float
    ) -> None:
        """Build one layer for each probability to be dropped; `size` is the side of the maps that come out."""
        super().__init__()
        layers = []
        for index, drop in enumerate(drops):
            parts = {
                "MBconv": MBConv(out_channels if index else in_channels, out_channels, 1 if index else 2, drop, ratios),
                "window_attention": PartitionAttentionLayer(out_channels, size, drop, ratios.mlp, mlp_dropout, grid=False),
                "grid_attention": PartitionAttentionLayer(out_channels, size, drop, ratios.mlp, mlp_dropout, grid=True),
            }
            layers.append(MaxViTLayer(Sequential(parts)))
        self.layers = ModuleList(layers)

    def forward(self, x: Any) -> Any:
        """One layer after the other."""
        for layer in self.layers:
            x = layer(x)
        return x


class MaxViTLayer(Module):
    """Convolution, windows, grid."""

    def __init__(self, layers: Sequential) -> None:
        """Keep the parts."""
        super().__init__()
        self.layers = layers

    def forward(self, x: Any) -> Any:
        """One part after the other."""
        return self.layers(x)


class MaxViT(Module):
    """A stem of two 3×3 convolutions, four blocks, global average pooling and two fully connected layers."""

    def __init__(
        self,
        stem: int,
        widths: tuple[int, ...],
        depths: tuple[int, ...],
        num_classes: int,
        stochastic_depth_prob: float,
        input_size: int,
        ratios: Ratios,
        mlp_dropout: float,
    ) -> None:
        """Build the network for square images of one size."""
        super().__init__()
        self.stem = Sequential(
            conv_norm(3, stem, stride=2, activation=GELU, eps=EPS), Sequential(Conv2d(stem, stem, 3, padding=1))
        )
        size, channels, made = halved(input_size), stem, 0
        blocks = []
        for width, depth in zip(widths, depths, strict=True):
            size = halved(size)
            if size % SIDE:
                raise ArgumentError(
                    f"input_size must be such that every map falls into windows of {SIDE}×{SIDE}",
                    where="maxvit",
                    got=f"{input_size}, a map of {size}×{size}",
                    remedy=f"take a multiple of {SIDE * 32}",
                )
            drops = [stochastic_depth_prob * layer / (sum(depths) - 1) for layer in range(made, made + depth)]
            blocks.append(MaxViTBlock(channels, width, size, drops, ratios, mlp_dropout))
            channels, made = width, made + depth
        self.blocks = ModuleList(blocks)
        self.classifier = Sequential(
            AdaptiveAvgPool2d(1),
            Flatten(),
            LayerNorm(channels),
            Linear(channels, channels),
            Tanh(),
            Linear(channels, num_classes, bias=False),
        )

    def forward(self, x: Any) -> Any:
        """Stem, blocks, head."""
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.classifier(x)


def halved(size: int) -> int:
    """The side of a map behind a 3×3 window of stride 2 with padding."""
    return (size + 1) // 2


def maxvit_t(
    num_classes: int = 1000,
    stochastic_depth_prob: float = 0.2,
    input_size: tuple[int, int] = (224, 224),
    squeeze_ratio: float = 0.25,
    expansion_ratio: float = 4,
    mlp_ratio: int = 4,
    mlp_dropout: float = 0.0,
) -> MaxViT:
    """MaxViT-T for square images of one size; `squeeze_ratio`, `expansion_ratio` and `mlp_ratio` are in units of channels."""
    if not isinstance(input_size, (tuple, list)) or len(input_size) != 2 or input_size[0] != input_size[1]:  # noqa: PLR2004
        raise ArgumentError("input_size must be two equal sizes", where="maxvit", got=f"input_size={input_size!r:.60}")
    check_whole("maxvit", input_size=input_size[0], mlp_ratio=mlp_ratio)
    check_positive("maxvit", squeeze_ratio=squeeze_ratio, expansion_ratio=expansion_ratio)
    ratios = Ratios(squeeze_ratio, expansion_ratio, mlp_ratio)
    return MaxViT(64, (64, 128, 256, 512), (2, 2, 5, 2), num_classes, stochastic_depth_prob, input_size[0], ratios, mlp_dropout)
