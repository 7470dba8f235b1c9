"""Wrong rules for the size of a map: the length of a window's output, and the number of channels.

The right length is ⌊(n + p + q − K)/s⌋ + 1 (cnncalc.axis): n, input length; p and q, padding before and after; K, extent
of the kernel; s, stride. A slip changes it for some windows and leaves every other layer its own rule, so it runs on
any network. Its `change` works per axis, in any number of dimensions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnncalc.axis import Window
from cnncalc.slips.carry import carried
from cnncalc.slips.place import Place, Windowed
from cnncalc.slips.slip import Rule, Slip

if TYPE_CHECKING:
    from cnncalc.sizes import Shape
    from cnncalc.value import Node

#: A wrong length: from the input's length and the window. None keeps the right one.
Length = Callable[[Any, Window], Any]
#: Which of the windowed layers before a place a wrong rule is about.
Pick = Callable[[Place], list[Windowed]]

SIZES = ("shape", "side", "pixels")
CHANNELS = ("shape", "channels")


def sized(length: Length, pick: Pick) -> Rule:
    """The rule that replaces the length of the picked layers; it does not apply where none is picked."""

    def rule(place: Place) -> tuple[Any, ...]:
        picked = {layer.node.index: layer for layer in pick(place)}

        def change(node: Node, given: list[Any]) -> Shape | None:
            layer = picked.get(node.index)
            if layer is None:
                return None
            space = given[0][-len(layer.windows) :]
            wrong = [length(n, w) for n, w in zip(space, layer.windows, strict=True)]
            lengths = [w.length(n) if m is None else m for m, n, w in zip(wrong, space, layer.windows, strict=True)]
            return layer.shape(given[0], lengths)

        return place.measured(carried(place, change)) if picked else ()

    return rule


def convolutions(place: Place) -> list[Windowed]:
    """The convolutions."""
    return [layer for layer in place.layers if not layer.is_pool]


def pools(place: Place) -> list[Windowed]:
    """The pools."""
    return [layer for layer in place.layers if layer.is_pool]


def padded(place: Place) -> list[Windowed]:
    """The layers with padding."""
    return [layer for layer in place.layers if any(w.before or w.after for w in layer.windows)]


def strided(place: Place) -> list[Windowed]:
    """The convolutions that take steps of more than 1. A pool's stride is what makes it a pool: pool_ignored is about it."""
    return [layer for layer in convolutions(place) if any(w.stride > 1 for w in layer.windows)]


def rounding(place: Place) -> list[Windowed]:
    """The layers that round down."""
    return [layer for layer in place.layers if not any(w.ceil_mode for w in layer.windows)]


def dilated(place: Place) -> list[Windowed]:
    """The layers with gaps in the kernel."""
    return [layer for layer in place.layers if any(w.dilation > 1 for w in layer.windows)]


def by_formula(place: Place) -> list[Windowed]:
    """The convolutions, or the pools of a network without any: a pool beside convolutions is worked out by halving."""
    return convolutions(place) or pools(place)


def _room(n: Any, w: Window) -> Any:
    """N + p + q − K: how far the window can move."""
    return n + w.before + w.after - w.extent


def _swapped(n: Any, w: Window) -> Any:
    """⌊(n + 2s − K)/p⌋ + 1, where there is padding to take for a stride."""
    return (n + 2 * w.stride - w.extent) // w.before + 1 if w.before == w.after and w.before >= 1 else None


def _exact(n: Any, w: Window) -> Any:
    """(n + p + q − K)/s + 1, unrounded."""
    quotient, rest = divmod(_room(n, w), int(w.stride))
    if not rest:
        return quotient + 1
    from fractions import Fraction

    return quotient + 1 + Fraction(rest, int(w.stride))


def _ceil(n: Any, w: Window) -> Any:
    """⌈(n + p + q − K)/s⌉ + 1."""
    return -(-_room(n, w) // w.stride) + 1


def _without(layer: Windowed, place: Place) -> Any:
    """The shape at a place where one layer lets everything through."""
    return carried(place, lambda node, given: given[0] if node is layer.node else None)


def _pool_ignored(place: Place) -> tuple[Any, ...]:
    """The shape where no pool does anything."""
    nodes = [pool.node for pool in pools(place)]
    return place.measured(carried(place, lambda node, given: given[0] if node in nodes else None)) if nodes else ()


def _one_pool_short(place: Place) -> tuple[Any, ...]:
    """The shape with one of the pools missing, for each of them; with a single pool that is pool_ignored."""
    found = pools(place)
    return tuple(value for pool in found for value in place.measured(_without(pool, place))) if len(found) > 1 else ()


def _pool_halves_channels(place: Place) -> tuple[Any, ...]:
    """Each pool divides the channels by its stride: those that the next convolution sets anew, or those at the end."""
    found = {pool.node.index: int(pool.windows[0].stride) for pool in pools(place) if pool.windows[0].stride > 1}
    if not found or place.value is None:
        return ()

    def change(node: Node, given: list[Any]) -> Shape | None:
        if node.index not in found:
            return None
        pool = place.windowed[node.index]
        lengths = [w.length(n) for w, n in zip(pool.windows, given[0][-len(pool.windows) :], strict=True)]
        return pool.shape(given[0], lengths, given[0][-len(pool.windows) - 1] // found[node.index])

    values = list(place.measured(carried(place, change)))
    right = place.value.shape
    if len(right) > place.lead + 1:
        total = 1
        for stride in found.values():
            total *= stride
        channels = int(right[place.lead]) // total
        if channels:
            values += place.measured((*right[: place.lead], channels, *right[place.lead + 1 :]))
    return tuple(values)


def _filters_times_channels(place: Place) -> tuple[Any, ...]:
    """Each convolution gives out_channels maps for each map that comes in."""
    nodes = [layer.node for layer in convolutions(place)]

    def change(node: Node, given: list[Any]) -> Shape | None:
        if node not in nodes:
            return None
        layer = place.windowed[node.index]
        arriving, space = given[0][-len(layer.windows) - 1], given[0][-len(layer.windows) :]
        lengths = [w.length(n) for w, n in zip(layer.windows, space, strict=True)]
        return layer.shape(given[0], lengths, arriving * node.operation.out_channels)  # type: ignore[union-attr]

    return place.measured(carried(place, change)) if nodes else ()


SLIPS: tuple[Slip, ...] = (
    Slip(
        "shape.swap_pad_stride",
        SIZES,
        sized(_swapped, padded),
        en="This is the size with the two settings exchanged: the given stride as padding and the given padding as stride.",
        fa="این اندازه‌ای است که اگر padding و stride جای یکدیگر را بگیرند به دست می‌آید.",
    ),
    Slip(
        "shape.assume_same",
        SIZES,
        sized(lambda n, _: n, convolutions),
        en="This is the size if every convolution keeps the size of its input; padding does that only where the stride is 1 "
        "and 2p = d(k − 1).",
        fa="این اندازه‌ای است که اگر هر کانولوشن اندازهٔ ورودی‌اش را حفظ کند به دست می‌آید؛ padding تنها وقتی چنین می‌کند که stride "
        "برابر ۱ و 2p = d(k − 1) باشد.",
    ),
    Slip(
        "shape.ceil",
        SIZES,
        sized(_ceil, rounding),
        en="This is the size with the quotient rounded up; the rule rounds it down.",
        fa="این اندازه‌ای است که با گرد کردن خارج‌قسمت رو به بالا به دست می‌آید؛ قاعده آن را رو به پایین گرد می‌کند.",
    ),
    Slip(
        "shape.framework_same",
        SIZES,
        sized(lambda n, w: -(-n // w.stride), strided),
        en="This is the size ⌈n/s⌉ that some frameworks give for a padding called “same”; the padding here is a number, "
        "and it enters the formula.",
        fa="این همان اندازهٔ ⌈n/s⌉ است که برخی چارچوب‌ها برای padding از نوع «same» می‌دهند؛ در اینجا padding یک عدد است و در "
        "فرمول می‌آید.",
    ),
    Slip(
        "shape.no_floor",
        SIZES,
        sized(_exact, rounding),
        en="This is the quotient before rounding; a size is a whole number, rounded down.",
        fa="این خارج‌قسمت پیش از گرد کردن است؛ اندازه عددی صحیح است و رو به پایین گرد می‌شود.",
    ),
    Slip(
        "shape.forgot_plus1",
        SIZES,
        sized(lambda n, w: _room(n, w) // w.stride, by_formula),
        en="This is the size without the + 1 at the end of the formula, which counts the first position of the window.",
        fa="این اندازه بدون جملهٔ + 1 در پایان فرمول است؛ این جمله نخستین جایگاه پنجره را می‌شمارد.",
    ),
    Slip(
        "shape.no_padding",
        SIZES,
        sized(lambda n, w: (n - w.extent) // w.stride + 1, padded),
        en="This is the size with a padding of 0.",
        fa="این اندازه با padding برابر ۰ است.",
    ),
    Slip(
        "shape.stride_ignored",
        SIZES,
        sized(lambda n, w: _room(n, w) + 1, strided),
        en="This is the size with a stride of 1 in every convolution.",
        fa="این اندازه با stride برابر ۱ در همهٔ کانولوشن‌هاست.",
    ),
    Slip(
        "shape.stride_multiplied",
        SIZES,
        sized(lambda n, w: _room(n, w) * w.stride + 1, strided),
        en="This is the size with the stride as a factor; the stride divides.",
        fa="این اندازه‌ای است که در آن stride ضرب شده است؛ stride باید در مخرج کسر باشد.",
    ),
    Slip(
        "shape.pad_once",
        SIZES,
        sized(lambda n, w: (n + w.before - w.extent) // w.stride + 1, padded),
        en="This is the size with the padding counted on one side only; it is added on both.",
        fa="این اندازه با شمردن padding تنها در یک سو است؛ padding به هر دو سو افزوده می‌شود.",
    ),
    Slip(
        "shape.no_dilation",
        SIZES,
        sized(lambda n, w: (n + w.before + w.after - w.kernel_size) // w.stride + 1, dilated),
        en="This is the size with a dilation of 1; a dilated kernel reaches over d(k − 1) + 1 cells.",
        fa="این اندازه با dilation برابر ۱ است؛ کرنلِ متسع d(k − 1) + 1 خانه را می‌پوشاند.",
    ),
    Slip(
        "shape.pool_ignored",
        SIZES,
        _pool_ignored,
        en="This is the size without any pooling; each pooling divides the sides by its stride.",
        fa="این اندازه بدون هیچ pooling است؛ هر pooling طول و عرض را بر stride خود تقسیم می‌کند.",
    ),
    Slip(
        "shape.one_pool_short",
        SIZES,
        _one_pool_short,
        en="This is the size with one pooling fewer than the network has.",
        fa="این اندازه با یک pooling کمتر از poolingهای شبکه است.",
    ),
    Slip(
        "shape.pool_halves_channels",
        CHANNELS,
        _pool_halves_channels,
        en="This is the shape if pooling divides the channels as it divides the sides; pooling leaves channels alone.",
        fa="این شکلی است که اگر pooling کانال‌ها را هم مانند طول و عرض تقسیم کند به دست می‌آید؛ pooling تعداد کانال را "
        "تغییر نمی‌دهد.",
    ),
    Slip(
        "shape.filters_times_channels",
        CHANNELS,
        _filters_times_channels,
        en="This is the shape with a map for each pair of a filter and an input channel; a filter sums over all input channels "
        "and gives one map.",
        fa="این شکلی است که در آن هر جفتِ فیلتر و کانال ورودی یک نقشه می‌سازد؛ هر فیلتر روی همهٔ کانال‌های ورودی جمع می‌زند و یک "
        "نقشه می‌دهد.",
    ),
)
