"""What torch does with a case: the oracle that tests compare with, run on the CPU with small tensors in eval mode."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drawing.calls import Case

CONSTRUCTION, CALL, FINE = "refused at construction", "refused when called", "accepted"


@dataclass(frozen=True)
class Outcome:
    """How far a case came, the module if it was made, the output's shape if it was called, or the error's text."""

    stage: str
    module: Any = None
    shape: Any = None
    error: str = ""


@contextmanager
def quiet() -> Iterator[None]:
    """Torch's warnings are about speed and style; refusals are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


#: Layers whose inputs from a place on are whole numbers.
INDICES_FROM = {"MaxUnpool1d": 1, "MaxUnpool2d": 1, "MaxUnpool3d": 1}


def tensors_of(case: Case) -> Any:
    """Zeros for each input of a case."""
    import torch

    whole = INDICES_FROM.get(case.name, len(case.inputs))
    return [torch.zeros(part, dtype=torch.int64 if i >= whole else None) for i, part in enumerate(case.inputs)]


def shape_of(output: Any) -> Any:
    """The shape of a tensor, or of each tensor in a nested result."""
    return tuple(map(shape_of, output)) if isinstance(output, (tuple, list)) else tuple(output.shape)


def make(case: Case) -> Any:
    """The torch module of a case."""
    import torch

    return getattr(torch.nn, case.name)(*case.args, **case.kwargs).eval()


def run(case: Case) -> Outcome:
    """Make the module and call it."""
    import torch

    with quiet():
        try:
            module = make(case)
        except Exception as error:  # noqa: BLE001 - whatever torch raises is a refusal
            return Outcome(CONSTRUCTION, error=f"{type(error).__name__}: {error}"[:200])
        try:
            with torch.no_grad():
                output = module(*tensors_of(case), **case.call)
        except Exception as error:  # noqa: BLE001 - the same
            return Outcome(CALL, module, error=f"{type(error).__name__}: {error}"[:200])
    return Outcome(FINE, module, shape_of(output))


def counted_macs(case: Case) -> int:
    """Half of what torch's FlopCounterMode counts, with gradients on."""
    from torch.utils.flop_counter import FlopCounterMode

    with quiet():
        counter = FlopCounterMode(display=False)
        module = make(case)
        with counter:
            module(*tensors_of(case), **case.call)
    return counter.get_total_flops() // 2
