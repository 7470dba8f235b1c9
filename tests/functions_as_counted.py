"""Every function of the catalogue under one tool, in a process of its own: `python functions_as_counted.py TOOL`.

The tools patch torch, and thousands of runs of several in one process break it. What differs is printed as JSON, by the name
of the function, with the number of totals that were compared.
"""

from __future__ import annotations

import json
import sys

import conftest  # noqa: F401 - loads the profile that was asked for
from drawing.counted import CALLS
from drawing.functions import FUNCTION_SAMPLERS
from function_side import NUMBERS_OF, map_shapes, shapes_in
from hypothesis import HealthCheck, given, settings
from tools_side import NOT_TOLD, TRACER, printed, told, zeros
from torch_side import quiet

import cnncalc as cc
from cnncalc.layers import named

#: Inputs that are numbers of another kind than floats are not zeros that a tool could be given.
NAMES = [name for name in FUNCTION_SAMPLERS if name not in {of for of, _ in NUMBERS_OF}]
#: These two count no function at all, so that fewer examples do.
ONLY_LAYERS = {"torchinfo", "thop"}


class Applied(cc.Module):
    """One call of a function on the network's inputs. It owns a parameter, since calflops fails on networks without."""

    def __init__(self, case):
        super().__init__()
        self.case = case
        self.scale = cc.Parameter(shape=(1,))

    def forward(self, *tensors, **by_name):
        """The call, with tuples in place of lists."""
        remaining = iter((*tensors, *by_name.values()))
        inputs, call = map_shapes(self.case, lambda _: next(remaining))
        call = {name: tuple(item) if isinstance(item, list) else item for name, item in call.items()}
        return named(self.case.name)(*inputs, **call)


def compared(tool, case):
    """Whether a total was told and printed, and not refused; raises where the two differ."""
    shapes = shapes_in(case)
    if not shapes:
        return False
    with quiet():
        wanted = printed(tool, cc.to_torch(Applied(case)), *zeros(*shapes))
    ours = told(Applied(case), tool, *shapes)
    if isinstance(ours, cc.UnsupportedError):
        # An empty axis cut into its cells gives no tensor, and a network must return one.
        if isinstance(wanted, Exception) or NOT_TOLD.search(str(ours)) or "returns no tensor" in str(ours):
            return False
    elif isinstance(wanted, Exception):
        # With gradients on, torch itself refuses a few shapes of no cells that it takes without.
        alone = printed("torchvision", cc.to_torch(Applied(case)), *zeros(*shapes))
        if TRACER in str(wanted) or isinstance(alone, Exception):
            return False
    elif ours == wanted:
        return True
    raise AssertionError(f"{case}: told {ours!r}, printed {wanted!r}")


def walk(tool):
    """The differences by function, and the number of totals that were compared."""
    differences, count = {}, 0
    for number, case in enumerate(CALLS):
        try:
            count += compared(tool, case)
        except Exception as error:  # noqa: BLE001 - whatever went wrong is told, and the walk goes on
            differences[f"{case.name}, fixed call {number}"] = f"{type(error).__name__}: {error}"
    examples = max(settings.default.max_examples // (200 if tool in ONLY_LAYERS else 100), 1)
    share = settings(max_examples=examples, database=None, suppress_health_check=list(HealthCheck))
    for name in NAMES:

        @share
        @given(case=FUNCTION_SAMPLERS[name](wild=False))
        def check(case):
            nonlocal count
            count += compared(tool, case)

        try:
            check()
        except Exception as error:  # noqa: BLE001 - whatever went wrong is told, and the walk goes on
            differences[name] = f"{type(error).__name__}: {error}"
    return {"functions": len(NAMES), "compared": count, "differences": differences}


if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)
    print(json.dumps(walk(sys.argv[1])))  # noqa: T201 - the answer
