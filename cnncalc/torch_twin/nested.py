"""Nested arguments and outputs of torch's code, of whatever class: what leaves they hold, and each leaf replaced."""

from __future__ import annotations

from collections import OrderedDict
from copy import copy
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import torch

from cnncalc.torch_twin.lengths import Length, plain

if TYPE_CHECKING:
    from collections.abc import Callable


def holds_tensor(nested: Any) -> bool:
    """Whether there is a tensor, or a symbolic length, among nested arguments."""
    if isinstance(nested, (torch.Tensor, Length)):
        return True
    if isinstance(nested, dict):
        return any(map(holds_tensor, nested.values()))
    return isinstance(nested, (tuple, list)) and any(map(holds_tensor, nested))


def mapped(nested: Any, kinds: Any, change: Callable[[Any], Any]) -> Any:
    """Nested tuples, lists and dicts, of whatever class, with every leaf of some kinds replaced."""
    if isinstance(nested, kinds):
        return change(nested)
    if isinstance(nested, torch.Size):
        return tuple(plain(item) for item in nested)
    if isinstance(nested, tuple):
        items = [mapped(item, kinds, change) for item in nested]
        return type(nested)(*items) if hasattr(nested, "_fields") else tuple(items)
    if type(nested) is list:
        return [mapped(item, kinds, change) for item in nested]
    if type(nested) in {dict, OrderedDict}:
        return type(nested)((key, mapped(item, kinds, change)) for key, item in nested.items())
    made: Any
    if isinstance(nested, dict):
        made = copy(nested)
        for key, item in nested.items():
            made[key] = mapped(item, kinds, change)
        return made
    if is_dataclass(nested) and not isinstance(nested, type):
        made = copy(nested)
        for field in fields(nested):
            object.__setattr__(made, field.name, mapped(getattr(nested, field.name), kinds, change))
        return made
    return nested


def as_dicts(nested: Any) -> Any:
    """Nested outputs with data classes as dicts: what they hold, by name."""
    if is_dataclass(nested) and not isinstance(nested, (type, dict)):
        return {field.name: as_dicts(getattr(nested, field.name)) for field in fields(nested)}
    if type(nested) in {list, tuple}:
        return type(nested)(map(as_dicts, nested))
    return {key: as_dicts(item) for key, item in nested.items()} if type(nested) is dict else nested
