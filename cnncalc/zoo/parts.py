"""Blocks that several families share, under torchvision's names for what they own."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cnncalc.constant import Constant
from cnncalc.containers import Sequential
from cnncalc.layers.activation import ReLU, Sigmoid
from cnncalc.layers.adaptive_pooling import AdaptiveAvgPool2d
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.functional_activation import relu
from cnncalc.layers.merging import cat
from cnncalc.layers.normalization import BatchNorm2d
from cnncalc.module import Module


def conv_norm(
    in_channels: int,
    out_channels: int,
    kernel_size: int = 3,
    *,
    stride: int = 1,
    dilation: int = 1,
    groups: int = 1,
    activation: type[Module] | None = ReLU,
    eps: float = 1e-5,
) -> Sequential:
    """A convolution without bias that keeps the size but for its stride, batch normalisation, and an activation or none."""
    padding = (kernel_size - 1) // 2 * dilation
    layers: list[Module] = [
        Conv2d(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias=False),
        BatchNorm2d(out_channels, eps=eps),
    ]
    if activation is not None:
        layers.append(activation())
    return Sequential(*layers)


class BasicConv2d(Module):
    """Inception's unit: a convolution without bias, batch normalisation, ReLU."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, stride: int = 1, padding: Any = 0) -> None:
        """Build the unit; the arguments are those of the convolution."""
        super().__init__()
        self.conv = Conv2d(in_channels, out_channels, kernel_size, stride=stride, padding=padding, bias=False)
        self.bn = BatchNorm2d(out_channels, eps=0.001)

    def forward(self, x: Any) -> Any:
        """One after the other."""
        return relu(self.bn(self.conv(x)))


class SqueezeExcitation(Module):
    """Channels weighted by what the whole map says.

    Source: Squeeze-and-excitation networks, CVPR 2018, arXiv:1709.01507, figure 2.
    """

    def __init__(
        self,
        input_channels: int,
        squeeze_channels: int,
        activation: type[Module] = ReLU,
        scale_activation: type[Module] = Sigmoid,
    ) -> None:
        """Build the block for a map of `input_channels`; the two fully connected layers are 1×1 convolutions."""
        super().__init__()
        self.avgpool = AdaptiveAvgPool2d(1)
        self.fc1 = Conv2d(input_channels, squeeze_channels, 1)
        self.fc2 = Conv2d(squeeze_channels, input_channels, 1)
        self.activation = activation()
        self.scale_activation = scale_activation()

    def forward(self, x: Any) -> Any:
        """Squeeze, excite, scale."""
        return self.scale_activation(self.fc2(self.activation(self.fc1(self.avgpool(x))))) * x


class StochasticDepth(Module):
    """A branch that training drops at random; in eval mode the branch itself.

    Source: Deep networks with stochastic depth, ECCV 2016, arXiv:1603.09382.
    """

    def __init__(self, p: float, mode: str = "row") -> None:
        """Keep how often, and whether each sample or the whole batch is dropped."""
        super().__init__()
        self.p = p
        self.mode = mode

    def forward(self, x: Any) -> Any:
        """The branch."""
        return x


class Permute(Module):
    """Axes in another order."""

    def __init__(self, dims: tuple[int, ...]) -> None:
        """Keep the order."""
        super().__init__()
        self.dims = dims

    def forward(self, x: Any) -> Any:
        """The same cells, axes in that order."""
        return x.permute(self.dims)


def divisible(channels: float, divisor: int = 8) -> int:
    """The nearest multiple of the divisor, but at least one, and never below nine tenths of what was asked."""
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * channels else rounded


def shifted(image: Any) -> Any:
    """An image normed with ImageNet's means and deviations, normed with a half and a half instead, as Google's weights ask."""
    channels = [
        image[:, index].unsqueeze(1) * (deviation / 0.5) + (mean - 0.5) / 0.5
        for index, (mean, deviation) in enumerate(((0.485, 0.229), (0.456, 0.224), (0.406, 0.225)))
    ]
    return cat(channels, 1)


def distances(window: int) -> Constant:
    """For each pair of cells of a window × window square, the row of a table that has one for each distance of two cells."""
    return Constant((window**4,), ("tensor", (_distances(window),), {}))


@lru_cache(maxsize=16)
def _distances(window: int) -> list[int]:
    """The rows, in the order of the pairs."""
    cells = [(row, column) for row in range(window) for column in range(window)]
    span = 2 * window - 1
    return [(a - c + window - 1) * span + b - d + window - 1 for a, b in cells for c, d in cells]
