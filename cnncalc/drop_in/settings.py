"""What torch does around a network: gradients, autocast, seeds. None of it changes a number here, so it does nothing."""

from __future__ import annotations

from contextlib import ContextDecorator
from typing import Any, Self

from cnncalc.errors import ShapeError
from cnncalc.held import Traced
from cnncalc.sizes import Condition, require


class _Nothing(ContextDecorator):
    """A context, and a decorator, that changes nothing; torch's arguments are taken."""

    def __new__(cls, *given: Any, **_: Any) -> Any:
        """The context, or with `@torch.no_grad` and no brackets the function itself."""
        if len(given) == 1 and callable(given[0]):
            return given[0]
        return super().__new__(cls)

    def __init__(self, *_: Any, **__: Any) -> None:
        """Take torch's arguments."""

    def __enter__(self) -> Self:
        """Enter."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave."""


class no_grad(_Nothing):  # noqa: N801 - torch's name
    """Without gradients: nothing."""


class enable_grad(_Nothing):  # noqa: N801 - torch's name
    """With gradients: nothing."""


class inference_mode(_Nothing):  # noqa: N801 - torch's name
    """Without gradients: nothing."""


class set_grad_enabled(_Nothing):  # noqa: N801 - torch's name
    """With or without gradients: nothing."""


class autocast(_Nothing):  # noqa: N801 - torch's name
    """In another type of numbers: nothing, since no shape and no count depends on it."""


def is_grad_enabled() -> bool:
    """Whether gradients are recorded: never."""
    return False


def manual_seed(seed: int) -> None:
    """Do nothing: no number is random."""


def compile(model: Any = None, **_: Any) -> Any:  # noqa: A001 - torch's name
    """The model, or the function that is decorated, as it is."""
    return (lambda given: given) if model is None else model


def is_tensor(obj: Any) -> bool:
    """Whether it is a tensor: a traced value, a parameter or a constant."""
    return isinstance(obj, Traced)


def _assert(condition: Any, message: Any) -> None:
    """Demand a condition on sizes: raises ShapeError where it is false, is recorded where it is about symbols."""
    if isinstance(condition, Condition):
        require(condition, str(message))
    elif not condition:
        raise ShapeError(str(message), where="torch._assert")
