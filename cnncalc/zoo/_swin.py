"""Swin Transformer: attention inside windows, which every second block shifts; V2 with cosine attention and later norms.

Source: Swin Transformer: hierarchical vision transformer using shifted windows, ICCV 2021, arXiv:2103.14030, table 7; Swin
Transformer V2: scaling up capacity and resolution, CVPR 2022, arXiv:2111.09883.
"""

from __future__ import annotations

from functools import lru_cache
from math import log
from typing import TYPE_CHECKING, Any

from cnncalc.constant import Constant
from cnncalc.containers import Sequential
from cnncalc.held import Parameter
from cnncalc.layers.activation import GELU, ReLU
from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool2d
from cnncalc.layers.bilinear import linear
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.functional_activation import sigmoid, softmax
from cnncalc.layers.functional_embedding import embedding
from cnncalc.layers.functional_normalization import normalize
from cnncalc.layers.layer_normalization import LayerNorm
from cnncalc.layers.linear import Linear
from cnncalc.layers.merging import cat
from cnncalc.layers.padding import pad
from cnncalc.layers.shaping import Flatten
from cnncalc.layers.turning import roll
from cnncalc.module import Module
from cnncalc.zoo.checking import WIDEST, check_positive
from cnncalc.zoo.parts import Permute, StochasticDepth, distances

if TYPE_CHECKING:
    from collections.abc import Callable


class WindowAttention(Module):
    """Attention of the cells of a window, with a bias for each distance between two of them."""

    def __init__(self, dim: int, window: int, shift: int, num_heads: int) -> None:
        """Build the attention for windows of window × window cells, shifted by `shift`."""
        super().__init__()
        self.window, self.shift, self.num_heads = window, shift, num_heads
        self.distances = distances(window)
        self.register_buffer("relative_position_index", (window**4,))
        self.qkv = Linear(dim, 3 * dim)
        self.proj = Linear(dim, dim)
        self.own_tensors()

    def own_tensors(self) -> None:
        """A bias for each distance and head."""
        self.relative_position_bias_table = Parameter(shape=((2 * self.window - 1) ** 2, self.num_heads))

    def bias(self) -> Any:
        """The bias of each pair of cells, for each head."""
        return self._by_pair(self.relative_position_bias_table)

    def _by_pair(self, table: Any) -> Any:
        """A table by distance as one by pairs of cells, heads first."""
        cells = self.window**2
        return embedding(self.distances, table).view(cells, cells, -1).permute(2, 0, 1).unsqueeze(0)

    def projected(self, x: Any) -> Any:
        """Queries, keys and values of each cell."""
        return self.qkv(x)

    def scores(self, q: Any, k: Any) -> Any:
        """How well each query fits each key."""
        return (q * (q.shape[-1] ** -0.5)).matmul(k.transpose(-2, -1))

    def forward(self, x: Any) -> Any:
        """Windows apart, attention in each, windows together; x is channels last."""
        window, heads = self.window, self.num_heads
        batch, height, width, channels = x.shape
        right, below = -width % window, -height % window
        x = pad(x, (0, 0, 0, right, 0, below))
        rows, columns = (height + below) // window, (width + right) // window
        # A map of one window has nothing to be shifted into.
        down, across = (self.shift if count > 1 else 0 for count in (rows, columns))
        if down or across:
            x = roll(x, shifts=(-down, -across), dims=(1, 2))
        x = x.view(batch, rows, window, columns, window, channels).permute(0, 1, 3, 2, 4, 5)
        x = x.reshape(batch * rows * columns, window**2, channels)
        q, k, v = self.projected(x).reshape(*x.shape[:2], 3, heads, channels // heads).permute(2, 0, 3, 1, 4)
        scores = self.scores(q, k) + self.bias()
        if down or across:
            apart = _apart(rows, columns, window, down, across)
            scores = scores.view(batch, rows * columns, heads, window**2, window**2) + apart.unsqueeze(1).unsqueeze(0)
            scores = scores.view(-1, heads, window**2, window**2)
        x = softmax(scores, dim=-1).matmul(v).transpose(1, 2).reshape(*x.shape)
        x = self.proj(x).view(batch, rows, columns, window, window, channels).permute(0, 1, 3, 2, 4, 5)
        x = x.reshape(batch, height + below, width + right, channels)
        if down or across:
            x = roll(x, shifts=(down, across), dims=(1, 2))
        return x[:, :height, :width, :]


class WindowAttentionV2(WindowAttention):
    """Attention by the cosine of query and key; its bias comes from a small network over the logarithms of distances."""

    relative_coords_table: Parameter

    def own_tensors(self) -> None:
        """The network, the logarithms, and a scale for each head."""
        span = 2 * self.window - 1
        self.register_buffer("relative_coords_table", (1, span, span, 2))
        self.logit_scale = Parameter(shape=(self.num_heads, 1, 1))
        self.cpb_mlp = Sequential(Linear(2, 512), ReLU(), Linear(512, self.num_heads, bias=False))

    def bias(self) -> Any:
        """16 times the sigmoid of what the network gives."""
        table = self.cpb_mlp(self.relative_coords_table).view(-1, self.num_heads)
        return 16 * sigmoid(self._by_pair(table))

    def projected(self, x: Any) -> Any:
        """Queries, keys and values; keys have no bias."""
        third = x.shape[-1]
        bias: Any = self.qkv.bias
        none = Constant((third,), ("zeros", ((third,),), {}))
        return linear(x, self.qkv.weight, cat([bias[:third], none, bias[2 * third :]]))

    def scores(self, q: Any, k: Any) -> Any:
        """Cosines, scaled."""
        return normalize(q, dim=-1).matmul(normalize(k, dim=-1).transpose(-2, -1)) * self.logit_scale.clamp(max=log(100)).exp()


@lru_cache(maxsize=64)
def _apart(rows: int, columns: int, window: int, down: int, across: int) -> Any:
    """−100 for each pair of cells of a window that were no neighbours before the shift, else 0."""

    def region(place: int, count: int, shift: int) -> int:
        """0 in all windows but the last; in that, before and behind the seam."""
        seam = count * window - shift
        return 0 if place < (count - 1) * window else 1 if place < seam else 2

    def windows(row: int, column: int) -> list[int]:
        """The region of each cell of a window."""
        return [
            3 * region(row * window + i, rows, down) + region(column * window + j, columns, across)
            for i in range(window)
            for j in range(window)
        ]

    numbers = [windows(row, column) for row in range(rows) for column in range(columns)]
    regions = Constant((rows * columns, window**2), ("tensor", (numbers,), {}))
    return (regions.unsqueeze(1) - regions.unsqueeze(2)).ne(0) * -100.0


class SwinTransformerBlock(Module):
    """Attention beside a shortcut, then two fully connected layers beside a shortcut."""

    def __init__(
        self, dim: int, num_heads: int, window: int, shift: int, drop: float, mlp_ratio: float, dropout: float, *, v2: bool
    ) -> None:
        """Build a block; V1 has its norms before, V2 behind attention and layers."""
        super().__init__()
        self.v2 = v2
        self.norm1 = LayerNorm(dim)
        self.attn = (WindowAttentionV2 if v2 else WindowAttention)(dim, window, shift, num_heads)
        self.stochastic_depth = StochasticDepth(drop)
        self.norm2 = LayerNorm(dim)
        inner = int(dim * mlp_ratio)
        self.mlp = Sequential(Linear(dim, inner), GELU(), Dropout(dropout), Linear(inner, dim), Dropout(dropout))

    def forward(self, x: Any) -> Any:
        """Cells of a window look at each other, then each by itself."""
        if self.v2:
            x = x + self.stochastic_depth(self.norm1(self.attn(x)))
            return x + self.stochastic_depth(self.norm2(self.mlp(x)))
        x = x + self.stochastic_depth(self.attn(self.norm1(x)))
        return x + self.stochastic_depth(self.mlp(self.norm2(x)))


class PatchMerging(Module):
    """Four neighbours side by side, brought to twice the channels."""

    def __init__(self, dim: int, *, v2: bool) -> None:
        """Build the layer; V1 has its norm before, V2 behind."""
        super().__init__()
        self.v2 = v2
        self.reduction = Linear(4 * dim, 2 * dim, bias=False)
        self.norm = LayerNorm(2 * dim if v2 else 4 * dim)

    def forward(self, x: Any) -> Any:
        """Half the height and width, padded to be even."""
        height, width = x.shape[1:3]
        x = pad(x, (0, 0, 0, width % 2, 0, height % 2))
        x = cat([x[:, 0::2, 0::2], x[:, 1::2, 0::2], x[:, 0::2, 1::2], x[:, 1::2, 1::2]], -1)
        return self.norm(self.reduction(x)) if self.v2 else self.reduction(self.norm(x))


class SwinTransformer(Module):
    """Patches of 4×4, four stages of blocks with mergings between them, global average pooling and a fully connected layer."""

    def __init__(
        self,
        embed_dim: int,
        depths: tuple[int, ...],
        heads: int,
        drop: float,
        num_classes: int,
        mlp_ratio: float,
        dropout: float,
        *,
        v2: bool,
    ) -> None:
        """Build the network; a stage has twice the channels and heads of the one before."""
        super().__init__()
        window = 8 if v2 else 7
        patches = Sequential(Conv2d(3, embed_dim, 4, stride=4), Permute((0, 2, 3, 1)), LayerNorm(embed_dim))
        layers: list[Module] = [patches]
        made, dim = 0, embed_dim
        for stage, depth in enumerate(depths):
            if stage:
                layers.append(PatchMerging(dim, v2=v2))
                dim *= 2
            drops = [drop * block / (sum(depths) - 1) for block in range(made, made + depth)]
            blocks = [
                SwinTransformerBlock(dim, heads * 2**stage, window, index % 2 * (window // 2), p, mlp_ratio, dropout, v2=v2)
                for index, p in enumerate(drops)
            ]
            layers.append(Sequential(*blocks))
            made += depth
        self.features = Sequential(*layers)
        self.norm = LayerNorm(dim)
        self.permute = Permute((0, 3, 1, 2))
        self.avgpool = AdaptiveAvgPool2d(1)
        self.flatten = Flatten(1)
        self.head = Linear(dim, num_classes)

    def forward(self, x: Any) -> Any:
        """Features, then the classifier."""
        return self.head(self.flatten(self.avgpool(self.permute(self.norm(self.features(x))))))


def _named(name: str, text: str, shape: tuple[int, tuple[int, ...], int], drop: float) -> Callable[..., SwinTransformer]:
    """A network of the papers by its name: width, blocks of each stage and heads of the first; deeper ones drop more blocks."""

    def made(
        num_classes: int = 1000, stochastic_depth_prob: float = drop, mlp_ratio: float = 4.0, dropout: float = 0.0
    ) -> SwinTransformer:
        check_positive(name, most=WIDEST, mlp_ratio=mlp_ratio)
        return SwinTransformer(*shape, stochastic_depth_prob, num_classes, mlp_ratio, dropout, v2="_v2_" in name)

    made.__name__ = made.__qualname__ = name
    made.__doc__ = text
    return made


TINY, SMALL, BASE = (96, (2, 2, 6, 2), 3), (96, (2, 2, 18, 2), 3), (128, (2, 2, 18, 2), 4)
swin_t = _named("swin_t", "Swin-T.", TINY, 0.2)
swin_s = _named("swin_s", "Swin-S.", SMALL, 0.3)
swin_b = _named("swin_b", "Swin-B.", BASE, 0.5)
swin_v2_t = _named("swin_v2_t", "SwinV2-T, windows of 8×8.", TINY, 0.2)
swin_v2_s = _named("swin_v2_s", "SwinV2-S, windows of 8×8.", SMALL, 0.3)
swin_v2_b = _named("swin_v2_b", "SwinV2-B, windows of 8×8.", BASE, 0.5)
