"""The arithmetic of DenseNet and U-Net in closed form: every argument may be a number or a symbol.

Sources: Densely connected convolutional networks, arXiv:1608.06993; U-Net, arXiv:1505.04597.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from cnncalc.formulas.sums import total
from cnncalc.sizes import Size, floor_div, symbol

_INDEX = "_layer"


def _size(value: Any) -> Size:
    """A number or size as it is; text names a symbol."""
    return symbol(value) if isinstance(value, str) else value


def dense_channels(channels: Any, growth: Any, layers: Any) -> Size:
    """Channels behind a dense block of `layers` layers: k₀ + l·k."""
    return _size(channels) + _size(layers) * _size(growth)


def dense_block_params(channels: Any, growth: Any, layers: Any, bn_size: Any = 4) -> Size:
    """Parameters of a dense block on `channels` channels, batch norms included.

    A layer on c channels has two norms, a 1×1 convolution to b·k channels and a 3×3 one to k, both without bias:
    2c + c·bk + 2bk + 9bk²; summed up over c = k₀ + i·k.
    """
    k, wide = _size(growth), _size(bn_size) * _size(growth)
    inputs = _size(channels) + symbol(_INDEX, 0) * k
    return total(2 * inputs + inputs * wide + 2 * wide + 9 * wide * k, _INDEX, _size(layers))


def densenet_params(
    growth: Any,
    blocks: tuple[Any, ...],
    compression: Fraction = Fraction(1, 2),
    channels: Any = None,
    bn_size: Any = 4,
    classes: Any = 1000,
) -> Size:
    """Parameters of a whole DenseNet for large images: 7×7 stem, blocks, transitions, last norm, classifier.

    `channels` are those of the stem, 2·growth if nothing is said. A transition keeps ⌊compression · channels⌋ of them.
    """
    k = _size(growth)
    width = 2 * k if channels is None else _size(channels)
    params = 3 * 49 * width + 2 * width
    for number, layers in enumerate(blocks, 1):
        params = params + dense_block_params(width, k, layers, bn_size)
        width = dense_channels(width, k, layers)
        if number < len(blocks):
            kept = floor_div(width * compression.numerator, compression.denominator)
            params = params + 2 * width + width * kept
            width = kept
    return params + 2 * width + (width + 1) * _size(classes)


def unet_params(base: Any, scale: Any, in_channels: Any = 1, out_channels: Any = 2) -> Size:
    """Parameters of the paper's U-Net, biases included, with `base` channels on the first level and scale = 2^depth.

    Level i has w = base·2ⁱ channels. Down from level 1 to the bottom: 27w²/2 + 2w each; up: 35w² + 3w each, with the 2×2
    transposed convolution. Geometric sums of w and w² leave (scale − 1) and (scale² − 1)/3; the division is exact for every
    power of 2.
    """
    b, q = _size(base), _size(scale)
    first = 9 * _size(in_channels) * b + 9 * b * b + 2 * b
    squares = b * b * (q * q - 1)
    down_and_bottom = 18 * squares + 4 * b * (q - 1)
    head = (b + 1) * _size(out_channels)
    return first + down_and_bottom + floor_div(35 * squares, 3) + 3 * b * (q - 1) + head


def unet_output_size(size: Any, scale: Any) -> Size:
    """Length of the paper's U-Net's output, without padding and with scale = 2^depth: n − 12·scale + 8, which is n − 184 for 16.

    It holds for the lengths that the network accepts: every pool must halve evenly.
    """
    return _size(size) - 12 * _size(scale) + 8
