"""What torch does with a case: the oracle that tests compare with, run on the CPU with small tensors in eval mode."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import reject
from known_differences import arguments_of

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


#: Layers for which torch has another kernel where no gradients are asked for, with refusals of its own.
WITH_GRADIENTS = {"TransformerEncoderLayer"}
#: Which inputs of a layer are whole numbers.
INDICES = {"MaxUnpool1d": (1,), "MaxUnpool2d": (1,), "MaxUnpool3d": (1,), "Embedding": (0,), "EmbeddingBag": (0, 1)}


def tensors_of(case: Case) -> Any:
    """Zeros for each input of a case; None and flags stay."""
    import torch

    def zeros(part: Any, kind: Any) -> Any:
        if part is None or isinstance(part, bool):
            return part
        if part and isinstance(part[0], tuple):
            return tuple(zeros(inner, kind) for inner in part)
        return torch.zeros(part, dtype=kind)

    whole = INDICES.get(case.name, ())
    return [zeros(part, torch.int64 if i in whole else None) for i, part in enumerate(case.inputs)]


def shape_of(output: Any) -> Any:
    """The shape of a tensor, or of each tensor in a nested result."""
    if output is None:
        return None
    return tuple(map(shape_of, output)) if isinstance(output, (tuple, list)) else tuple(output.shape)


def make(case: Case) -> Any:
    """The torch module of a case."""
    import torch

    return getattr(torch.nn, case.name)(*case.args, **case.kwargs).eval()


def harms_torch(case: Case) -> bool:
    """Whether torch would read or write where it must not, and the process die.

    That is numbers for an EmbeddingBag, and no bag for them, in mode "max" by the last offset too; and a step of a recurrence
    without a batch, whose state has one.
    """
    if case.name in {"RNNCell", "LSTMCell", "GRUCell"}:
        states = case.inputs[1] if len(case.inputs) > 1 and case.name == "LSTMCell" else case.inputs[1:]
        return len(case.inputs[0]) == 1 and any(isinstance(state, tuple) and len(state) > 1 for state in states or ())
    if case.name != "EmbeddingBag" or len(case.inputs) < 2 or not isinstance(case.inputs[1], tuple):
        return False
    numbers, offsets = case.inputs[:2]
    given = arguments_of(case)
    no_bag = given.get("mode") == "max" and given.get("include_last_offset") is True and offsets == (1,)
    return 0 not in numbers and (offsets[:1] == (0,) or no_bag)


def run(case: Case) -> Outcome:
    """Make the module and call it."""
    import torch

    if harms_torch(case):
        reject()
    with quiet():
        try:
            module = make(case)
        except Exception as error:  # noqa: BLE001 - whatever torch raises is a refusal
            return Outcome(CONSTRUCTION, error=f"{type(error).__name__}: {error}"[:200])
        try:
            with torch.set_grad_enabled(case.name in WITH_GRADIENTS):
                output = module(*tensors_of(case), **case.call)
        except Exception as error:  # noqa: BLE001 - the same
            return Outcome(CALL, module, error=f"{type(error).__name__}: {error}"[:200])
    return Outcome(FINE, module, shape_of(output))


def counted_macs(case: Case) -> int:
    """Half of what torch's FlopCounterMode counts for a case, with gradients on."""
    return _counted(make(case), tensors_of(case), case.call)


def macs_of(module: Any, shape: tuple[int, ...]) -> int:
    """The same for a module on zeros of a shape."""
    import torch

    return _counted(module, [torch.zeros(shape)], {})


def _counted(module: Any, inputs: list[Any], call: dict[str, Any]) -> int:
    """Half of what torch's counter counts."""
    from torch.utils.flop_counter import FlopCounterMode

    from cnncalc.torch_twin.counting import _LEFT_OUT

    with quiet():
        counter = FlopCounterMode(display=False, custom_mapping=dict(_LEFT_OUT))
        with counter:
            module(*inputs, **call)
    return counter.get_total_flops() // 2
