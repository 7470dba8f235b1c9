"""Named architectures: specs, never numbers. Names and arguments are those of torchvision's functions.

`CATALOGUE` says which family defines which names; its file, the family's name behind an underscore so that no function
shares a file's name, is loaded when one of its names is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnncalc.module import Module

CATALOGUE: dict[str, tuple[str, ...]] = {
    "alexnet": ("alexnet",),
    "densenet": ("densenet", "densenet121", "densenet161", "densenet169", "densenet201", "densenet264"),
    "resnet": ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"),
    "unet": ("unet",),
    "vgg": ("vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn"),
}
_FILE_OF = {name: file for file, names in CATALOGUE.items() for name in names}
__all__ = sorted(_FILE_OF)  # noqa: PLE0605 - the catalogue is the one list of names


def __getattr__(name: str) -> Any:
    """Load an architecture on first use (PEP 562)."""
    file = _FILE_OF.get(name)
    if file is None:
        raise AttributeError(f"module 'cnncalc.zoo' has no attribute {name!r}")
    return getattr(import_module(f"cnncalc.zoo._{file}"), name)


class Architectures:
    """The catalogue as a mapping from names to functions, for the parser: nothing is loaded until it is called for."""

    def __contains__(self, name: object) -> bool:
        """Whether an architecture has that name."""
        return name in _FILE_OF

    def __getitem__(self, name: str) -> Callable[..., Module]:
        """The function that makes an architecture."""
        function: Callable[..., Module] = __getattr__(name)
        return function

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(__all__)


ARCHITECTURES = Architectures()
