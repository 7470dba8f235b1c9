"""Parameters and buffers: every tensor that a network owns, by torch's qualified name, a shared one once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.errors import CnncalcError
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


def tensors(graph: Graph) -> list[Tensor]:
    """Every parameter and buffer of the network, also of modules that never run, in the order of torch's `state_dict`."""
    found: list[Tensor] = []
    seen: set[int] = set()
    for path, module in graph.modules():
        try:
            parameters, buffers = module.first_owned(seen)
        except CnncalcError as error:
            raise error.at(path) from None
        if not parameters and not buffers:
            continue
        frozen = module.frozen()
        found += [Tensor(path, name, shape, is_buffer=False, trainable=name not in frozen) for name, shape in parameters.items()]
        found += [Tensor(path, name, shape, is_buffer=True, trainable=False) for name, shape in buffers.items()]
    return found
