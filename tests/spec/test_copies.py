"""Networks that copy, take views and change in place, in any order: what is written gives torch's numbers, or is refused."""

from __future__ import annotations

import pytest
from drawing import networks
from hypothesis import event, given
from hypothesis import strategies as st

import cnncalc as cc

torch = pytest.importorskip("torch")
from source_side import check_document, check_source, run  # noqa: E402 - it needs torch
from torchvision_side import torchvision  # noqa: E402 - the same


class Biased(cc.Module):
    """A parameter of its own, to which a function of the parameter and the input is applied."""

    def __init__(self, code):
        super().__init__()
        self.bias = cc.Parameter((6,))
        self.code = code

    def forward(self, x):
        """Apply the function."""
        return self.code(self, x)


def tupled(outputs):
    """One output or several, as a tuple."""
    return outputs if isinstance(outputs, tuple) else (outputs,)


def doubled(tensor):
    """A tensor with its middle doubled in place."""
    tensor[2:4].mul_(2)
    return tensor


def shifted_twice(net, x):
    """A view changed twice."""
    del net
    y = (x * 3).clone()
    part = y[2:4]
    part.mul_(2)
    part.add_(1)
    return y * 2


def part_copied(net, x):
    """A copy of a part, changed beside the whole."""
    del net
    y = x * 2
    part = y[:3].clone()
    part += 1
    return y[3:] * part


def whole_copied(net, x):
    """A copy of the whole, changed beside a part."""
    del net
    y = x * 2
    part = y[:3]
    whole = y.clone()
    whole += 1
    return part * whole[:3]


def original_changed(net, x):
    """What was copied is changed, and the copy used."""
    del net
    y = x * 2
    kept = y.clone()
    y.mul_(3)
    return y + kept


def changed_again(net, x):
    """A copy changed twice, and a copy of that."""
    y = net.bias.clone().mul_(2)
    y.add_(1)
    z = y.clone()
    z.mul_(3)
    return x + y + z


def copied_twice(net, x):
    """A copy of a part of a changed copy, changed itself."""
    del net
    y = doubled(x.clone())
    part = y[:3]
    whole = part.clone()
    whole += 1
    return y[3:] * part * whole


def copied_afterwards(net, x):
    """A copy of what was changed in part, changed itself."""
    y = doubled(net.bias.clone())
    z = y[:3].clone()
    z += 1
    return x * y, z


@pytest.mark.parametrize(
    "code",
    [
        part_copied,
        whole_copied,
        original_changed,
        changed_again,
        copied_afterwards,
        lambda net, x: x + doubled(net.bias.clone()),
        lambda _, x: 2 * doubled((x + 1).clone()),
        lambda net, x: x + net.bias.clone().mul_(2),
        lambda net, x: net.bias.clone().mul_(2) + x + net.bias,
        lambda net, x: x + net.bias + net.bias.clone().mul_(2),
        lambda _, x: doubled(x * 1),
        shifted_twice,
    ],
)
@pytest.mark.parametrize("around", [lambda net: net, cc.Sequential])
def test_copies_that_are_changed_in_place_are_copies_in_the_source_too(code, around):
    """With the same numbers what is written gives the same numbers, and leaves its input and its parameters as they are."""
    network = around(Biased(code))
    expected = cc.to_torch(network)
    for parameter in expected.parameters():
        torch.nn.init.uniform_(parameter)
    for twin in (run(check_source(network, (6,))), cc.to_torch(cc.loads(check_document(network, (6,))))):
        twin.load_state_dict(expected.state_dict())
        x = torch.rand(6)
        given = x.clone()
        with torch.no_grad():
            assert all(map(torch.equal, tupled(twin(given)), tupled(expected(x.clone()))))
        assert torch.equal(given, x)
        assert all(torch.equal(tensor, twin.state_dict()[name]) for name, tensor in expected.state_dict().items())


@pytest.mark.parametrize("code", [lambda _, x: doubled(x.clone()), copied_twice])
def test_a_network_may_change_a_copy_of_its_input(code):
    given = torch.arange(6.0)
    expected = code(None, given.clone())
    for twin in (run(check_source(Biased(code), (6,))), cc.to_torch(cc.loads(check_document(Biased(code), (6,))))):
        assert torch.equal(twin(given), expected)
        assert torch.equal(given, torch.arange(6.0))


class Handing(cc.Module):
    """A module whose bias is copied outside of it too."""

    def __init__(self):
        super().__init__()
        self.part = Biased(lambda net, x: x + net.bias)

    def forward(self, x):
        """The part, times a changed copy of its bias."""
        return self.part(x) * doubled(self.part.bias.clone())


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (Biased(lambda _, x: x * doubled(x.clone())), "used beside a copy of it of which a part is changed in place"),
        (Biased(lambda net, x: x + net.bias * doubled(net.bias.clone())), "used beside a copy of it"),
        (Biased(lambda net, x: x + doubled(net.bias)), "a parameter or constant that is changed in place has no source"),
        (Handing(), "used beside a copy of it"),
        (cc.Sequential(Biased(lambda _, x: doubled(x.clone()))), "a copy is changed in place, and used in another module"),
        (networks.Twice(Biased(lambda net, x: x + doubled(net.bias.clone()))), "used beside a copy of it"),
    ],
)
def test_where_it_can_not_be_told_what_is_changed_there_is_no_source(network, message):
    with pytest.raises(cc.UnsupportedError, match=message):
        cc.to_source(network, (6,))


def test_a_copy_of_a_parameter_is_changed_in_torchvisions_own_model():
    with torch.device("meta"):
        model = torchvision().models.swin_v2_t().eval()
    assert ".bias.clone()" in check_source(cc.from_torch(model, (1, 3, 64, 64)), (1, 3, 64, 64))


# -- in any order -----------------------------------------------------------------------------------------------

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
