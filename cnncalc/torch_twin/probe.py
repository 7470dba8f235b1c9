"""The gradient oracle: which input cells a cell of the output depends on, found by differentiating torch's twin.

Every weight is 1, every bias 0, and what is not linear is replaced by something positive that reads the same cells
(`probe_rules`). After every operation the values become 1 and the signal on its way back becomes 0 or 1, so that neither
rounding nor the number of paths matters. Nothing here knows cnncalc's axis maps.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import torch

from cnncalc.errors import ArgumentError
from cnncalc.torch_twin.probe_rules import function_stand_in, stand_in
from cnncalc.torch_twin.running import Done, Part, Run, changed, leaves
from cnncalc.torch_twin.twin import Twins

if TYPE_CHECKING:
    from cnncalc.layers.operation import Operation
    from cnncalc.module import Module

#: A weight below this is rounding: resampling at a whole position gives 1e-16 instead of 0. True weights are far larger.
_TINY = 1e-9


class _Renewed(torch.autograd.Function):
    """Forward: ones. Backward: 1 where the signal is not zero."""

    @staticmethod
    def forward(context: Any, tensor: torch.Tensor) -> torch.Tensor:
        """Ones of the same shape."""
        del context
        return torch.ones_like(tensor)

    @staticmethod
    def backward(context: Any, *signals: torch.Tensor) -> torch.Tensor:
        """The signal as 0 or 1."""
        del context
        return (signals[0].abs() > _TINY).to(signals[0].dtype)


class Probe(Run):
    """One forward run of the stand-ins, from which any number of cells may then be asked.

    `outputs` are the tensors of each operation in order, nested as it gave them; `result` is what the network returned;
    `by_path` finds the last output of a layer, a function or a container. `channel` is the axis of the channels, 1 or,
    without a batch, 0. Raises UnsupportedError for a layer without a stand-in, and what torch raises.
    """

    def __init__(self, twins: Twins, *shapes: tuple[int, ...], channel: int | None = None) -> None:
        """Set the weights of the twins and run them on ones, in float64 on the CPU."""
        super().__init__(twins)
        self.outputs: list[Any] = []
        self.by_path: dict[str, Any] = {}
        #: By identity: a tensor that was changed in place, and what it has become.
        self._became: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        self._unbatched = False
        self._ready: set[torch.nn.Module] = set()
        for part in twins.root.modules():
            if isinstance(part, Part):
                for parameter in part.parameters(recurse=False):
                    parameter.requires_grad = False
                    parameter.data = torch.ones_like(parameter, dtype=torch.float64)
        self.inputs = tuple(torch.ones(shape, dtype=torch.float64, requires_grad=True) for shape in shapes)
        with torch.enable_grad():
            self.result = self.start(*self.inputs)
        self.channel = channel if channel is not None else 0 if self._unbatched else 1

    def layer(self, twin: torch.nn.Module, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Call a layer's stand-in."""
        if twin not in self._ready:
            # Once: a layer that runs twice must keep the weights that the first gradient rests on.
            twin.double()
            if any(map(torch.nn.parameter.is_lazy, twin.parameters())):
                # A lazy layer gets its class and its random weights from the first call.
                with torch.no_grad():
                    twin(*inputs, **call)
            _set_weights(twin.double())
            self._ready.add(twin)
        self._unbatched = self._unbatched or _takes_no_batch(twin, inputs)
        return renewed(stand_in(twin)(twin, *inputs, **call))

    def function(self, name: str, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Call a function's stand-in."""
        return renewed(function_stand_in(name)(name, *inputs, **call))

    def record(self, operation: Operation, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Carry an operation out; where it changes a tensor in place, its stand-in's output takes that one's place."""
        result = super().record(operation, inputs, call)
        if operation.in_place:
            old = self._latest(inputs[0].tensor)
            self._became[id(old)] = (old, result.tensor)
        return result

    def unwrap(self, nested: Any) -> Any:
        """Nested values as tensors, each as it is by now."""
        return changed(super().unwrap(nested), torch.Tensor, self._latest) if self._became else super().unwrap(nested)

    def _latest(self, tensor: torch.Tensor) -> torch.Tensor:
        """What a tensor has become by changes in place."""
        while id(tensor) in self._became:
            tensor = self._became[id(tensor)][1]
        return tensor

    def finished(self, done: Done, output: Any) -> None:
        """Keep the tensors too."""
        super().finished(done, output)
        self.outputs.append(output)
        self.by_path[done.path] = output

    def returned(self, path: str, result: Any) -> None:
        """Keep what a container returned."""
        self.by_path[path] = self.unwrap(result)

    def cells(self, output: torch.Tensor, at: tuple[int, ...], wrt: int = 0) -> torch.Tensor:
        """Which cells of an input matter to one cell of an output, as a boolean map over the input's spatial axes.

        `at` indexes the axes after the channels, or the features of a flat output; the sample is the first, all channels
        are asked, and the channels and samples of the input are united.
        """
        channel, source = self.channel, self.inputs[wrt]
        lead: tuple[Any, ...] = (0,) * channel + ((slice(None),) if output.dim() > channel + 1 else ())
        if output.dim() <= channel:
            # Features alone, without a batch.
            lead = ()
        if len(lead) + len(at) != output.dim() or any(not 0 <= i < n for i, n in zip(at, output.shape[len(lead) :], strict=True)):
            raise ArgumentError("there is no such cell", got=f"at={at} for shape {tuple(output.shape)}")
        spatial = source.shape[channel + 1 :]
        signal = torch.zeros_like(output)
        signal[(*lead, *at)] = 1
        if not output.requires_grad:
            return torch.zeros(spatial, dtype=torch.bool)
        (gradient,) = torch.autograd.grad(output, source, signal, retain_graph=True, allow_unused=True)
        if gradient is None:
            return torch.zeros(spatial, dtype=torch.bool)
        return (gradient.abs() > _TINY).reshape(-1, *spatial).any(0)


def field_cells(
    network: Module, shape: tuple[Any, ...], at: tuple[int, ...] | int, of: str | None = None, wrt: int = 0
) -> set[tuple[int, ...]]:
    """The receptive field of a cell by gradients: the cells of the input's spatial axes, as index tuples.

    `shape` is the shape of the input, or a tuple of shapes for several inputs; `wrt` numbers the input that is asked.
    `of` names a layer, a function or a container as `report` does; None means the network's output.
    """
    shapes = shape if shape and isinstance(shape[0], (tuple, list)) else (shape,)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        probe = Probe(Twins(network), *shapes)
    if of is not None and of not in probe.by_path:
        raise ArgumentError("there is no row of that name", got=repr(of)[:60])
    output = leaves(probe.result if of is None else probe.by_path[of], torch.Tensor)[0]
    found = probe.cells(output, (at,) if isinstance(at, int) else tuple(at), wrt)
    return {tuple(cell) for cell in found.nonzero().tolist()}


def renewed(nested: Any) -> Any:
    """The outputs of an operation with values of 1, and a signal of 0 or 1 on the way back."""

    def renew(tensor: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = _Renewed.apply(tensor) if tensor.is_floating_point() else tensor  # type: ignore[no-untyped-call]
        return made

    return changed(nested, torch.Tensor, renew)


def _set_weights(module: torch.nn.Module) -> None:
    """Every weight 1, every bias 0; none of them takes part in the gradient."""
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if not torch.nn.parameter.is_lazy(parameter):
                parameter.requires_grad = False
                # A new tensor: one that two layers share may be in use by then.
                parameter.data = torch.full_like(parameter, 0 if "bias" in name.rpartition(".")[2] else 1)


def _takes_no_batch(twin: torch.nn.Module, inputs: tuple[Any, ...]) -> bool:
    """Whether a convolution, a pool or an instance norm is called on one axis more than it works on: channels, and no batch."""
    if not inputs or not isinstance(inputs[0], torch.Tensor):
        return False
    for kind in type(twin).__mro__:
        if kind.__module__.removeprefix("torch.nn.modules.") in {"conv", "pooling", "instancenorm"} and kind.__name__[-1] == "d":
            digit = kind.__name__[-2]
            return digit.isdigit() and inputs[0].dim() == int(digit) + 1
    return False
