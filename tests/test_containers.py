"""Containers are changed as torch's are: the same children under the same names after the same calls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc import nn

indices = st.integers(-4, 4)
slices = st.builds(slice, st.none() | indices, st.none() | indices, st.sampled_from([None, 2]))
changes = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.none()),
        st.tuples(st.just("extend"), st.integers(0, 3)),
        st.tuples(st.just("+="), st.integers(0, 3)),
        st.tuples(st.just("+"), st.integers(0, 3)),
        st.tuples(st.just("insert"), indices),
        st.tuples(st.just("pop"), indices | slices),
        st.tuples(st.just("del"), indices | slices),
        st.tuples(st.just("set"), indices),
        st.tuples(st.just("get"), indices | slices),
    ),
    max_size=6,
)


class Layers:
    """Layers that can be told apart: Dropout(0.01), Dropout(0.02) and so on."""

    def __init__(self, place):
        self.place = place
        self.made = 0

    def one(self):
        """The next layer."""
        self.made += 1
        return self.place.Dropout(self.made / 100)

    def several(self, container, count):
        """A container of the next layers."""
        layers = [self.one() for _ in range(count)]
        return self.place.Sequential(*layers) if container == "Sequential" else self.place.ModuleList(layers)


def children(container):
    """Name and number of each child."""
    return [(name, child.p) for name, child in container.named_children()]


def changed(place, container, changes):
    """What a container holds after each change; "refused" where a change is."""
    layers = Layers(place)
    holder = layers.several(container, 2)
    seen = []
    for change, argument in changes:
        try:
            if change == "append":
                holder.append(layers.one())
            elif change == "extend":
                holder.extend(layers.several(container, argument))
            elif change == "+=":
                holder += layers.several(container, argument)
            elif change == "+":
                holder = holder + layers.several(container, argument)
            elif change == "insert":
                # Torch's ModuleList makes a gap in its names for an index behind the end.
                holder.insert(argument if container == "Sequential" else min(argument, len(holder)), layers.one())
            elif change == "pop":
                holder.pop(argument)
            elif change == "del":
                del holder[argument]
            elif change == "set":
                holder[argument] = layers.one()
            else:
                found = holder[argument]
                seen.append(children(found) if isinstance(argument, slice) else found.p)
        except (IndexError, ValueError, KeyError, cc.CnncalcError):
            seen.append("refused")
            return seen
        seen.append(children(holder))
    return seen


@pytest.mark.parametrize("container", ["Sequential", "ModuleList"])
@given(changes)
def test_a_container_is_changed_as_torchs(container, changes):
    torch = pytest.importorskip("torch")
    assert changed(nn, container, changes) == changed(torch.nn, container, changes)


def test_modules_by_name_are_taken_out():
    modules = nn.ModuleDict({"a": nn.ReLU(), "b": nn.Tanh()})
    taken = modules.pop("a")
    assert isinstance(taken, nn.ReLU)
    del modules["b"]
    assert list(modules) == []
    with pytest.raises(cc.ArgumentError, match="no module of that name"):
        modules.pop("a")


def test_parameters_by_name_are_in_the_state_dict():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.scales = nn.ParameterDict({"a": nn.Parameter(shape=(3, 1, 1)), "b": (3, 1, 1)})

        def forward(self, x):
            return x + self.scales["a"] + self.scales["b"]

    assert cc.analyze(Net(), (1, 3, 4, 4)).tensors == {"scales.a": (3, 1, 1), "scales.b": (3, 1, 1)}
    net = Net()
    assert [name for name, _ in net.named_parameters()] == ["scales.a", "scales.b"]
    assert [shape.shape for shape in net.scales.values()] == [(3, 1, 1)] * 2
    assert dict(net.scales.items()).keys() == set(net.scales.keys())
    assert "a" in net.scales
    with pytest.raises(cc.ArgumentError, match="no parameter of that name"):
        net.scales["c"]
