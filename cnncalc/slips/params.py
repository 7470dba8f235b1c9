"""Wrong rules for the number of parameters of convolutions.

The right count of a layer is F·C·∏ k + F: F outputs, C inputs of one group, k the kernel per axis. A slip changes it in
some layers; norms and other layers keep their own. A rule about a total adds up over the rows at the place it is asked.
"""

from __future__ import annotations

from math import prod
from typing import Any

from cnncalc.slips.counting import Counted, counted, single, total
from cnncalc.slips.place import Place
from cnncalc.slips.slip import Slip

PARAMS = ("params", "trainable")


def _no_bias(layer: Counted) -> int | None:
    """F·C·∏ k."""
    return layer.count(biases=0) if layer.biases else None


def _one_bias(layer: Counted) -> int | None:
    """F·C·∏ k + 1."""
    return layer.count(biases=1) if layer.biases else None


def _bias_per_input(layer: Counted) -> int | None:
    """F·C·∏ k + C: a bias per input, or inputs and outputs exchanged."""
    return layer.count(biases=layer.arriving) if layer.biases else None


def _no_depth(layer: Counted) -> int | None:
    """F·∏ k + F."""
    return layer.count(inputs=1) if layer.is_convolution else None


def _kernel_not_squared(layer: Counted) -> int | None:
    """F·C·k + F, in two or more dimensions."""
    return layer.count(kernel=layer.kernel[:1]) if len(layer.kernel) > 1 else None


def _untied_weights(place: Place) -> tuple[Any, ...]:
    """Each convolution's count × the positions of its output."""
    positions: dict[int, int] = {}
    for index, layer in place.windowed.items():
        if not layer.is_pool:
            node = place.graph.nodes[index]
            positions.setdefault(id(node.operation), prod(node.output[-len(layer.windows) :]))
    return total(place, lambda layer: layer.size * positions[id(layer.module)] if id(layer.module) in positions else None)


def _dense_convolutions(place: Place) -> list[Counted]:
    """The convolutions at a place that read all their inputs; groups say their depth in another way."""
    return [layer for layer in counted(place) if layer.is_convolution and layer.inputs == layer.arriving]


def _depth_not_updated(place: Place) -> tuple[Any, ...]:
    """Every convolution reads as many channels as the first one. About a total: one row alone has no first layer."""
    found = _dense_convolutions(place)
    if len(found) < 2:  # noqa: PLR2004 - a first and a later one
        return ()
    return total(place, lambda layer: layer.count(inputs=found[0].inputs) if layer in found else None)


def _first_layer_as_later(place: Place) -> tuple[Any, ...]:
    """The first convolution reads as many channels as the second one."""
    found = _dense_convolutions(place)
    if len(found) < 2:  # noqa: PLR2004 - a first and a later one
        return ()
    first, second = found[:2]
    return total(place, lambda layer: layer.count(inputs=second.inputs) if layer == first else None)


def _pool_has_params(place: Place) -> tuple[Any, ...]:
    """Each pool counted as one filter per channel, C·∏ k + C."""
    added = 0
    for index, layer in place.windowed.items():
        node = place.graph.nodes[index]
        if layer.is_pool and place.holds(node.path):
            channels = int(node.values[0].shape[-len(layer.windows) - 1])
            added += channels * prod(int(w.kernel_size) for w in layer.windows) + channels
    return (sum(layer.size for layer in counted(place)) + added,) if added else ()


def _other_layer(place: Place) -> tuple[Any, ...]:
    """The right counts of the other layers of the network, for a row that is one layer of several.

    C3's "third convolution for the second" (unet.third_conv), for any row and any other.
    """
    row = single(place)
    if row is None:
        return ()
    everywhere = counted(Place(place.graph, None, place.quantity))
    return tuple(layer.size for layer in everywhere if layer.path != row.path)


SLIPS: tuple[Slip, ...] = (
    Slip(
        "params.no_bias",
        PARAMS,
        lambda place: total(place, _no_bias),
        en="This is the number of weights without the biases; each output channel has one bias.",
        fa="این تعداد وزن‌ها بدون بایاس‌هاست؛ هر کانال خروجی یک بایاس دارد.",
    ),
    Slip(
        "params.one_bias",
        PARAMS,
        lambda place: total(place, _one_bias),
        en="This is the number with a single bias for each layer; there is one for each filter.",
        fa="این عدد با یک بایاس برای هر لایه است؛ هر فیلتر یک بایاس دارد.",
    ),
    Slip(
        "params.bias_per_input",
        PARAMS,
        lambda place: total(place, _bias_per_input),
        en="This is the number with one bias for each input channel, or with inputs and outputs exchanged; the number of "
        "biases is that of the outputs.",
        fa="این عدد با یک بایاس برای هر کانال ورودی، یا با جابه‌جا شدنِ ورودی و خروجی، به دست می‌آید؛ تعداد بایاس‌ها برابر تعداد "
        "خروجی‌هاست.",
    ),
    Slip(
        "params.no_depth",
        PARAMS,
        lambda place: total(place, _no_depth),
        en="This is the number for filters of depth 1; a filter spans all input channels.",
        fa="این عدد برای فیلترهایی با عمق ۱ است؛ هر فیلتر همهٔ کانال‌های ورودی را در بر می‌گیرد.",
    ),
    Slip(
        "params.kernel_not_squared",
        PARAMS,
        lambda place: total(place, _kernel_not_squared),
        en="This is the number with the side of the kernel in place of its area: k, where k×k is meant.",
        fa="این عدد با ضلع کرنل به جای مساحت آن به دست می‌آید؛ اندازهٔ کرنل k×k است، نه k.",
    ),
    Slip(
        "params.untied_weights",
        PARAMS,
        _untied_weights,
        en="This is the number with separate weights for each position of the output; a convolution shares its weights over all "
        "positions.",
        fa="این عدد با وزن‌های جداگانه برای هر جایگاه خروجی است؛ کانولوشن وزن‌هایش را در همهٔ جایگاه‌ها مشترک به کار می‌برد.",
    ),
    Slip(
        "params.depth_not_updated",
        PARAMS,
        _depth_not_updated,
        en="This is the total if every convolution reads as many channels as the first one; later ones read the maps of the "
        "layer before.",
        fa="این مجموع برای حالتی است که هر کانولوشن به اندازهٔ کانولوشن اول کانال بخواند؛ کانولوشن‌های بعدی نقشه‌های لایهٔ پیش از "
        "خود را می‌خوانند.",
    ),
    Slip(
        "params.first_layer_as_later",
        PARAMS,
        _first_layer_as_later,
        en="This is the total if the first convolution reads as many channels as the second; the first one reads the input's own "
        "channels.",
        fa="این مجموع برای حالتی است که کانولوشن اول به اندازهٔ کانولوشن دوم کانال بخواند؛ کانولوشن اول کانال‌های خودِ ورودی را "
        "می‌خواند.",
    ),
    Slip(
        "params.pool_has_params",
        PARAMS,
        _pool_has_params,
        en="This is the total with weights and biases for the pooling windows; pooling has no parameters.",
        fa="این مجموع با وزن و بایاس برای پنجره‌های pooling است؛ pooling پارامتر ندارد.",
    ),
    Slip(
        "params.other_layer",
        PARAMS,
        _other_layer,
        en="This is the number of parameters of another layer of the same network.",
        fa="این تعداد پارامترهای لایهٔ دیگری از همین شبکه است.",
    ),
)
