"""Changes in torch itself, for as long as anybody needs them."""

from __future__ import annotations

from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: A place, the name of what stands there, and what stands there meanwhile.
Change = tuple[Any, str, Any]


class _Changed:
    """What is changed just now, and by how many."""

    lock: ClassVar[RLock] = RLock()
    count: ClassVar[int] = 0
    saved: ClassVar[list[Change]] = []


@contextmanager
def patched(changes: Callable[[], Iterable[Change]]) -> Iterator[None]:
    """Make changes that all users share: they are made by the first, and taken back by the last, of whatever thread."""
    with _Changed.lock:
        if _Changed.count == 0:
            for place, name, new in changes():
                _Changed.saved.append((place, name, getattr(place, name)))
                setattr(place, name, new)
        _Changed.count += 1
    try:
        yield
    finally:
        with _Changed.lock:
            _Changed.count -= 1
            if _Changed.count == 0:
                while _Changed.saved:
                    setattr(*_Changed.saved.pop())
