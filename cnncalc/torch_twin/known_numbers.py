"""The numbers of constants, worked out by torch itself: they depend on no input, and code may branch on them."""

from __future__ import annotations

from math import prod
from typing import Any

import torch

from cnncalc.constant import Constant, DType, parts_of
from cnncalc.errors import UnsupportedError
from cnncalc.numbers import LIMIT
from cnncalc.torch_twin.running import REFUSALS, changed, torch_function

#: Constants of more numbers than these are not worked out.
MOST = 1 << 16
#: What nobody can know before.
RANDOM = frozenset(["rand", "randn", "randint", "randperm", "bernoulli", "multinomial", "normal", "empty", "dropout"])


def numbers_of(constant: Constant) -> tuple[Any, ...] | None:
    """The numbers in row-major order; None where they are too many, random, or changed since the constant was made."""
    real: dict[int, Any] = {}
    for part in parts_of(constant):
        name, inputs, call = part.recipe
        if name in RANDOM or not part.is_as_made or not all(isinstance(n, int) for n in part.shape) or prod(part.shape) > MOST:
            return None

        def known(leaf: Any) -> Any:
            return getattr(torch, leaf.name) if isinstance(leaf, DType) else real[id(leaf)]

        try:
            with torch.device("cpu"), torch._C.DisableTorchFunction():
                real[id(part)] = torch_function(name)(
                    *changed(tuple(inputs), (Constant, DType), known), **changed(call, (Constant, DType), known)
                )
        except (*REFUSALS, UnsupportedError):
            return None
    made = real[id(constant)]
    if not isinstance(made, torch.Tensor) or made.numel() > LIMIT or made.is_complex():
        return None
    return tuple(made.flatten().tolist())


def written_into(constant: Constant, index: Any, part: Any) -> Constant | None:
    """The constant with a number written into a part of it; None where its numbers are not known, or the index is no slice."""
    flat = numbers_of(constant) if type(part) in {int, float} else None
    if flat is None:
        return None
    shape = tuple(int(n) for n in constant.shape)
    dtype = getattr(torch, constant.type_name or "float32")
    try:
        with torch._C.DisableTorchFunction():
            real = torch.tensor(flat, dtype=dtype, device="cpu").reshape(shape)
            real[index] = part
            numbers = tuple(real.flatten().tolist())
    except (*REFUSALS, UnsupportedError):
        return None
    types = {"dtype": DType(constant.type_name)} if constant.type_name else {}
    row = Constant((len(numbers),), ("tensor", (list(numbers),), types), numbers)
    return Constant(shape, ("reshape", (row, shape), {}), numbers)
