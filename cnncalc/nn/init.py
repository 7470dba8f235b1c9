"""torch.nn.init's place: initialisers do nothing, since parameters here have no values.

Each gives the tensor back, as torch's does, so that `nn.Parameter(nn.init.normal_(torch.empty(3)))` stays what it is.
"""

from __future__ import annotations

import math
from typing import Any

from cnncalc.errors import ArgumentError
from cnncalc.held import Held
from cnncalc.nn._unknown import unknown
from cnncalc.sizes import Size, product

_NAMES = frozenset(
    [
        "constant_",
        "dirac_",
        "eye_",
        "kaiming_normal_",
        "kaiming_uniform_",
        "normal_",
        "ones_",
        "orthogonal_",
        "sparse_",
        "trunc_normal_",
        "uniform_",
        "xavier_normal_",
        "xavier_uniform_",
        "zeros_",
    ]
)
_GAINS = {"tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}
_LINEAR = ("linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid")


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor that torch recommends for a nonlinearity. Source: torch.nn.init.calculate_gain."""
    if nonlinearity in _LINEAR:
        return 1
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in _GAINS:
        raise ArgumentError("torch knows no gain for this nonlinearity", where="torch.nn.init.calculate_gain", got=nonlinearity)
    return _GAINS[nonlinearity]


def _calculate_fan_in_and_fan_out(tensor: Any) -> tuple[Size, Size]:
    """The numbers of inputs and outputs of one unit of a weight (out, in, …). Source: torch.nn.init, under this name."""
    shape = tensor.shape
    if len(shape) < 2:  # noqa: PLR2004 - a weight has outputs and inputs
        raise ArgumentError("fan in and fan out need a tensor of at least two axes", got=str(shape))
    field = product(shape[2:])
    return shape[1] * field, shape[0] * field


def __getattr__(name: str) -> Any:
    """An initialiser by torch's name (PEP 562). Raises UnknownNameError for one that torch does not have."""
    if name not in _NAMES:
        raise unknown("torch.nn.init", name, __dir__())
    return _nothing


def _nothing(tensor: Any, *_: Any, **__: Any) -> Any:
    """The tensor as it was, its numbers unknown."""
    return tensor.changed_in_place() if isinstance(tensor, Held) else tensor


def __dir__() -> list[str]:
    """All names."""
    return sorted([*_NAMES, "calculate_gain"])
