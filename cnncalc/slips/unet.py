"""Wrong rules for encoders and decoders: the deepest map, a level's convolution, and what a skip brings.

The rules about a map's pixels are asked at the row of that map (or of the network's output). A *level* is every row whose
map has the same sides as the one asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.sizes import product
from cnncalc.slips.carry import carried, carry, shape_of
from cnncalc.slips.counting import Counted, counted, single, total
from cnncalc.slips.joins import is_skip, joins_channels
from cnncalc.slips.params import PARAMS
from cnncalc.slips.place import Place, Windowed
from cnncalc.slips.shape import padded, sized
from cnncalc.slips.slip import Slip

if TYPE_CHECKING:
    from cnncalc.sizes import Shape
    from cnncalc.value import Node

#: What the rules about a map are asked for; its whole shape is what slips/shape.py is about.
MAPS = ("pixels", "side")

#: An image's channels, where nothing else is known: colour and grey.
IMAGE_CHANNELS = (3, 1)


def _halvings(place: Place) -> list[Windowed]:
    """The layers that make the map smaller by their stride."""
    return [layer for layer in place.layers if any(w.stride > 1 for w in layer.windows)]


def _levels_off_by_one(place: Place) -> tuple[Any, ...]:
    """The map without the last halving, and with that halving twice."""

    def last(place: Place) -> list[Windowed]:
        return _halvings(place)[-1:]

    return sized(lambda n, _: n, last)(place) + sized(lambda n, w: w.length(w.length(n)), last)(place)


def _space(place: Place) -> Shape:
    """The sides of the map at a place; empty where it has none."""
    return place.value.shape[place.lead + 1 :] if place.value is not None else ()


def _side_not_area(place: Place) -> tuple[Any, ...]:
    """The side of a map that has more than one axis."""
    space = _space(place)
    return space[:1] if len(space) > 1 and all(n == space[0] for n in space) else ()


def _area_halved(place: Place) -> tuple[Any, ...]:
    """The input's pixels divided by each stride once, in place of once per axis."""
    halvings = _halvings(place)
    if not halvings or len(_space(place)) < 2:  # noqa: PLR2004 - on one axis that is right
        return ()
    strides = product(int(layer.windows[0].stride) for layer in halvings)
    pixels = product(place.graph.inputs[0].shape[place.lead + 1 :])
    return (pixels // strides,) if pixels % strides == 0 else ()


def _level(place: Place) -> list[Node]:
    """The rows whose map has the sides of the one at a place."""
    space = _space(place)
    maps = [node for node in place.graph.nodes if node.output and not isinstance(node.output[0], tuple)]
    return [node for node in maps if space and node.output[place.lead + 1 :] == space]


def _with_channels(place: Place) -> tuple[Any, ...]:
    """Pixels × channels, for the channels of each row of the level."""
    return tuple(product(node.output[place.lead :]) for node in _level(place))


def _valid_conv(place: Place) -> tuple[Any, ...]:
    """The map with all convolutions unpadded, at each row of the level."""
    unpadded = [layer for layer in padded(place) if not layer.is_pool]
    if not unpadded:
        return ()
    every = {index for index, layer in place.windowed.items() if not layer.is_pool}

    def change(node: Node, given: list[Any]) -> Shape | None:
        if node.index not in every:
            return None
        layer = place.windowed[node.index]
        space = given[0][-len(layer.windows) :]
        return layer.shape(given[0], [(n - w.extent) // w.stride + 1 for n, w in zip(space, layer.windows, strict=True)])

    shapes = carry(place.graph, place.windowed, change)
    asked = () if place.value is None else place.measured(shape_of(place.value, shapes))
    return asked + tuple(value for node in _level(place) for value in place.measured(shapes.get(node.index)))


def _convolution(place: Place) -> Counted | None:
    """The one convolution at a place, where it reads all its inputs."""
    layer = single(place)
    return layer if layer is not None and layer.is_convolution and layer.inputs == layer.arriving else None


def _input_is_image(place: Place) -> tuple[Any, ...]:
    """The convolution on the image itself: on the network's own input channels, on 3 and on 1. Not for the first one."""
    layer = _convolution(place)
    first = next((known for known in counted(Place(place.graph, None, "params")) if known.is_convolution), None)
    if layer is None or first is None or layer.path == first.path or not place.graph.inputs:
        return ()
    own = place.graph.inputs[0].shape[place.lead]
    return tuple(layer.count(inputs=channels) for channels in (int(own), *IMAGE_CHANNELS))


def _same_width(place: Place) -> tuple[Any, ...]:
    """A convolution from its own number of outputs to the same number."""
    layer = _convolution(place)
    return () if layer is None else (layer.count(inputs=layer.outputs),)


def _whole_level(place: Place) -> tuple[Any, ...]:
    """The convolution and a second one of its width, as a level of the U-Net paper has."""
    layer = _convolution(place)
    return () if layer is None else (layer.size + layer.count(inputs=layer.outputs),)


def _skip_added(place: Place) -> tuple[Any, ...]:
    """Channels, and the parameters that follow from them, if equal maps were added where an encoder and a decoder meet."""
    skips = [n for n in place.graph.nodes if joins_channels(n, place.lead) and is_skip(place.graph, n, place.lead)]
    if not skips:
        return ()

    def change(node: Node, given: list[Any]) -> Shape | None:
        return given[0] if node in skips and all(shape == given[0] for shape in given) else None

    if place.quantity == "channels":
        return place.measured(carried(place, change))
    shapes = carry(place.graph, place.windowed, change)
    if place.quantity == "input_channels":
        shape = None if place.received is None else shape_of(place.received, shapes)
        return () if shape is None else tuple(shape[place.lead : place.lead + 1])
    arriving: dict[int, int] = {}
    for index, layer in place.windowed.items():
        node = place.graph.nodes[index]
        shape = shape_of(node.values[0], shapes)
        if not layer.is_pool and shape is not None:
            arriving.setdefault(id(node.operation), shape[place.lead])

    def count(layer: Counted) -> int | None:
        channels = arriving.get(id(layer.module), layer.arriving)
        return layer.count(inputs=channels) if layer.inputs == layer.arriving != channels else None

    return total(place, count)


SLIPS: tuple[Slip, ...] = (
    Slip(
        "unet.levels_off_by_one",
        MAPS,
        _levels_off_by_one,
        en="This is the map with one halving fewer, or one more, than the network has.",
        fa="این نقشه با یک نصف شدن کمتر، یا یک نصف شدن بیشتر، از شبکه است.",
    ),
    Slip(
        "unet.side_not_area",
        ("pixels",),
        _side_not_area,
        en="This is the side of the map; the number of its pixels is the product of its sides.",
        fa="این طول ضلع نقشه است؛ تعداد پیکسل‌ها حاصل‌ضرب ضلع‌هاست.",
    ),
    Slip(
        "unet.area_halved",
        ("pixels",),
        _area_halved,
        en="This is the number of pixels if each level halves the area; both sides are halved, so the area becomes a quarter.",
        fa="این تعداد پیکسل‌ها برای حالتی است که هر سطح مساحت را نصف کند؛ طول و عرض هر دو نصف می‌شوند و مساحت یک‌چهارم می‌شود.",
    ),
    Slip(
        "unet.with_channels",
        ("pixels",),
        _with_channels,
        en="This is the number of values over all channels; a pixel is a position, whatever the number of channels.",
        fa="این تعداد مقدارها در همهٔ کانال‌هاست؛ پیکسل یک جایگاه است و به تعداد کانال بستگی ندارد.",
    ),
    Slip(
        "unet.valid_conv",
        MAPS,
        _valid_conv,
        en="This is the map with unpadded convolutions; those of this network are padded.",
        fa="این نقشه با کانولوشن‌های بدون padding است؛ کانولوشن‌های این شبکه padding دارند.",
    ),
    Slip(
        "unet.input_is_image",
        PARAMS,
        _input_is_image,
        en="This is the number for a convolution that reads the image itself; this one reads the maps of the layer before.",
        fa="این عدد برای کانولوشنی است که خودِ تصویر را می‌خواند؛ این کانولوشن نقشه‌های لایهٔ پیش از خود را می‌خواند.",
    ),
    Slip(
        "unet.same_width",
        PARAMS,
        _same_width,
        en="This is the number for a convolution with as many input as output channels, such as the second one of a level.",
        fa="این عدد برای کانولوشنی است که کانال‌های ورودی و خروجی آن برابرند، مانند کانولوشن دوم یک سطح.",
    ),
    Slip(
        "unet.whole_level",
        PARAMS,
        _whole_level,
        en="This is the number for a whole level of two convolutions: this one and a second one of the same width.",
        fa="این عدد برای یک سطح کامل با دو کانولوشن است: همین کانولوشن و کانولوشن دومی با همان تعداد کانال.",
    ),
    Slip(
        "unet.skip_added",
        ("input_channels", "channels", *PARAMS),
        _skip_added,
        en="This is the number if skip connections add the two maps; they concatenate them, so the channels add up.",
        fa="این عدد برای حالتی است که اتصال‌های پرشی دو نقشه را با هم جمع کنند؛ این اتصال‌ها نقشه‌ها را الحاق می‌کنند و تعداد "
        "کانال‌ها با هم جمع می‌شود.",
    ),
)
