"""torch.jit's place: nothing is scripted or traced by torch, so functions and classes stay what they are."""

from __future__ import annotations

from typing import Any, Final

from cnncalc.nn._unknown import unknown

#: What takes a function, a method or a module, and gives it back.
_AS_IT_IS = frozenset(["_overload", "_overload_method", "_script_if_tracing", "export", "interface", "script_if_tracing"])
#: The same, also called with other arguments first, as in `@torch.jit.ignore(drop=True)`.
_DECORATORS = frozenset(["ignore", "script", "unused"])
#: Questions whose answer is no.
_NEVER = frozenset(["is_scripting", "is_tracing"])


def annotate(the_type: Any, the_value: Any) -> Any:
    """The value."""
    del the_type
    return the_value


def __getattr__(name: str) -> Any:
    """A name of torch.jit (PEP 562). Raises UnknownNameError for one that cnncalc does not know."""
    if name in _AS_IT_IS or name in _DECORATORS:
        return _as_it_is
    if name in _NEVER:
        return _never
    raise unknown("torch.jit", name, __dir__())


def _as_it_is(given: Any = None, *_: Any, **__: Any) -> Any:
    """What is given, or a decorator that gives it back."""
    return given if callable(given) else _as_it_is


def _never() -> bool:
    """No."""
    return False


def __dir__() -> list[str]:
    """All names."""
    return sorted([*_AS_IT_IS, *_DECORATORS, *_NEVER, "Final", "annotate"])


__all__ = ["Final", "annotate"]
