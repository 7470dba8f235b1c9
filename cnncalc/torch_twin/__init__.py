"""The torch twin of a network, and torch as the oracle: the only room that imports torch.

Importing this module is light. torch is imported by the first call; where it is missing, the call raises
`MissingExtraError` with the command that installs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cnncalc.errors import MissingExtraError

if TYPE_CHECKING:
    import torch

    from cnncalc.module import Module
    from cnncalc.torch_twin.verification import Verification

__all__ = ["from_torch", "to_torch", "verify"]


def from_torch(module: torch.nn.Module, *shapes: Any) -> Module:
    """A torch module as a network of cnncalc, for inputs of the given shapes: the same names, layers as layers.

    Layers, also subclasses that work like one, become cnncalc's, with the arguments that the module has now; the code of
    any other module is followed on traced values whenever the network is analysed, so other shapes and symbols work as
    far as that code takes them. Shared layers and tensors stay shared, frozen parameters frozen. No tensor is computed.
    Without shapes, the code is not tried before it is analysed.

    Raises UnsupportedError where the code can't be followed, ArgumentError for what is no torch module, MissingExtraError
    without torch.
    """
    made: Module = _room("torch_modules").from_torch(module, *shapes)
    return made


def to_torch(network: Module, *, device: str = "cpu") -> torch.nn.Module:
    """The network as a `torch.nn.Module`, in eval mode, with torch's own initial weights.

    It has the same tree of names, so its `state_dict()` has the names and shapes of `report.tensors`; shared layers are
    shared, frozen parameters frozen. On the device "meta" no memory is taken. Raises UnsupportedError for symbols among
    the arguments, DisagreementError where torch refuses a layer, MissingExtraError without torch.
    """
    made: torch.nn.Module = _room("twin").to_torch(network, device=device)
    return made


def verify(network: Module, *shapes: Any) -> Verification:
    """Compare every number of cnncalc with torch, run in this very call, for inputs of the given shapes.

    Output shapes node by node, `state_dict`, parameter counts, MACs and receptive fields; see `Verification`. Raises
    UnsupportedError for symbols, MissingExtraError without torch, and cnncalc's own error where torch refuses too.
    """
    made: Verification = _room("comparing").verify(network, *shapes)
    return made


def load_oracle() -> Any:
    """The file that measures the quantities of sheets. Raises MissingExtraError without torch."""
    return _room("oracle")


def _room(name: str) -> Any:
    """A file of this room that needs torch. Raises MissingExtraError where torch can't be imported."""
    try:
        import_module("torch")
    except ImportError as error:
        raise MissingExtraError(
            "torch is needed for this and can't be imported", got=str(error), remedy='pip install "cnncalc[torch]"'
        ) from None
    return import_module(f"cnncalc.torch_twin.{name}")
