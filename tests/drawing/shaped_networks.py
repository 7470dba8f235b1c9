"""Random networks that cut, turn, join and multiply tensors between convolutions, as shuffles, windows and attention do."""

# ruff: noqa: ARG001 - every piece is drawn and applied alike

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

import cnncalc as cc

Shape = tuple[int, ...]


def divisor(draw: Any, n: int) -> int:
    """A divisor of a length."""
    return draw(st.sampled_from([d for d in range(1, n + 1) if n % d == 0]))


def shuffle(draw: Any, shape: Shape) -> Any:
    """Channels dealt out by groups."""
    g = divisor(draw, shape[1])
    return lambda _, x: x.view(x.size(0), g, -1, *x.shape[2:]).transpose(1, 2).flatten(1, 2)


def windows(draw: Any, shape: Shape) -> Any:
    """Windows that mix their cells, laid out as an image again."""
    a, b = divisor(draw, shape[2]), divisor(draw, shape[3])

    def code(_: Any, x: Any) -> Any:
        n, c, h, w = x.shape
        parts = x.reshape(n, c, h // a, a, w // b, b).permute(0, 2, 4, 1, 3, 5)
        parts = parts + parts.mean((-2, -1), keepdim=True)
        return parts.permute(0, 3, 1, 4, 2, 5).reshape(n, c, h, w)

    return code


def gate(draw: Any, shape: Shape) -> Any:
    """Channels weighted by what the whole image says, or rows by their sums."""
    axes = draw(st.sampled_from(((2, 3), (3,), (1,), (2,))))
    return lambda _, x: x * cc.amax(x, axes, keepdim=True)


def rolled(draw: Any, shape: Shape) -> Any:
    """Cells moved around the ends, along one axis or two."""
    by = (draw(st.integers(-3, 3)), draw(st.integers(-3, 3)))
    return lambda _, x: cc.roll(x, by, (2, 3))


def turned(draw: Any, shape: Shape) -> Any:
    """Cells in reverse order, added to the others."""
    axis = draw(st.integers(1, 3))
    return lambda _, x: x + x.flip(axis)


def channels_last(draw: Any, shape: Shape) -> Any:
    """A fully connected layer over the channels."""
    return lambda net, x: net.linear(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def halves(draw: Any, shape: Shape) -> Any:
    """Channels in two parts, one of which is worked on."""

    def code(net: Any, x: Any) -> Any:
        a, b = x.chunk(2, dim=1)
        return cc.cat([b, net.conv(x)[:, : a.size(1)] * a], 1)

    return code if shape[1] > 1 else channels_last(draw, shape)


def strided(draw: Any, shape: Shape) -> Any:
    """Every other cell, on the two phases apart, stacked and averaged."""
    if shape[2] % 2:
        return lambda net, x: net.conv(x)[..., 1:-1] if x.size(3) > 2 else x
    return lambda _, x: cc.stack([x[:, :, ::2], x[:, :, 1::2]], dim=2).mean(2)


def attended(draw: Any, shape: Shape) -> Any:
    """Positions that look each other up, row by row or all together."""
    rows = draw(st.booleans())

    def code(_: Any, x: Any) -> Any:
        if rows:
            return (x @ x.transpose(-2, -1)).softmax(-1) @ x
        y = x.flatten(2)
        return cc.matmul(cc.bmm(y.mT, y).softmax(-1), y.mT).mT.unflatten(2, x.shape[2:])

    return code


def recurrent(draw: Any, shape: Shape) -> Any:
    """A recurrence along the rows."""

    def code(net: Any, x: Any) -> Any:
        n, c, h, w = x.shape
        sequence = x.permute(3, 0, 2, 1).reshape(w, n * h, c)
        output, _ = net.rnn(sequence)
        return output[..., :c].view(w, n, h, c).permute(1, 3, 2, 0)

    return code


def convolved(draw: Any, shape: Shape) -> Any:
    """A convolution and a sum, in place or not."""
    if draw(st.booleans()):
        return lambda net, x: net.conv(x) + x

    def code(net: Any, x: Any) -> Any:
        y = net.conv(x)
        y += x
        return y

    return code


def stretched(draw: Any, shape: Shape) -> Any:
    """The largest of each row beside the row, and a second copy of the columns."""
    return lambda _, x: cc.maximum(x, x.max(dim=3, keepdim=True).values.expand_as(x)).repeat(1, 1, 1, 2)[..., : x.size(3)]


def joined_and_cut(draw: Any, shape: Shape) -> Any:
    """Two versions of the image joined along an axis, dealt out or not, of which a part is taken."""
    axis, first = draw(st.integers(1, 3)), draw(st.booleans())
    deal = draw(st.booleans()) and axis == 1

    def code(net: Any, x: Any) -> Any:
        n, c, h, w = x.shape
        y = cc.cat([x, net.conv(x)], axis)
        if deal:
            y = y.view(n, 2, c, h, w).transpose(1, 2).reshape(n, 2 * c, h, w)
        return y.narrow(axis, 0 if first else x.size(axis), x.size(axis))

    return code


def stacked_and_picked(draw: Any, shape: Shape) -> Any:
    """Two versions of the image stacked, one of which is picked, or both added."""
    axis, pick = draw(st.integers(0, 4)), draw(st.sampled_from((0, 1, slice(None))))

    def code(net: Any, x: Any) -> Any:
        y = cc.stack([x, net.conv(x) * net.scale], axis)
        return y.sum(axis) if isinstance(pick, slice) else y.select(axis, pick)

    return code


def picked_by_lists(draw: Any, shape: Shape) -> Any:
    """Cells of an axis in an order of their own; rows and columns, each by a list; cells of both axes, by two lists at once."""
    first = draw(st.integers(1, 3))
    how = draw(st.sampled_from(("one", "each", "both"))) if first < 3 else "one"
    rows, columns = draw(st.integers(1, 3)), draw(st.integers(1, 3))

    def table(axis: int, height: int, width: int) -> list[list[int]]:
        cells = st.integers(-shape[axis], shape[axis] - 1)
        return draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=height, max_size=height))

    whole = (slice(None),) * first
    if how == "one":
        index = (*whole, table(first, 1, columns)[0])
    elif how == "each":
        index = (*whole, table(first, rows, 1), table(first + 1, 1, columns)[0])
    else:
        index = (*whole, table(first, rows, columns), table(first + 1, rows, columns))

    def code(net: Any, x: Any) -> Any:
        y = x[index]
        return y if y.size(1) == x.size(1) else x * y.amax((1, 2, 3), keepdim=True)

    return code


PIECES = (
    joined_and_cut,
    stacked_and_picked,
    picked_by_lists,
    shuffle,
    windows,
    gate,
    rolled,
    turned,
    channels_last,
    halves,
    strided,
    attended,
    recurrent,
    convolved,
    stretched,
)


class Pieces(cc.Module):
    """Pieces of code in a row."""

    def __init__(self, channels: int, codes: list[Any], bidirectional: bool) -> None:  # noqa: FBT001
        """Take the pieces and make the layers that they use."""
        super().__init__()
        self.codes = codes
        self.conv = cc.Conv2d(channels, channels, (1, 3), padding=(0, 1))
        self.linear = cc.Linear(channels, channels)
        self.scale = cc.Parameter(shape=(channels, 1, 1))
        self.rnn = cc.GRU(channels, channels + 1, bidirectional=bidirectional)

    def forward(self, x: Any) -> Any:
        """Run them."""
        for code in self.codes:
            x = code(self, x)
        return x


@st.composite
def networks(draw: Any) -> tuple[cc.Module, Shape, list[str]]:
    """A network of up to four pieces, the shape of its input, and the names of the pieces."""
    shape = (1, draw(st.integers(1, 4)), draw(st.integers(1, 6)), draw(st.integers(1, 6)))
    first, codes, names = shape, [], []
    bidirectional = draw(st.booleans())
    for _ in range(draw(st.integers(1, 4))):
        piece = draw(st.sampled_from(PIECES))
        codes.append(piece(draw, shape))
        names.append(piece.__name__)
        shape = cc.trace(Pieces(first[1], codes, bidirectional), first).output_shape
    return Pieces(first[1], codes, bidirectional), first, names
