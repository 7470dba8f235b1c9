"""The field without global mixing: a norm over the whole map, put in anywhere, changes nothing about it.

The expected figures are those of the same network without the norm.
"""

from __future__ import annotations

import pytest

import cnncalc as cc


class Windows(cc.Module):
    """A map cut into windows of 4×4 cells and put together again."""

    def forward(self, x):
        """As attention inside windows does it."""
        n, c, h, w = x.shape
        x = x.reshape(n, c, h // 4, 4, w // 4, 4).permute(0, 2, 4, 3, 5, 1).reshape(n, (h // 4) * (w // 4), 16, c)
        return x.reshape(n, h // 4, w // 4, 4, 4, c).permute(0, 5, 1, 3, 2, 4).reshape(n, c, h, w)


class Rows(cc.Module):
    """A map with its rows laid behind each other."""

    def forward(self, x):
        """As a sequence."""
        return x.flatten(2)


def conv(stride=1, dilation=1):
    return lambda: cc.Conv2d(4, 4, 3, stride=stride, padding=dilation, dilation=dilation)


CHAINS = {
    "convolutions": [conv(), conv(2), conv(dilation=2)],
    "pool and up": [conv(), lambda: cc.MaxPool2d(2), lambda: cc.Upsample(scale_factor=2), conv()],
    "shuffled": [conv(), lambda: cc.PixelShuffle(2), lambda: cc.Conv2d(1, 4, 3, padding=1)],
    "windows": [conv(), Windows, conv(2), conv()],
    "rows": [conv(), Rows, lambda: cc.Conv1d(4, 4, 3, padding=1)],
    "rows and pool": [conv(2), Rows, lambda: cc.AvgPool1d(2), lambda: cc.Conv1d(4, 4, 3)],
    "turned": [conv(), lambda: cc.Unflatten(1, (2, 2)), lambda: cc.Flatten(1, 2), conv(2)],
}


@pytest.mark.parametrize("chain", CHAINS)
def test_a_norm_over_the_map_changes_nothing(chain):
    makers = CHAINS[chain]
    plain = cc.receptive_field(cc.Sequential(*[make() for make in makers]), (1, 4, 32, 32))
    for place in range(1, len(makers) + 1):
        layers = [make() for make in makers]
        net = cc.Sequential(*layers[:place])
        channels = cc.analyze(net, (1, 4, 32, 32)).output_shape[1]
        net.append(cc.GroupNorm(1, channels)).extend(layers[place:])
        field = cc.receptive_field(net, (1, 4, 32, 32))
        # Behind axes that can't be followed, the norm has no figure either.
        found = field.without_mixing if field.whole else field
        assert (found.size, found.stride, found.padding) == (plain.size, plain.stride, plain.padding), place


def test_behind_windows_there_is_no_figure_rather_than_the_one_before_them():
    """It was told to be 3 cells wide with a stride of 1, behind a convolution of stride 2."""
    net = cc.Sequential(conv()(), cc.GroupNorm(1, 4), Windows(), conv(2)())
    field = cc.receptive_field(net, (1, 4, 32, 32))
    assert field.whole
    assert field.without_mixing.size == (None, None)
    assert "a reshape has cut" in field.without_mixing.reason
