"""Wrong rules for the number of parameters of a network with a fully connected head behind a flatten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.axes import Merged
from cnncalc.sizes import product
from cnncalc.slips.carry import carry, shape_of
from cnncalc.slips.counting import Counted, counted, total
from cnncalc.slips.params import PARAMS
from cnncalc.slips.place import Place, is_cellwise, maps_of
from cnncalc.slips.slip import Slip

if TYPE_CHECKING:
    from cnncalc.value import Node, Value


def _mixed(place: Place) -> tuple[list[Counted], list[Counted]]:
    """The fully connected layers at a place, and all others; both empty where one of the kinds is missing."""
    layers = counted(place)
    linear = [layer for layer in layers if layer.is_linear]
    other = [layer for layer in layers if not layer.is_linear]
    return (linear, other) if linear and other else ([], [])


def _fc_no_bias(place: Place) -> tuple[Any, ...]:
    """The total without the biases of fully connected layers; without other layers that is params.no_bias."""
    linear, _ = _mixed(place)
    return total(place, lambda layer: layer.count(biases=0) if layer in linear and layer.biases else None)


def _flattened(place: Place, layer: Counted) -> Value | None:
    """The map that was laid out for a fully connected layer, channels first; None where there is none."""
    node = next((node for node in place.graph.nodes if node.operation is layer.module), None)
    while node is not None:
        source: Node = node.values[0].node
        if len(source.values) != 1:
            return None
        maps = next(iter(maps_of(source)), None)
        if isinstance(maps, Merged):
            return source.values[0] if maps.start == place.lead and len(source.values[0].shape) == maps.stop else None
        node = source if is_cellwise(source) else None
    return None


def _from_map(place: Place, features: Any) -> tuple[Any, ...]:
    """The total with another number of inputs for the layers behind a flatten: `features` of the map's axes."""
    wrong: dict[str, int] = {}
    for layer in counted(place):
        value = _flattened(place, layer) if layer.is_linear else None
        if value is not None:
            inputs = features(value)
            if inputs is None:
                return ()
            wrong[layer.path] = inputs
    return total(place, lambda layer: layer.count(inputs=wrong[layer.path]) if layer.path in wrong else None)


def _fc_spatial_only(place: Place) -> tuple[Any, ...]:
    """H·W inputs."""
    return _from_map(place, lambda value: product(value.shape[place.lead + 1 :]))


def _fc_channels_only(place: Place) -> tuple[Any, ...]:
    """C inputs: global average pooling."""
    return _from_map(place, lambda value: value.shape[place.lead])


def _fc_before_pooling(place: Place) -> tuple[Any, ...]:
    """As many inputs as the map would have if no pool did anything."""
    nodes = [place.graph.nodes[index] for index, layer in place.windowed.items() if layer.is_pool]
    if not nodes:
        return ()
    shapes = carry(place.graph, place.windowed, lambda node, given: given[0] if node in nodes else None)

    def features(value: Value) -> Any:
        shape = shape_of(value, shapes)
        return None if shape is None else product(shape[place.lead :])

    return _from_map(place, features)


def _one_class_less(place: Place) -> tuple[Any, ...]:
    """The last fully connected layer with an output less."""
    linear = [layer for layer in counted(place) if layer.is_linear]
    return total(place, lambda layer: layer.count(outputs=layer.outputs - 1) if layer == linear[-1] else None) if linear else ()


def _head_only(place: Place) -> tuple[Any, ...]:
    """The fully connected layers alone, or the last of them alone."""
    linear, _ = _mixed(place)
    return (sum(layer.size for layer in linear), linear[-1].size) if linear else ()


def _backbone_only(place: Place) -> tuple[Any, ...]:
    """Everything but the fully connected layers, or all but the last of them."""
    linear, other = _mixed(place)
    rest = sum(layer.size for layer in other)
    return (rest, rest + sum(layer.size for layer in linear[:-1])) if linear else ()


SLIPS: tuple[Slip, ...] = (
    Slip(
        "params.fc_no_bias",
        PARAMS,
        _fc_no_bias,
        en="This is the total without the biases of the fully connected layers.",
        fa="این مجموع بدون بایاس‌های لایه‌های کاملاً متصل است.",
    ),
    Slip(
        "params.fc_spatial_only",
        PARAMS,
        _fc_spatial_only,
        en="This is the total for a fully connected layer with height × width inputs; a flatten lays out the channels too.",
        fa="این مجموع برای لایهٔ کاملاً متصلی با ورودیِ طول × عرض است؛ در flatten کانال‌ها هم ضرب می‌شوند.",
    ),
    Slip(
        "params.fc_channels_only",
        PARAMS,
        _fc_channels_only,
        en="This is the total for a head behind global average pooling, with one input for each channel.",
        fa="این مجموع برای لایه‌ای پس از global average pooling است که برای هر کانال یک ورودی دارد.",
    ),
    Slip(
        "params.fc_before_pooling",
        PARAMS,
        _fc_before_pooling,
        en="This is the total for a flatten of the map before any pooling; the flatten comes after the poolings.",
        fa="این مجموع برای flatten کردن نقشه پیش از هر pooling است؛ flatten پس از poolingها می‌آید.",
    ),
    Slip(
        "params.one_class_less",
        PARAMS,
        _one_class_less,
        en="This is the total for one output less in the last fully connected layer; there is one output for each class.",
        fa="این مجموع برای یک خروجی کمتر در آخرین لایهٔ کاملاً متصل است؛ هر دسته یک خروجی دارد.",
    ),
    Slip(
        "params.head_only",
        PARAMS,
        _head_only,
        en="This is the number of the fully connected part alone.",
        fa="این عدد تنها برای بخش کاملاً متصل شبکه است.",
    ),
    Slip(
        "params.backbone_only",
        PARAMS,
        _backbone_only,
        en="This is the number of the network without its fully connected part.",
        fa="این عدد برای شبکه بدون بخش کاملاً متصل آن است.",
    ),
)
