"""The fewest layers and the chains that reach a field, against trying every chain."""

from __future__ import annotations

from itertools import product

import pytest
import torch_side
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.solve import fewest_layers, for_field

SMALL = {"kernel_size": (1, 2, 3), "stride": (1, 2), "padding": (0, 1)}


def torch_chain(kind, n, chain):
    """The length behind a chain of torch's layers; None where one refuses."""
    import torch

    name = {"conv": "Conv1d", "pool": "MaxPool1d", "transposed": "ConvTranspose1d"}[kind]
    x = torch.zeros(1, 1, n)
    with torch_side.quiet(), torch.no_grad():
        try:
            for layer in chain:
                x = getattr(torch.nn, name)(*(() if kind == "pool" else (1, 1)), **layer)(x)
        except RuntimeError:
            return None
    return x.shape[-1]


def every_layer(kind):
    more = (0, 1) if kind == "transposed" else (0,)
    for k, s, p, o in product(*SMALL.values(), more):
        yield {"kernel_size": k, "stride": s, "padding": p} | ({"output_padding": o} if kind == "transposed" else {})


@pytest.mark.parametrize("kind", ["conv", "pool", "transposed"])
def test_the_fewest_layers_are_the_fewest_and_all_are_counted(kind):
    for n, m in [(5, 5), (9, 4), (12, 2), (4, 6), (6, 1), (3, 9)]:
        counts = {0: int(n == m)}
        for depth in (1, 2):
            chains = list(product(every_layer(kind), repeat=depth))
            counts[depth] = sum(torch_chain(kind, n, chain) == m for chain in chains)
        answers = fewest_layers(n, m, kind=kind, most=2, longest=100, **SMALL)
        fewest = next((depth for depth, count in counts.items() if count), None)
        assert answers.layers == fewest, (n, m)
        if fewest is None:
            assert not answers
            assert answers.total == 0
        else:
            assert answers.total == counts[fewest], (n, m)
            assert len(set(answers)) == len(answers) == min(answers.total, 100)
            for chain in answers[:5]:
                assert torch_chain(kind, n, [{"stride": layer.stride} | layer.arguments for layer in chain.layers]) == m
                assert (chain.lengths[0], chain.lengths[-1]) == (n, m)


def test_what_people_choose_comes_first():
    answers = fewest_layers(224, 7, kernel_size=(3, 5), stride=(1, 2), padding=(0, 1, 2))
    assert answers.layers == 5
    assert str(answers[0]) == "224 → 112 → 56 → 28 → 14 → 7: 5 × (kernel_size=3, stride=2, padding=1)"


def test_none_is_proved():
    answers = fewest_layers(5, 9, kernel_size=3, stride=1, padding=0)
    assert answers.layers is None
    assert str(answers).endswith("no number of layers does: no further length can be reached")
    assert "with at most 2 layers" in str(fewest_layers(1000, 1, kernel_size=3, stride=2, most=2))


SOME = st.lists(st.integers(1, 5), min_size=1, max_size=3, unique=True)


@given(st.sampled_from(("conv", "pool", "transposed")), st.integers(1, 60), st.integers(1, 60), SOME, SOME, st.integers(1, 4))
def test_lengths_that_can_not_come_to_the_output_are_left_out_and_no_other(kind, n, m, kernel_size, stride, most):
    """Where the lengths are many, those beyond any chain's reach are left out: the answer is that of all lengths."""
    asked = {"kind": kind, "kernel_size": kernel_size, "stride": stride, "padding": (0, 1, 2), "most": most}
    expected = fewest_layers(n, m, **asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cnncalc.solve.chains.MOST_STEPS", 0)
        found = fewest_layers(n, m, **asked)
    assert (found.layers, found.total, list(found)) == (expected.layers, expected.total, list(expected))


def test_long_axes_are_answered_or_refused_at_once():
    assert "with at most 12 layers" in str(fewest_layers(10**9, 1))  # 4¹² = 16,777,216
    with pytest.raises(cc.ArgumentError, match="the ranges lead to too many cases"):
        fewest_layers(10**9, 7, kernel_size=range(1, 31), most=40)


# -- fields -----------------------------------------------------------------------------------------------------


def read_cells(chain):
    """The input cells that one output cell reads on an endless axis, as sets of numbers; (k, s, d) for each layer."""
    cells = {0}
    for k, s, d in reversed(chain):
        cells = {s * i + d * t for i in cells for t in range(k)}
    return cells


def extent(cells):
    return max(cells) - min(cells) + 1


@st.composite
def ranges(draw):
    return {
        "kernel_size": tuple(draw(st.sets(st.integers(1, 4), min_size=1, max_size=2))),
        "stride": tuple(draw(st.sets(st.integers(1, 3), min_size=1, max_size=2))),
        "dilation": tuple(draw(st.sets(st.integers(1, 3), min_size=1, max_size=2))),
    }


@given(ranges(), st.integers(1, 40), st.booleans(), st.booleans())
def test_layers_alike_are_all_that_there_are(drawn, size, holes, at_least):
    expected = set()
    for layer in product(*drawn.values()):
        for depth in range(1, 5):
            cells = read_cells([layer] * depth)
            reached = extent(cells) >= size if at_least else extent(cells) == size
            if reached and (holes or len(cells) == extent(cells)):
                expected.add((layer, depth))
                break
    found = for_field(size, depth=range(1, 5), holes=holes, at_least=at_least, **drawn)
    assert {((c.layers[0].kernel_size, c.layers[0].stride, c.layers[0].dilation), len(c.layers)) for c in found} == expected
    for chain in found:
        cells = read_cells([(layer.kernel_size, layer.stride, layer.dilation) for layer in chain.layers])
        assert (chain.size, chain.is_dense) == (extent(cells), len(cells) == extent(cells))


@given(ranges(), st.integers(2, 25), st.booleans(), st.booleans())
def test_the_shortest_chains_are_the_shortest_and_all_are_counted(drawn, size, holes, at_least):
    layers = list(product(*drawn.values()))
    fewest, count = None, 0
    for depth in range(1, 4):
        for chain in product(layers, repeat=depth):
            cells = read_cells(chain)
            reached = extent(cells) >= size if at_least else extent(cells) == size
            count += reached and (holes or len(cells) == extent(cells))
        if count:
            fewest = depth
            break
    found = for_field(size, depth=range(1, 4), alike=False, holes=holes, at_least=at_least, **drawn)
    assert (found.layers, found.total) == (fewest, count)
    for chain in found[:3]:
        cells = read_cells([(layer.kernel_size, layer.stride, layer.dilation) for layer in chain.layers])
        assert (chain.size, chain.is_dense) == (extent(cells), len(cells) == extent(cells))


def test_dilations_without_holes():
    found = for_field(15, dilation=range(1, 9), alike=False, holes=False)
    assert found.layers == 3
    assert (1, 2, 4) in {tuple(layer.dilation for layer in chain.layers) for chain in found}
    assert all(len(read_cells([(3, 1, layer.dilation) for layer in chain.layers])) == 15 for chain in found)


def test_a_field_is_that_of_the_network():
    found = for_field(31, kernel_size=(3, 5, 7), dilation=range(1, 6))
    for chain in found:
        net = cc.Sequential(*(cc.Conv1d(1, 1, layer.kernel_size, dilation=layer.dilation) for layer in chain.layers))
        assert cc.receptive_field(net, (1, 1, 64)).size == (31,)


def test_even_fields_need_an_even_kernel():
    answers = for_field(32, dilation=range(1, 9), alike=False)
    assert answers.layers is None
    assert str(answers).endswith("no number of layers does")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda: for_field(0), "size is a whole number from 1 on"),
        (lambda: for_field(9, depth=(2, 4), alike=False), "from one layer on"),
        (lambda: for_field(10**6, holes=False), "holes are looked for in smaller fields"),
        (lambda: fewest_layers(0, 1), "length is a whole number from 1 on"),
        (lambda: fewest_layers(4, 1, most=0), "most is a whole number from 1 on"),
    ],
)
def test_what_is_asked_wrongly(asked, message):
    with pytest.raises(cc.ArgumentError, match=message):
        asked()


def test_a_search_that_leads_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("cnncalc.solve.shortest.MOST_STATES", 50)
    with pytest.raises(cc.ArgumentError, match="the ranges lead to too many cases"):
        for_field(200, kernel_size=(2, 3), dilation=range(1, 40), alike=False, holes=False)
