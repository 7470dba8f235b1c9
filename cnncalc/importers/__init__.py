"""Networks from files of other kinds: ONNX. This room is light to import; the call loads what reads a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.errors import MissingExtraError

if TYPE_CHECKING:
    from os import PathLike

    from cnncalc.module import Module

__all__ = ["from_onnx"]


def from_onnx(path: str | PathLike[str]) -> Module:
    """The network in an ONNX file, for inputs of any shape that it takes.

    Rows bear the name of the weight's owner where torch wrote the file (`layer1.0.conv1`), else that of the ONNX node.
    Every floating-point initializer with an axis is a parameter, the running statistics of norms are buffers. Only shapes
    are read, beside small tensors of numbers; tensors kept outside of the file are never opened.

    Raises SpecError for a file that is not ONNX or too large, UnsupportedError for an operator that is not known and whose
    output's shape ONNX can't tell either, MissingExtraError without the extra "onnx".
    """
    try:
        from cnncalc.importers.onnx_file import read
    except ImportError as error:
        raise MissingExtraError(
            "onnx is needed for this and can't be imported", got=str(error), remedy='pip install "cnncalc[onnx]"'
        ) from None
    from cnncalc.importers.onnx_network import OnnxNetwork

    return OnnxNetwork(read(path))
