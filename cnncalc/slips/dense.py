"""Wrong rules for the channels of a dense block.

Behind l layers the block holds its input, k₀ channels, and what each layer has added, k₁ … k_l: together k₀ + Σ kᵢ
(k₀ + k·l for one growth rate k). Layer l receives what layers 1 … l − 1 have left. The rules also run where k₀ is a symbol.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.sizes import Size
from cnncalc.slips.joins import dense_state
from cnncalc.slips.place import Place
from cnncalc.slips.slip import Rule, Slip

if TYPE_CHECKING:
    from collections.abc import Callable

BEHIND = ("channels",)
RECEIVED = ("input_channels",)


def of_block(wrong: Callable[[list[Any]], tuple[Any, ...]]) -> Rule:
    """The rule from the channels of the block's input and of each layer so far, in order."""

    def rule(place: Place) -> tuple[Any, ...]:
        state = dense_state(place)
        return wrong([part.shape[place.lead] for part in state]) if state else ()

    return rule


def _sum(channels: list[Any]) -> Size:
    total: Size = 0
    for count in channels:
        total = total + count
    return total


def _own(place: Place) -> Any | None:
    """The channels that the row at a place gives, where it is a layer in a dense block."""
    inside = bool(dense_state(place)) and place.value is not None and len(place.value.shape) > place.lead
    return place.value.shape[place.lead] if inside and place.value is not None else None


def _own_output_included(place: Place) -> tuple[Any, ...]:
    """What the layer receives and its own maps, with the block's input and without."""
    own = _own(place)
    if own is None:
        return ()
    channels = [part.shape[place.lead] for part in dense_state(place)]
    return (_sum([*channels, own]), _sum([*channels[1:], own]))


def _output_for_input(place: Place) -> tuple[Any, ...]:
    """The layer's own maps."""
    own = _own(place)
    return () if own is None else (own,)


SLIPS: tuple[Slip, ...] = (
    Slip(
        "dense.input_for_output",
        BEHIND,
        of_block(lambda channels: (_sum(channels[:-1]),)),
        en="This is what the last of these layers receives: k0 + k(l − 1); its own maps come on top.",
        fa="این تعداد کانالی است که آخرین لایه دریافت می‌کند: k0 + k(l − 1)؛ نقشه‌های خودِ آن لایه هم به آن افزوده می‌شود.",
        symbolic=True,
    ),
    Slip(
        "dense.no_k0",
        (*BEHIND, *RECEIVED),
        of_block(lambda channels: (_sum(channels[1:]),)),
        en="This is the number of maps that the layers have added; the block's own input stays in the concatenation too.",
        fa="این تعداد نقشه‌هایی است که لایه‌ها افزوده‌اند؛ ورودی بلوک هم در الحاق می‌ماند.",
        symbolic=True,
    ),
    Slip(
        "dense.off_by_one",
        BEHIND,
        of_block(lambda channels: (_sum([*channels, channels[-1]]),)),
        en="This is the number of channels behind one layer more: k0 + k(l + 1).",
        fa="این تعداد کانال‌ها پس از یک لایهٔ بیشتر است: k0 + k(l + 1).",
        symbolic=True,
    ),
    Slip(
        "dense.k0_each_layer",
        (*BEHIND, *RECEIVED),
        of_block(lambda channels: (_sum([channels[0] + added for added in channels[1:]]),)),
        en="This is the number with the block's input counted once for each layer: l(k0 + k); it counts once.",
        fa="این عدد با شمردن ورودی بلوک برای هر لایه است: l(k0 + k)؛ ورودی بلوک تنها یک بار شمرده می‌شود.",
        symbolic=True,
    ),
    Slip(
        "dense.added",
        (*BEHIND, *RECEIVED),
        of_block(lambda channels: (channels[0], channels[-1])),
        en="This is the number of channels of a sum, as in ResNet; a dense block concatenates.",
        fa="این تعداد کانال‌های یک جمع است، مانند ResNet؛ بلوک متراکم الحاق می‌کند.",
        symbolic=True,
    ),
    Slip(
        "dense.previous_only",
        RECEIVED,
        of_block(lambda channels: (channels[-1],)),
        en="This is the number of maps of the previous layer alone; a layer receives those of all earlier layers.",
        fa="این تنها تعداد نقشه‌های لایهٔ پیشین است؛ هر لایه نقشه‌های همهٔ لایه‌های پیش از خود را دریافت می‌کند.",
        symbolic=True,
    ),
    Slip(
        "dense.own_output_included",
        RECEIVED,
        _own_output_included,
        en="This is the number with the layer's own maps among those it receives; a layer does not read itself.",
        fa="این عدد نقشه‌های خودِ لایه را هم در بر دارد؛ خروجی خودِ لایه ورودی آن نیست.",
        symbolic=True,
    ),
    Slip(
        "dense.output_for_input",
        RECEIVED,
        _output_for_input,
        en="This is the number of maps that the layer itself gives, not of those it receives.",
        fa="این تعداد نقشه‌هایی است که خودِ لایه می‌سازد، نه تعداد نقشه‌هایی که دریافت می‌کند.",
        symbolic=True,
    ),
)
