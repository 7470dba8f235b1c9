"""The right value of a quantity, so that a slip whose number happens to be right explains nothing."""

from __future__ import annotations

from typing import Any

from cnncalc.analyses.asking import spatial_axes
from cnncalc.analyses.closed_form import fields
from cnncalc.analyses.parameters import tensors
from cnncalc.analyses.receptive import as_field
from cnncalc.errors import CnncalcError
from cnncalc.sizes import Size
from cnncalc.slips.place import Place
from cnncalc.slips.receptive import as_quantity


def right_value(place: Place) -> Any | None:
    """What is right at a place for its quantity; None where it has no single value, or the quantity is not known here."""
    if place.quantity in {"params", "trainable"}:
        owned = [tensor for tensor in tensors(place.graph) if not tensor.is_buffer and place.holds(tensor.owner)]
        total: Size = 0
        for tensor in owned:
            if place.quantity == "params" or tensor.trainable:
                total = total + tensor.size
        return total
    if place.value is None:
        return None
    if place.quantity == "input_channels":
        received = place.received
        return received.shape[place.lead] if received is not None and len(received.shape) > place.lead else None
    if place.quantity.startswith("rf"):
        sizes = _field(place, place.value.node.index)
        return next(iter(as_quantity(place, sizes)), None) if sizes else None
    return next(iter(place.measured(place.value.shape)), None)


def right_trace(place: Place) -> list[Any] | None:
    """The right side after each windowed layer on the chain to a place; None where there is no chain."""
    chain = place.chain()
    if chain is None:
        return None
    sides = [_field(place, layer.node.index) for layer in chain]
    return [sizes[0] if len(set(sizes)) == 1 else sizes for sizes in sides if sizes]


def _field(place: Place, index: int) -> tuple[Any, ...] | None:
    """The field's size per axis behind a node; None where it is not one number on each, or where it is refused."""
    try:
        field = as_field("", spatial_axes(place.graph), fields(place.graph)[index])
    except CnncalcError:
        return None
    single = field.axes and all(axis.is_single and isinstance(axis.size, int) for axis in field.axes)
    return field.size if single else None
