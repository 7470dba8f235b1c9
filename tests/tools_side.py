"""The tools whose totals cnncalc tells, run on torch modules: the oracle for the named conventions.

A tool that is not installed skips its tests. Some of them patch torch, and leave it so when they fail: all is put back.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
import types
from importlib import import_module
from typing import Any

import pytest
from torch_side import quiet

import cnncalc as cc

#: Torch's tracer, which fvcore stands on, fails on some arguments that torch itself takes.
TRACER = "INTERNAL ASSERT FAILED"
#: Where a tool prints a number that is not told: it is no count of anything, or hangs on how torch runs it.
NOT_TOLD = re.compile("takes the channels of an input without a batch for the batch|hangs on how torch runs it")

#: What calflops and ptflops import and do not need here.
NOT_NEEDED = ("transformers", "accelerate", "accelerate.utils", "huggingface_hub", "huggingface_hub.utils", "timm")


class _Stub(types.ModuleType):
    """A module in which every name is an empty class."""

    __path__: list[str] = []  # noqa: RUF012 - what makes it a package

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Exception,), {})


def _imported(name: str) -> Any:
    """A module of a tool; skips the test where the tool is not installed."""
    with pytest.MonkeyPatch.context() as patch, quiet():
        for missing in NOT_NEEDED:
            if missing not in sys.modules:
                patch.setitem(sys.modules, missing, _Stub(missing))
        if "torchvision" not in sys.modules:
            patch.setitem(sys.modules, "torchvision", None)
        try:
            return import_module(name)
        except ImportError as error:
            pytest.skip(f"{name.partition('.')[0]} is not installed: {error}")


@contextlib.contextmanager
def _put_back():
    """Run a tool that patches torch, without its printing, and put torch back as it was."""
    import torch

    owners = (torch.nn.functional, torch, torch.Tensor)
    kept = [(owner, name, item) for owner in owners for name, item in vars(owner).items() if callable(item)]
    own = set(vars(torch.Tensor))
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), quiet():
            yield printed
    finally:
        for owner, name, item in kept:
            if vars(owner).get(name) is not item:
                setattr(owner, name, item)
        for name in set(vars(torch.Tensor)) - own:
            delattr(torch.Tensor, name)


def torchinfo(net: Any, *inputs: Any) -> Any:
    with quiet():
        return _imported("torchinfo").summary(net, input_data=list(inputs), verbose=0).total_mult_adds


def fvcore(net: Any, *inputs: Any) -> Any:
    with quiet():
        analysis = _imported("fvcore.nn").FlopCountAnalysis(net, inputs)
        analysis.unsupported_ops_warnings(enabled=False).uncalled_modules_warnings(enabled=False)
        return analysis.tracer_warnings("none").total()


def ptflops(net: Any, *inputs: Any, backend: str = "pytorch") -> Any:
    count = _imported("ptflops").get_model_complexity_info
    given = inputs[0] if len(inputs) == 1 else {f"input{index}": tensor for index, tensor in enumerate(inputs)}
    with _put_back() as printed:
        total, _ = count(
            net, (1,), input_constructor=lambda _: given, print_per_layer_stat=False, as_strings=False, backend=backend
        )
    if total is None:
        raise RuntimeError(printed.getvalue().strip().splitlines()[-1])
    return total


def thop(net: Any, *inputs: Any) -> Any:
    count = _imported("thop").profile
    with _put_back():
        return count(net, inputs, verbose=False)[0]


def calflops(net: Any, *inputs: Any) -> Any:
    count = _imported("calflops.flops_counter").calculate_flops
    pipeline = import_module("calflops.calculate_pipline")
    try:
        with _put_back():
            return count(net, args=list(inputs), print_results=False, output_as_string=False)[1]
    finally:
        pipeline.module_flop_count.clear()
        pipeline.module_mac_count.clear()


def torchvision(net: Any, *inputs: Any) -> Any:
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    with quiet(), counter:
        net(*inputs)
    return counter.get_total_flops() / 2


TOOLS = {
    "torchinfo": torchinfo,
    "fvcore": fvcore,
    "ptflops": ptflops,
    "thop": thop,
    "calflops": calflops,
    "torchvision": torchvision,
}


def told(network: Any, tool: str, *shapes: Any) -> Any:
    """What we say a tool prints, or our refusal."""
    try:
        return cc.analyze(network, *shapes).as_counted_by(tool).total
    except cc.UnsupportedError as error:
        return error


def printed(tool: str, module: Any, *tensors: Any) -> Any:
    """What the tool prints, or how it fails."""
    try:
        return TOOLS[tool](module, *tensors)
    except Exception as error:  # noqa: BLE001 - a tool fails in its own way
        return error


def zeros(*shapes: Any) -> list[Any]:
    """Zeros of each shape."""
    import torch

    return [torch.zeros(shape) for shape in shapes]
