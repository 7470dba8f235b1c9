"""Cases of layers in which we differ from torch on purpose, and why."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.layers import named

if TYPE_CHECKING:
    from strategies import Case


def arguments_of(case: Case) -> dict[str, Any]:
    """The arguments of a case by name."""
    names = [name for name in inspect.signature(named(case.name).__init__).parameters if name != "self"]
    return dict(zip(names, case.args, strict=False)) | case.kwargs


def differs_on_purpose(case: Case, output: Any = ()) -> bool:
    """Whether we refuse what torch accepts by accident, knowing better.

    A convolution with another padding mode than zeros hands its padding to `F.pad` as it is: a tuple of another length
    then pads the last axes only, or the channels too, where the number of axes of the input happens to allow it. With
    zeros torch refuses such a tuple, or spreads it over all axes.

    A CrossMapLRN2d of size below 1 adds up whatever channels its running sum happens upon.
    """
    arguments = arguments_of(case)
    if case.name.startswith("FractionalMaxPool"):
        # Torch asks of a Python int alone that it is at least 1.
        size = arguments.get("kernel_size")
        return isinstance(size, np.integer) and size < 1
    if case.name == "CrossMapLRN2d":
        size = arguments.get("size")
        return isinstance(size, (int, np.integer)) and size < 1
    if "ConvTranspose" in case.name and output and 0 not in case.shape:
        # One of torch's kernels takes these two, and another, as in double precision, refuses them: we do.
        dilation = arguments.get("dilation", 1)
        return 0 in output or 0 in (dilation if hasattr(dilation, "__len__") else (dilation,))
    if "Pad" in case.name and output and min(output) < 0:
        # A negative length, for an empty batch.
        return True
    if "CircularPad" in case.name:
        return wraps_what_is_gone(arguments.get("padding"), case.shape)
    if "Conv" not in case.name:
        return False
    padding = arguments.get("padding")
    other_length = hasattr(padding, "__len__") and not isinstance(padding, str) and len(padding) != int(case.name[-2])
    return other_length and arguments.get("padding_mode", "zeros") != "zeros"


def wraps_what_is_gone(padding: Any, shape: Any) -> bool:
    """Whether circular padding crops one end and wraps more around than that leaves: torch then reads memory it never wrote."""
    if not isinstance(padding, (tuple, list)) or any(not hasattr(amount, "__index__") for amount in padding):
        return False
    pairs = zip(padding[::2], padding[1::2], reversed(shape), strict=False)
    return any(min(pair) < 0 < max(pair) > n + min(pair) for *pair, n in pairs)
