"""torch.nn.modules' place: the same names as in torch.nn, and the files that model sources import from."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from cnncalc import nn

_FILES = ("batchnorm", "instancenorm", "utils")


def __getattr__(name: str) -> Any:
    """A name of torch.nn, loaded on first use (PEP 562)."""
    if name in _FILES:
        return import_module(f"cnncalc.nn.modules.{name}")
    return getattr(nn, name)
