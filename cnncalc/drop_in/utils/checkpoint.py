"""torch.utils.checkpoint's place: a checkpoint saves memory in training and changes no number, so it is a plain call."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,  # noqa: ARG001 - torch's argument
    context_fn: Any = None,  # noqa: ARG001
    determinism_check: str = "default",  # noqa: ARG001
    debug: bool = False,  # noqa: ARG001
    early_stop: bool = True,  # noqa: ARG001
    preserve_rng_state: bool = True,  # noqa: ARG001
    **kwargs: Any,
) -> Any:
    """Call the function."""
    return function(*args, **kwargs)


def checkpoint_sequential(functions: Iterable[Callable[..., Any]], segments: int, input: Any, **_: Any) -> Any:  # noqa: A002
    """Call the functions one after the other."""
    del segments
    for function in functions:
        input = function(input)  # noqa: A001 - torch's name
    return input


__all__ = ["checkpoint", "checkpoint_sequential"]
