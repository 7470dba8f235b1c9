"""Wrong rules for the receptive field along a chain of convolutions and pools.

The right rule, from r = j = 1 and from the input on: r ← r + (K − 1)·j, then j ← j·s. K is the extent of the kernel, s its
stride, j the jump, the step of the input that one step of the map takes. Each slip below walks one axis of the chain and
gives r after each layer; axes are walked apart and put together again. A chain is the branch with most windows, where a
network has several; behind a layer that mixes cells in another way there is none, and the slips do not apply.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any, NamedTuple

from cnncalc.axis import Window
from cnncalc.sizes import product
from cnncalc.slips.place import Place, Windowed
from cnncalc.slips.slip import Rule, Slip, Steps

FIELDS = ("rf", "rf_side", "rf_area", "rf_values")


class Step(NamedTuple):
    """One window of the chain on one axis."""

    window: Window
    is_pool: bool

    @property
    def extent(self) -> int:
        """The extent K of the kernel, gaps included."""
        return int(self.window.extent)

    @property
    def stride(self) -> int:
        """The stride s."""
        return int(self.window.stride)

    @property
    def padding(self) -> int:
        """The padding on both sides together, 2p."""
        return int(self.window.before + self.window.after)


#: A wrong walk along one axis: the side after each step.
Walk = Callable[[list[Step]], list[int]]
#: Which chains a wrong walk is about; it does not apply to others.
Applies = Callable[[list[Windowed]], bool]


def as_quantity(place: Place, sizes: tuple[Any, ...]) -> tuple[Any, ...]:
    """Sizes per axis as the quantity asked: one number for equal sides, or their tuple; the area; the values under it."""
    if place.quantity == "rf_area":
        return (product(sizes),)
    if place.quantity == "rf_values":
        return (product(sizes) * place.graph.inputs[0].shape[place.lead],)
    equal = all(n == sizes[0] for n in sizes)
    return (sizes[0],) if equal else (sizes,) if place.quantity == "rf" else ()


def along(walk: Walk, applies: Applies) -> tuple[Rule, Steps]:
    """The rule and the trace of a walk: it gives the last side."""

    def walked(place: Place) -> list[tuple[int, ...]]:
        chain = place.chain()
        if not chain or not applies(chain):
            return []
        axes = range(len(chain[0].windows))
        rows = [walk([Step(layer.windows[axis], layer.is_pool) for layer in chain]) for axis in axes]
        return list(zip(*rows, strict=True))

    def rule(place: Place) -> tuple[Any, ...]:
        sides = walked(place)
        return as_quantity(place, sides[-1]) if sides else ()

    def steps(place: Place) -> list[Any]:
        return [side[0] if len(set(side)) == 1 else side for side in walked(place)]

    return rule, steps


def slip(name: str, walk: Walk, applies: Applies, *, en: str, fa: str) -> Slip:
    """A slip about the field, from its walk."""
    rule, steps = along(walk, applies)
    return Slip(f"rf.{name}", FIELDS, rule, en=en, fa=fa, steps=steps)


def _any(_: list[Windowed]) -> bool:
    return True


def _has_pool(chain: list[Windowed]) -> bool:
    return any(layer.is_pool for layer in chain)


def _has_both(chain: list[Windowed]) -> bool:
    return _has_pool(chain) and not all(layer.is_pool for layer in chain)


def _has_several(chain: list[Windowed]) -> bool:
    return len(chain) > 1


def _has_padding(chain: list[Windowed]) -> bool:
    return any(w.before or w.after for layer in chain for w in layer.windows)


def _has_dilation(chain: list[Windowed]) -> bool:
    return any(w.dilation > 1 for layer in chain for w in layer.windows)


def grown(steps: list[Step], growth: Callable[[Step], int]) -> list[int]:
    """The right walk with another growth in place of K − 1: r ← r + growth·j, j ← j·s."""
    side, jump, sides = 1, 1, []
    for step in steps:
        side += growth(step) * jump
        jump *= step.stride
        sides.append(side)
    return sides


def right_walk(steps: list[Step]) -> list[int]:
    """The right walk."""
    return grown(steps, lambda step: step.extent - 1)


def _topdown_run_forward(steps: list[Step]) -> list[int]:
    """R ← (r − 1)·s + K, which is right from the output to the input, from the input on."""
    return list(accumulate(steps, lambda side, step: (side - 1) * step.stride + step.extent, initial=1))[1:]


def _no_jump(steps: list[Step]) -> list[int]:
    """R ← r + K − 1."""
    return list(accumulate(steps, lambda side, step: side + step.extent - 1, initial=1))[1:]


def _ignore_pool(steps: list[Step]) -> list[int]:
    """The right walk over the convolutions alone."""
    side, jump, sides = 1, 1, []
    for step in steps:
        if not step.is_pool:
            side += (step.extent - 1) * jump
            jump *= step.stride
        sides.append(side)
    return sides


def _own_stride_only(steps: list[Step]) -> list[int]:
    """R ← r + (K − 1)·s."""
    return list(accumulate(steps, lambda side, step: side + (step.extent - 1) * step.stride, initial=1))[1:]


def _jump_updated_first(steps: list[Step]) -> list[int]:
    """J ← j·s, then r ← r + (K − 1)·j."""
    side, jump, sides = 1, 1, []
    for step in steps:
        jump *= step.stride
        side += (step.extent - 1) * jump
        sides.append(side)
    return sides


def _before_last_pool(steps: list[Step]) -> list[int]:
    """The right walk, up to the last pool and without it."""
    last = max(index for index, step in enumerate(steps) if step.is_pool)
    return right_walk(steps)[:last]


def _last_kernel(steps: list[Step]) -> list[int]:
    """Each layer's own kernel; the last convolution's at the end."""
    side, sides = 1, []
    for step in steps:
        side = side if step.is_pool else step.extent
        sides.append(side)
    return sides


def _whole_input(place: Place) -> tuple[Any, ...]:
    """The sides of the input."""
    sizes = tuple(place.graph.inputs[0].shape[place.lead + 1 :]) if place.chain() else ()
    return as_quantity(place, sizes) if sizes else ()


SLIPS: tuple[Slip, ...] = (
    slip(
        "topdown_run_forward",
        _topdown_run_forward,
        _has_several,
        en="This is what r ← (r − 1)·s + k gives from the input to the output; that formula is right from the output to the "
        "input. From the input on, r grows by (k − 1)·jump.",
        fa="این مقداری است که r ← (r − 1)·s + k از ورودی به خروجی می‌دهد؛ این فرمول از خروجی به ورودی درست است. از سمت ورودی باید "
        "r را به اندازهٔ (k − 1)·jump زیاد کرد.",
    ),
    slip(
        "padding_added",
        lambda steps: grown(steps, lambda step: step.extent - 1 + step.padding),
        _has_padding,
        en="This is the field with the padding added to each kernel; padding shifts the field, it does not widen it.",
        fa="این میدان دید با افزودن padding به هر کرنل است؛ padding میدان دید را جابه‌جا می‌کند ولی بزرگ نمی‌کند.",
    ),
    slip(
        "no_jump",
        _no_jump,
        _any,
        en="This is the field with every growth k − 1 taken once; it is to be multiplied by the product of the earlier strides.",
        fa="این میدان دیدی است که در آن هر افزایش k − 1 یک بار شمرده شده است؛ هر افزایش در حاصل‌ضرب گام‌های پیشین ضرب می‌شود.",
    ),
    slip(
        "ignore_pool",
        _ignore_pool,
        _has_both,
        en="This is the field of the convolutions alone; pooling widens the field too, and its stride counts.",
        fa="این میدان دید کانولوشن‌ها به‌تنهایی است؛ pooling هم میدان دید را بزرگ می‌کند و گام آن به حساب می‌آید.",
    ),
    slip(
        "pool_adds_nothing",
        lambda steps: grown(steps, lambda step: 0 if step.is_pool else step.extent - 1),
        _has_pool,
        en="This is the field with the strides of the poolings but without their windows; a pooling also adds (k − 1)·jump.",
        fa="این میدان دید با گام poolingها ولی بدون پنجرهٔ آن‌هاست؛ خودِ pooling هم (k − 1)·jump می‌افزاید.",
    ),
    slip(
        "own_stride_only",
        _own_stride_only,
        _any,
        en="This is the field with each growth multiplied by the layer's own stride; the product of the earlier "
        "strides is needed.",
        fa="این میدان دیدی است که در آن هر افزایش در گام خودِ لایه ضرب شده است؛ حاصل‌ضرب گام‌های پیشین لازم است.",
    ),
    slip(
        "jump_updated_first",
        _jump_updated_first,
        _any,
        en="This is the field with each layer's stride applied to its own kernel; a stride acts on the layers that follow.",
        fa="این میدان دیدی است که در آن گام هر لایه روی کرنل خودش هم اثر کرده است؛ گام هر لایه روی لایه‌های بعد اثر دارد.",
    ),
    slip(
        "sum_of_kernels",
        lambda steps: list(accumulate(step.extent for step in steps)),
        _has_several,
        en="This is the sum of the kernel sizes; a field starts at 1 and grows by (k − 1)·jump.",
        fa="این مجموع اندازهٔ کرنل‌هاست؛ میدان دید از ۱ آغاز می‌شود و هر بار (k − 1)·jump بزرگ می‌شود.",
    ),
    slip(
        "product_of_kernels",
        lambda steps: list(accumulate((step.extent for step in steps), lambda a, b: a * b)),
        _has_several,
        en="This is the product of the kernel sizes; a field starts at 1 and grows by (k − 1)·jump.",
        fa="این حاصل‌ضرب اندازهٔ کرنل‌هاست؛ میدان دید از ۱ آغاز می‌شود و هر بار (k − 1)·jump بزرگ می‌شود.",
    ),
    slip(
        "jump_instead",
        lambda steps: list(accumulate((step.stride for step in steps), lambda a, b: a * b)),
        _any,
        en="This is the product of the strides: the step between two neighbouring cells, measured on the input.",
        fa="این حاصل‌ضرب گام‌هاست: فاصلهٔ دو نورون همسایه روی ورودی.",
    ),
    slip(
        "before_last_pool",
        _before_last_pool,
        _has_both,
        en="This is the right field of another place: before the last pooling.",
        fa="این میدان دیدِ درست برای جای دیگری است: پیش از آخرین pooling.",
    ),
    slip(
        "reversed_order",
        lambda steps: right_walk(steps[::-1]),
        _has_several,
        en="This is the field of the same layers in the reverse order.",
        fa="این میدان دیدِ همین لایه‌ها با ترتیب وارونه است.",
    ),
    slip(
        "no_dilation",
        lambda steps: grown(steps, lambda step: int(step.window.kernel_size) - 1),
        _has_dilation,
        en="This is the field with a dilation of 1; a dilated kernel reaches over d(k − 1) + 1 cells.",
        fa="این میدان دید با dilation برابر ۱ است؛ کرنلِ متسع d(k − 1) + 1 خانه را می‌پوشاند.",
    ),
    slip(
        "last_kernel",
        _last_kernel,
        lambda chain: not all(layer.is_pool for layer in chain),
        en="This is the kernel of the last convolution: what it sees of its own input, not of the image.",
        fa="این اندازهٔ کرنل آخرین کانولوشن است: آنچه از ورودی خودش می‌بیند، نه از تصویر.",
    ),
    Slip(
        "rf.whole_input",
        FIELDS,
        _whole_input,
        en="This is the size of the input; the windows on the way see only a part of it.",
        fa="این اندازهٔ خودِ ورودی است؛ پنجره‌های مسیر تنها بخشی از آن را می‌بینند.",
    ),
)
