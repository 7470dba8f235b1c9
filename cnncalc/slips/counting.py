"""Parameters layer by layer, in parts that a wrong rule can change: outputs × inputs × ∏ kernel, and the biases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

from cnncalc.slips.place import Place

#: A wrong count for one layer; None keeps the right one.
Count = Callable[["Counted"], int | None]


@dataclass(frozen=True, slots=True)
class Counted:
    """A layer that owns parameters. `size` is the right count.

    For a convolution (also transposed) and a fully connected layer, size = outputs·inputs·∏ kernel + biases: `inputs` are
    those of one group, `arriving` all of them, `kernel` is empty for a fully connected layer. `outputs` is 0 for other
    layers: no wrong rule touches them.
    """

    path: str
    module: Any
    size: int
    outputs: int = 0
    inputs: int = 0
    arriving: int = 0
    kernel: tuple[int, ...] = ()
    biases: int = 0

    @property
    def is_convolution(self) -> bool:
        """Whether it has a kernel."""
        return bool(self.kernel)

    @property
    def is_linear(self) -> bool:
        """Whether it is fully connected."""
        return self.outputs > 0 and not self.kernel

    def count(
        self,
        *,
        outputs: int | None = None,
        inputs: int | None = None,
        kernel: tuple[int, ...] | None = None,
        biases: int | None = None,
    ) -> int:
        """The count with some parts changed; the biases follow the outputs unless they are given."""
        given = self.outputs if outputs is None else outputs
        follow = given if self.biases else 0
        weights = given * (self.inputs if inputs is None else inputs) * prod(self.kernel if kernel is None else kernel)
        return weights + (follow if biases is None else biases)


def counted(place: Place) -> list[Counted]:
    """The layers with parameters at a place, in order; for the quantity "trainable", those that are trained."""
    found = []
    for path, module in place.graph.modules():
        owned = module.own_parameters() if place.holds(path) else {}
        if not owned or (place.quantity == "trainable" and module.frozen()):
            continue
        size = sum(int(prod(shape)) for shape in owned.values())
        found.append(_in_parts(path, module, size))
    return found


def total(place: Place, count: Count) -> tuple[int, ...]:
    """The sum of a wrong count over the layers at a place; nothing where it changes no layer."""
    wrong = [(layer, count(layer)) for layer in counted(place)]
    if all(value is None for _, value in wrong):
        return ()
    return (sum(layer.size if value is None else value for layer, value in wrong),)


def single(place: Place) -> Counted | None:
    """The one layer with parameters at a place; None where there are several or none."""
    found = counted(place)
    return found[0] if len(found) == 1 else None


def _in_parts(path: str, module: Any, size: int) -> Counted:
    """A layer in parts, where its parts give its size."""
    biases = prod(module.own_parameters().get("bias", (0,)))
    if hasattr(module, "in_features") and hasattr(module, "out_features"):
        made = Counted(path, module, size, module.out_features, module.in_features, module.in_features, (), biases)
    elif hasattr(module, "in_channels") and hasattr(module, "kernel_size"):
        inputs = module.in_channels // getattr(module, "groups", 1)
        made = Counted(path, module, size, module.out_channels, inputs, module.in_channels, tuple(module.kernel_size), biases)
    else:
        return Counted(path, module, size)
    return made if made.outputs and made.count() == size else Counted(path, module, size)
