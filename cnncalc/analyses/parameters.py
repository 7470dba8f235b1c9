"""Parameters and buffers: every tensor that a network owns, by torch's qualified name, a shared one once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.errors import CnncalcError
from cnncalc.layers.patterns import MOST_PATTERNS, Pattern
from cnncalc.module import Module
from cnncalc.sizes import Shape, Size, product

if TYPE_CHECKING:
    from cnncalc.graph import Graph


class Tensor:
    """A parameter or a buffer: the module that owns it, its name there, its shape, and whether it is trained."""

    __slots__ = ("is_buffer", "name", "owner", "shape", "size", "trainable")

    def __init__(self, owner: str, name: str, shape: Shape, *, is_buffer: bool, trainable: bool) -> None:
        """Keep the parts and work out the number of elements."""
        self.owner = owner
        self.name = name
        self.shape = shape
        self.size: Size = product(shape)
        self.is_buffer = is_buffer
        self.trainable = trainable

    @property
    def path(self) -> str:
        """The key in torch's `state_dict`."""
        return f"{self.owner}.{self.name}" if self.owner else self.name


class Owned(NamedTuple):
    """How many elements the parameters of one module have, those that are trained, and its buffers.

    `trains` says whether any parameter is trained, which one of no elements may be too.
    """

    params: Size
    trainable: Size
    buffers: Size
    trains: bool


def tensors(graph: Graph) -> list[Tensor]:
    """Every parameter and buffer of the network, also of modules that never run, in the order of torch's `state_dict`."""
    seen: set[int] = set()
    return [tensor for path, module in graph.modules() for tensor in _tensors(path, module, seen)]


def owned(graph: Graph) -> dict[str, Owned]:
    """How much each module owns, by qualified name, what another before it owns too left out; none for what owns nothing."""
    seen: set[int] = set()
    owning: dict[str, Owned] = {}
    for path, module in graph.modules():
        held = module.__dict__
        pattern = held.get("_pattern")
        if held.get("_parameters") or held.get("_buffers"):
            found = _counted(_tensors(path, module, seen))
        elif pattern is not None:
            # Nothing was added to it, frozen or shared: it owns what all equal layers own.
            found = _of_pattern(pattern)
        elif type(module).owned is Module.owned:
            continue
        else:
            found = _counted(_tensors(path, module, seen))
        if found is not None:
            owning[path] = found
    return owning


def _tensors(path: str, module: Module, seen: set[int]) -> list[Tensor]:
    """What one module owns, without the parameters that stand in `seen`."""
    try:
        parameters, buffers = module.first_owned(seen)
    except CnncalcError as error:
        raise error.at(path) from None
    if not parameters and not buffers:
        return []
    frozen = module.frozen()
    found = [Tensor(path, name, shape, is_buffer=False, trainable=name not in frozen) for name, shape in parameters.items()]
    return found + [Tensor(path, name, shape, is_buffer=True, trainable=False) for name, shape in buffers.items()]


def _counted(found: list[Tensor]) -> Owned | None:
    """How much some tensors are together; None for none."""
    if not found:
        return None
    return Owned(
        params=sum((tensor.size for tensor in found if not tensor.is_buffer), start=0),
        trainable=sum((tensor.size for tensor in found if tensor.trainable), start=0),
        buffers=sum((tensor.size for tensor in found if tensor.is_buffer), start=0),
        trains=any(tensor.trainable for tensor in found),
    )


@lru_cache(maxsize=MOST_PATTERNS)
def _of_pattern(pattern: Pattern) -> Owned | None:
    """How much each layer of a pattern owns."""
    return _counted(_tensors("", pattern.layer, set()))
