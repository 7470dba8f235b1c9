"""torch.nn's place for cnncalc's layers, containers and functions: `from cnncalc import nn` in place of torch's line.

With `from cnncalc import nn, drop_in as torch` and `import cnncalc.nn.functional as F`, source written for torch builds
networks of cnncalc. Every name is loaded when it is first used; a name of torch that cnncalc does not know is refused.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cnncalc.layers import FAMILIES
from cnncalc.nn._unknown import unknown

if TYPE_CHECKING:
    from cnncalc.containers import ModuleDict as ModuleDict
    from cnncalc.containers import ModuleList as ModuleList
    from cnncalc.containers import ParameterDict as ParameterDict
    from cnncalc.containers import ParameterList as ParameterList
    from cnncalc.containers import Sequential as Sequential
    from cnncalc.held import Parameter as Parameter
    from cnncalc.module import Module as Module
    from cnncalc.transformers import Transformer as Transformer
    from cnncalc.transformers import TransformerDecoder as TransformerDecoder
    from cnncalc.transformers import TransformerEncoder as TransformerEncoder

_PLACES: dict[str, tuple[str, ...]] = {
    "containers": ("ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"),
    "module": ("Module", "Parameter"),
    "transformers": ("Transformer", "TransformerDecoder", "TransformerEncoder"),
    **{f"layers.{file}": names for file, names in FAMILIES.items()},
}
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names}
_ROOMS = ("functional", "init", "modules", "parameter")

__all__ = sorted([*_PLACE_OF, *_ROOMS])  # noqa: PLE0605 - the catalogue is the one list of names


def __getattr__(name: str) -> Any:
    """A name of torch.nn, loaded on first use (PEP 562). Raises UnknownNameError for one that cnncalc does not know."""
    if name in _ROOMS:
        return import_module(f"cnncalc.nn.{name}")
    place = _PLACE_OF.get(name)
    if place is None:
        raise unknown("torch.nn", name, __all__)
    value = getattr(import_module(f"cnncalc.{place}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """All names, loaded or not."""
    return __all__
