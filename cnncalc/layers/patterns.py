"""Layers that are equal: what their constructors made of equal arguments is worked out once, and shared.

A network has few distinct layers, and mostly they are made again each time the network is built. A `Pattern` is one of
them: class and arguments. What is shared holds numbers, texts and flags alone, so that nobody can tell that it is shared:
no child, no parameter, and no symbol, since what is asked of a symbol belongs to the layer that asks. Refused arguments
are not remembered: they raise anew each time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cnncalc.module import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.layers.layer import Layer

#: How many are remembered: those that were not asked for the longest are forgotten.
MOST_PATTERNS = 4096
#: Types that can be shared, and whose values are known by type and equality.
PLAIN = frozenset({int, float, bool, str, type(None)})


class Pattern:
    """What all layers of one class with equal arguments have in common.

    `layer` is one of them, made apart, which answers for all; `attributes` are what each of them holds. Equal layers have
    the same pattern, so that it stands for class and arguments wherever something is remembered about them.
    """

    __slots__ = ("attributes", "has_tuples", "layer")

    def __init__(self, layer: Layer, attributes: dict[str, Any], *, has_tuples: bool) -> None:
        """Keep all; the pattern itself is an attribute. `has_tuples` says whether an argument is a tuple."""
        self.has_tuples = has_tuples
        self.layer = layer
        self.attributes = attributes | {"_pattern": self, "_children": NOTHING}
        layer.__dict__["_pattern"] = self

    def __deepcopy__(self, memo: Any) -> Pattern:
        """Itself: copies of a layer are equal to it."""
        return self


class _NotSharedError(Exception):
    """Says that a layer shares nothing, which is not remembered: what it was given would be kept alive."""


def pattern_of(layer_class: Any, init: Callable[..., None], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Pattern | None:
    """The pattern of a layer that is being made; None where nothing is shared, or the arguments do not fit the signature.

    Raises what the constructor raises of its own.
    """
    try:
        pattern = _made(layer_class, init, *args, **kwargs)
    except (_NotSharedError, TypeError):
        return None
    # Of a tuple, equality does not tell 1 from True.
    return pattern if not pattern.has_tuples or _all_shareable(args, kwargs) else None


@lru_cache(maxsize=MOST_PATTERNS, typed=True)
def _made(layer_class: Any, init: Callable[..., None], /, *args: Any, **kwargs: Any) -> Pattern:
    """Make a layer apart from any network."""
    if not _all_shareable(args, kwargs):
        raise _NotSharedError
    layer = object.__new__(layer_class)
    held = layer.__dict__
    held["_children"] = {}
    init(layer, *args, **kwargs)
    held["_given"] = init, args, kwargs
    shared = [value for name, value in held.items() if name not in {"_children", "_given"}]
    if held["_children"] or not all(map(_is_plain, shared)):
        raise _NotSharedError
    return Pattern(layer, held, has_tuples=tuple in map(type, (*args, *kwargs.values())))


def _all_shareable(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether arguments can be told apart by type and equality: plain ones, and tuples of whole numbers."""
    return all(
        type(given) in PLAIN or (type(given) is tuple and all(type(item) is int for item in given))
        for given in (*args, *kwargs.values())
    )


def _is_plain(value: Any) -> bool:
    """Whether a value can be shared: a number, a text, a flag, or a tuple of such."""
    return type(value) in PLAIN or (type(value) is tuple and all(map(_is_plain, value)))
