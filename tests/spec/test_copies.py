"""Networks that copy, take views and change in place, in any order: what is written gives torch's numbers, or is refused."""

from __future__ import annotations

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import cnncalc as cc

torch = pytest.importorskip("torch")
from source_side import run  # noqa: E402 - it needs torch

STEPS = {
    "copy": lambda tensor: tensor.clone(),
    "first": lambda tensor: tensor[:3],
    "last": lambda tensor: tensor[-3:],
    "scale": lambda tensor: tensor * 2,
    "change": lambda tensor: tensor.mul_(3),
    "shift": lambda tensor: tensor.add_(1),
}


class Steps(cc.Module):
    """Steps, each on the input or on what an earlier one gave; the network gives what some of them gave."""

    def __init__(self, steps, given):
        super().__init__()
        self.bias = cc.Parameter((6,))
        self.steps, self.given = steps, given

    def forward(self, x):
        """Carry them out."""
        tensors = [x, self.bias]
        for name, of in self.steps:
            tensors.append(STEPS[name](tensors[of % len(tensors)]))
        # What a result was multiplied with is a result of its own: it can't be changed afterwards.
        return tuple(tensors[number % len(tensors)] * 1 for number in self.given)


@given(
    st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9)), min_size=2, max_size=8),
    st.lists(st.integers(0, 9), min_size=1, max_size=3),
)
def test_what_is_copied_and_changed_in_any_order_gives_torchs_numbers(steps, given):
    network = Steps(steps, given)
    expected = cc.to_torch(network)
    torch.nn.init.uniform_(expected.bias)
    state = {name: tensor.clone() for name, tensor in expected.state_dict().items()}
    x = torch.rand(6)
    with torch.no_grad():
        right = [tensor.clone() for tensor in expected(x.clone())]
    for kind, write in (("source", lambda: run(cc.to_source(network, (6,)))), ("JSON", lambda: again(network))):
        try:
            twin = write()
        except cc.CnncalcError as error:
            event(f"{kind}: {error.rule[:50]}")
            continue
        event(f"{kind}: written")
        twin.load_state_dict({name: tensor for name, tensor in state.items() if name in twin.state_dict()})
        with torch.no_grad():
            assert all(map(torch.equal, twin(x.clone()), right)), (kind, steps)


def again(network):
    """The twin of a network that was written down and read back."""
    return cc.to_torch(cc.loads(cc.dumps(network, (6,))))
