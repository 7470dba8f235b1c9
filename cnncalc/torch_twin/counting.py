"""MACs counted by torch: the flop counter on a run, operation by operation.

torch's `FlopCounterMode` counts two flops per multiply-accumulate of matrix products, convolutions and attention. What
it leaves out is added here, from the shapes of the tensors alone: products with a vector, and Bilinear.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from cnncalc.torch_twin.running import Done, Run

if TYPE_CHECKING:
    from cnncalc.torch_twin.twin import Twins


class CountingRun(Run):
    """A run that counts; of one network once. `macs` has one entry for each entry of `done`; `total` is their sum."""

    def __init__(self, twins: Twins) -> None:
        """Start counting at nothing."""
        super().__init__(twins)
        self.macs: list[int] = []
        self.total = 0
        #: The names of the parameters that are trained, as the twin was made.
        self.trained = {name for name, parameter in twins.root.named_parameters() if parameter.requires_grad}
        self._counter = FlopCounterMode(display=False, custom_mapping=dict(_LEFT_OUT))

    def start(self, *tensors: torch.Tensor) -> Any:
        """Run the whole network and count.

        Gradients are on and every parameter takes part in them, frozen or not: without, torch may go by a shortcut for
        attention that its counter does not see.
        """
        for parameter in self.twins.root.parameters():
            if not torch.nn.parameter.is_lazy(parameter):
                parameter.requires_grad = True
        with torch.enable_grad(), self._counter:
            return super().start(*tensors)

    def finished(self, done: Done, output: Any) -> None:
        """Note what the counter has gained since the operation before."""
        super().finished(done, output)
        flops = self._counter.get_total_flops()
        self.macs.append(flops // 2 - self.total)
        self.total = flops // 2


def _matrix_times_vector(matrix: Any, vector: Any, *_: Any, **__: Any) -> int:
    """Flops of aten.mv."""
    del vector
    return int(2 * prod(matrix))


def _added_matrix_times_vector(added: Any, matrix: Any, *_: Any, **__: Any) -> int:
    """Flops of aten.addmv, the sum excluded."""
    del added
    return int(2 * prod(matrix))


def _vector_times_vector(left: Any, right: Any, *_: Any, **__: Any) -> int:
    """Flops of aten.dot."""
    del right
    return int(2 * prod(left))


def _bilinear(left: Any, weight: Any, right: Any, *_: Any, **__: Any) -> int:
    """Flops of aten._trilinear as Bilinear calls it: (rows, in1), (out, in1, in2), (rows, in2)."""
    del right
    return int(2 * left[0] * prod(weight))


def _attention(query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
    """Flops of attention on the CPU: scores, then sums."""
    return int(2 * prod(query[:-1]) * key[-2] * (query[-1] + value[-1]))


_LEFT_OUT = {
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention,
    torch.ops.aten.mv: _matrix_times_vector,
    torch.ops.aten.addmv: _added_matrix_times_vector,
    torch.ops.aten.dot: _vector_times_vector,
    torch.ops.aten._trilinear: _bilinear,
}
