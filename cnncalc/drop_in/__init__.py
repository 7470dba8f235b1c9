"""torch's own top-level names for model sources: `from cnncalc import nn, drop_in as torch` in place of torch's lines.

* Functions (`torch.cat`, `torch.flatten`, …) are those of `cnncalc.layers` that torch has at its top level.
* `Tensor` is a type for annotations and `isinstance`; a traced value is one.
* `zeros`, `arange`, … make constants: shapes, with their numbers where those are few (`cnncalc.constant`).
* Scripting, tracing, checkpoints, gradients, autocast and seeds do nothing: they change no number.

A name of torch that cnncalc does not know is refused.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from cnncalc.layers import FUNCTION_NAMES, named
from cnncalc.nn._unknown import unknown

_PLACES: dict[str, tuple[str, ...]] = {
    "creation": (
        "arange",
        "as_tensor",
        "empty",
        "empty_like",
        "eye",
        "full",
        "full_like",
        "linspace",
        "ones",
        "ones_like",
        "rand",
        "rand_like",
        "randint",
        "randn",
        "randn_like",
        "randperm",
        "tensor",
        "tril",
        "triu",
        "zeros",
        "zeros_like",
    ),
    "settings": (
        "_assert",
        "autocast",
        "compile",
        "enable_grad",
        "inference_mode",
        "is_grad_enabled",
        "is_tensor",
        "manual_seed",
        "no_grad",
        "set_grad_enabled",
    ),
    "types": (
        "BoolTensor",
        "FloatTensor",
        "IntTensor",
        "LongTensor",
        "Size",
        "Tensor",
        "bfloat16",
        "bool",
        "channels_last",
        "contiguous_format",
        "cpu",
        "device",
        "double",
        "dtype",
        "float",
        "float16",
        "float32",
        "float64",
        "half",
        "int",
        "int32",
        "int64",
        "long",
        "uint8",
    ),
}
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names}
_ROOMS = ("amp", "cuda", "fx", "jit", "utils")

__all__ = sorted([*_PLACE_OF, *_ROOMS, "nn"])  # noqa: PLE0605 - the catalogue is the one list of names


def __getattr__(name: str) -> Any:
    """A name of torch, loaded on first use (PEP 562). Raises UnknownNameError for one that cnncalc does not know."""
    if name == "nn":
        value = import_module("cnncalc.nn")
    elif name in _ROOMS:
        return import_module(f"cnncalc.drop_in.{name}")
    elif name in _PLACE_OF:
        place = _PLACE_OF[name]
        value = getattr(import_module("cnncalc.creation" if place == "creation" else f"cnncalc.drop_in.{place}"), name)
    else:
        value = _function(name)
    globals()[name] = value
    return value


def _function(name: str) -> Any:
    """A function that torch has at its top level: one of the layers' families, or one of constants alone."""
    if name in FUNCTION_NAMES:
        function = named(name)
        if "torch" in function.found_in:
            return function
    from cnncalc.constant import function_of_constants

    function = function_of_constants(name)
    if function is None:
        raise unknown("torch", name, [*__all__, *FUNCTION_NAMES])
    return function


def __dir__() -> list[str]:
    """All names, loaded or not."""
    return sorted([*__all__, *(name for name in FUNCTION_NAMES if "torch" in named(name).found_in)])
