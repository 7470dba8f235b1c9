"""The networks of TF-Slim that Araujo, Norris and Sim measured (Distill 2019), up to the layer whose field they give.

Padding and strides are those of TF-Slim's sources: `same` pads as TensorFlow does, by the length at hand and one cell
more behind where the sum is odd; in ResNets a stage's stride stands in its last unit. Channels change no field: every
convolution has one.
"""

from __future__ import annotations

import cnncalc as cc

VALID, SAME = False, True


class Padded(cc.Module):
    """A layer behind TensorFlow's SAME padding: max((⌈n/s⌉ − 1)·s + k − n, 0) cells on each axis, ⌊half⌋ of them before."""

    def __init__(self, layer, kernel_size, stride):
        super().__init__()
        self.layer = layer
        self.kernel_size, self.stride = kernel_size, stride

    def forward(self, x):
        """Pad by the size at hand."""
        pads = []
        for n, k in zip(reversed(x.shape[2:]), reversed(self.kernel_size), strict=True):
            total = max((-(-n // self.stride) - 1) * self.stride + k - n, 0)
            pads += [total // 2, total - total // 2]
        return self.layer(cc.pad(x, tuple(pads)))


def conv(kernel_size, stride=1, padding=SAME):
    """A convolution as slim.conv2d has it: SAME unless told otherwise."""
    pair = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    layer = cc.LazyConv2d(1, pair, stride=stride)
    return Padded(layer, pair, stride) if padding is SAME and (pair != (1, 1) or stride > 1) else layer


def pool(kernel_size=3, stride=2, padding=VALID):
    """A pool as slim.max_pool2d has it: VALID unless told otherwise."""
    layer = cc.MaxPool2d(kernel_size, stride)
    return Padded(layer, (kernel_size, kernel_size), stride) if padding is SAME else layer


def chain(*layers):
    """One after another."""
    return cc.Sequential(*layers)


class Branches(cc.Module):
    """Branches side by side, joined along the channels."""

    def __init__(self, *branches):
        super().__init__()
        self.branches = cc.ModuleList(branches)

    def forward(self, x):
        """All on the same input."""
        return cc.cat([branch(x) for branch in self.branches], dim=1)


class Residual(cc.Module):
    """A body and a way around it, added."""

    def __init__(self, body, shortcut=None):
        super().__init__()
        self.body = chain(body, cc.LazyConv2d(1, 1))
        self.shortcut = shortcut or cc.LazyConv2d(1, 1)

    def forward(self, x):
        """The sum."""
        return self.body(x) + self.shortcut(x)


# -- chains -----------------------------------------------------------------------------------------------------


def alexnet_v2():
    """Up to pool5: the first convolution and all pools are VALID."""
    return chain(conv(11, 4, VALID), pool(), conv(5), pool(), conv(3), conv(3), conv(3), pool())


def vgg_16():
    """Up to pool5."""
    return chain(*(layer for count in (2, 2, 3, 3, 3) for layer in (*(conv(3) for _ in range(count)), pool(2))))


def mobilenet_v1():
    """Up to Conv2d_13_pointwise: thirteen times depthwise 3×3 and pointwise."""
    strides = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
    return chain(conv(3, 2), *(layer for stride in strides for layer in (conv(3, stride), conv(1))))


# -- ResNet v1 --------------------------------------------------------------------------------------------------


def centred(kernel_size, stride):
    """conv2d_same of TF-Slim's ResNets: k − 1 cells whatever the length, half of them before."""
    return cc.LazyConv2d(1, kernel_size, stride=stride, padding=(kernel_size - 1) // 2)


def bottleneck(stride):
    """1×1, 3×3 with the stride, 1×1; the way around picks every stride-th cell."""
    return Residual(chain(conv(1), centred(3, stride)), pool(1, stride))


def resnet_v1(*units):
    """Up to block4: the root, then four stages, each stride in a stage's last unit."""
    layers = [centred(7, 2), pool(3, 2, SAME)]
    for count, stride in zip(units, (2, 2, 2, 1), strict=True):
        layers += [*(bottleneck(1) for _ in range(count - 1)), bottleneck(stride)]
    return chain(*layers)


# -- Inception --------------------------------------------------------------------------------------------------


def inception_v2():
    """Up to Mixed_5c."""

    def mixed():
        return Branches(conv(1), chain(conv(1), conv(3)), chain(conv(1), conv(3), conv(3)), chain(pool(3, 1, SAME), conv(1)))

    def halving():
        return Branches(chain(conv(1), conv(3, 2)), chain(conv(1), conv(3), conv(3, 2)), pool(3, 2, SAME))

    stem = (conv(7, 2), pool(3, 2, SAME), conv(1), conv(3), pool(3, 2, SAME))
    return chain(*stem, mixed(), mixed(), halving(), *(mixed() for _ in range(4)), halving(), mixed(), mixed())


def rows_and_columns(*lengths):
    """1×k and k×1 in turn: a negative length stands for a column."""
    return chain(*(conv((1, k) if k > 0 else (-k, 1)) for k in lengths))


def row_beside_column():
    """1×3 beside 3×1."""
    return Branches(conv((1, 3)), conv((3, 1)))


def stem():
    """What Inception v3 and Inception-ResNet v2 begin with."""
    return chain(conv(3, 2, VALID), conv(3, 1, VALID), conv(3), pool(), conv(1), conv(3, 1, VALID), pool())


def mixed_35():
    """The block on 35×35 cells (of 299) of v3: 1×1, 5×5, twice 3×3, pool."""
    return Branches(conv(1), chain(conv(1), conv(5)), chain(conv(1), conv(3), conv(3)), chain(pool(3, 1, SAME), conv(1)))


def mixed_17():
    """The block on 17×17 cells of v3 and v4."""
    return Branches(
        conv(1),
        chain(conv(1), rows_and_columns(7, -7)),
        chain(conv(1), rows_and_columns(-7, 7, -7, 7)),
        chain(pool(3, 1, SAME), conv(1)),
    )


def to_17():
    """From 35×35 to 17×17 cells."""
    return Branches(conv(3, 2, VALID), chain(conv(1), conv(3), conv(3, 2, VALID)), pool())


def to_8():
    """From 17×17 to 8×8 cells, in v3 and v4."""
    return Branches(chain(conv(1), conv(3, 2, VALID)), chain(conv(1), rows_and_columns(7, -7), conv(3, 2, VALID)), pool())


def inception_v3():
    """Up to Mixed_7c."""

    def mixed_8():
        return Branches(
            conv(1),
            chain(conv(1), row_beside_column()),
            chain(conv(1), conv(3), row_beside_column()),
            chain(pool(3, 1, SAME), conv(1)),
        )

    blocks = [*(mixed_35() for _ in range(3)), to_17(), *(mixed_17() for _ in range(4)), to_8(), mixed_8(), mixed_8()]
    return chain(stem(), *blocks)


def inception_v4():
    """Up to Mixed_7d."""

    def mixed_a():
        return Branches(conv(1), chain(conv(1), conv(3)), chain(conv(1), conv(3), conv(3)), chain(pool(3, 1, SAME), conv(1)))

    def mixed_c():
        return Branches(
            conv(1),
            chain(conv(1), row_beside_column()),
            chain(conv(1), rows_and_columns(-3, 3), row_beside_column()),
            chain(pool(3, 1, SAME), conv(1)),
        )

    root = [
        *(conv(3, 2, VALID), conv(3, 1, VALID), conv(3)),
        Branches(pool(), conv(3, 2, VALID)),
        Branches(chain(conv(1), conv(3, 1, VALID)), chain(conv(1), rows_and_columns(7, -7), conv(3, 1, VALID))),
        Branches(conv(3, 2, VALID), pool()),
    ]
    blocks = [*(mixed_a() for _ in range(4)), to_17(), *(mixed_17() for _ in range(7)), to_8(), *(mixed_c() for _ in range(3))]
    return chain(*root, *blocks)


def inception_resnet_v2():
    """Up to Conv2d_7b_1x1."""

    def block_35():
        return Residual(Branches(conv(1), chain(conv(1), conv(3)), chain(conv(1), conv(3), conv(3))))

    def block_17():
        return Residual(Branches(conv(1), chain(conv(1), rows_and_columns(7, -7))))

    def block_8():
        return Residual(Branches(conv(1), chain(conv(1), rows_and_columns(3, -3))))

    halving = Branches(
        chain(conv(1), conv(3, 2, VALID)), chain(conv(1), conv(3, 2, VALID)), chain(conv(1), conv(3), conv(3, 2, VALID)), pool()
    )
    return chain(
        *(stem(), mixed_35(), *(block_35() for _ in range(10)), to_17()),
        *(*(block_17() for _ in range(20)), halving, *(block_8() for _ in range(10)), conv(1)),
    )
