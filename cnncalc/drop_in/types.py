"""Types and names of types: what sources annotate with, pass on and ask `isinstance` of."""

from __future__ import annotations

import builtins
from typing import Any, Self

from cnncalc.constant import Constant, DType
from cnncalc.held import Traced


class _TensorType(type):
    """The type of `Tensor`: every traced value, parameter and constant is one."""

    def __instancecheck__(cls, instance: object) -> builtins.bool:
        """Whether it is a tensor of any kind."""
        return isinstance(instance, Traced)

    def __subclasscheck__(cls, subclass: type) -> builtins.bool:
        """Whether it is a type of tensors."""
        return issubclass(subclass, Traced)

    def __call__(cls, *size: Any) -> Any:
        """A tensor of a shape, as in `torch.Tensor(3, 4)`; of unknown numbers."""
        from cnncalc.creation import empty, tensor

        if len(size) == 1 and isinstance(size[0], (list, tuple)):
            return tensor(size[0])
        return empty(*size)


class Tensor(metaclass=_TensorType):
    """A tensor: a type for annotations and `isinstance`; a traced value is one."""


BoolTensor = FloatTensor = IntTensor = LongTensor = Tensor
Size: type[tuple[Any, ...]] = tuple
dtype = DType


class device(str):  # noqa: N801 - torch's name
    """A device by name; nothing depends on it."""

    __slots__ = ()

    def __new__(cls, type: str = "cpu", index: builtins.int | None = None) -> Self:  # noqa: A002 - torch's name
        """Take torch's arguments."""
        return super().__new__(cls, type if index is None else f"{type}:{index}")

    @property
    def type(self) -> str:
        """The kind of device."""
        return self.partition(":")[0]


bfloat16, float16, float32, float64 = map(DType, ("bfloat16", "float16", "float32", "float64"))
bool, uint8, int32, int64 = map(DType, ("bool", "uint8", "int32", "int64"))  # noqa: A001 - torch's names
half, float, double, int, long = float16, float32, float64, int32, int64  # noqa: A001 - torch's names
channels_last, contiguous_format = map(DType, ("channels_last", "contiguous_format"))
cpu = device("cpu")

__all__ = [
    "BoolTensor",
    "Constant",
    "FloatTensor",
    "IntTensor",
    "LongTensor",
    "Size",
    "Tensor",
    "device",
    "dtype",
]
