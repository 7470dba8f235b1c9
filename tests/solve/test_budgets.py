"""The widest and the deepest, against torch's own counts for every integer of a range."""

from __future__ import annotations

import pytest

import cnncalc as cc
from cnncalc import zoo
from cnncalc.solve import depth_for_field, input_sizes, widest
from cnncalc.spec import parse


def classifier(width):
    """A small network of a width, a number or a symbol."""
    return cc.Sequential(
        cc.Conv2d(3, width, 3, padding=1), cc.Conv2d(width, width, 3), cc.AdaptiveAvgPool2d(1), cc.Flatten(), cc.Linear(width, 10)
    )


def counted(net):
    """What torch counts."""
    return sum(p.numel() for p in cc.to_torch(net).parameters())


@pytest.mark.parametrize("budget", [0, 57, 58, 59, 1000, 1234])
def test_a_width_by_formula_and_by_trying(budget):
    by_torch = [w for w in range(1, 16) if counted(classifier(w)) <= budget]
    for found in (
        widest(classifier("w"), (1, 3, 8, 8), budget=budget),
        widest(classifier, (1, 3, 8, 8), budget=budget, over=range(1, 30)),
    ):
        assert list(found.allowed) == by_torch
        assert found.size == (by_torch[-1] if by_torch else None)
        assert found.figure == (counted(classifier(found.size)) if by_torch else None)


def test_a_family_that_is_not_monotone():
    """Groups that divide the width save parameters: some wider networks are smaller."""

    def family(width):
        return cc.Conv2d(width, width, 3, groups=4 if width % 4 == 0 else 1)

    found = widest(family, (1, 12, 8, 8), budget=400, over=range(12, 13))
    assert found.size == 12

    def grouped(width):
        return cc.Sequential(cc.Conv2d(3, width, 1), family(width))

    by_torch = [w for w in range(1, 33) if counted(grouped(w)) <= 400]
    found = widest(grouped, (1, 3, 8, 8), budget=400, over=range(1, 33))
    assert list(found.allowed) == by_torch
    assert found.allowed.progressions == ()
    assert by_torch != list(range(1, len(by_torch) + 1))
    assert found.proof == "every n in 1 … 32 was tried"


def test_what_gives_no_network_is_not_allowed():
    found = widest(lambda w: cc.Conv2d(6, 12, 3, groups=w), (1, 6, 8, 8), budget=10**6, over=range(1, 9))
    assert list(found.allowed) == [1, 2, 3, 6]
    assert "4 gave no network" in found.proof


def test_macs_of_a_batch_and_a_figure_of_the_users_own():
    found = widest(cc.Conv2d(3, 8, 3), ("N", 3, 10, 10), budget=100_000, of="macs")
    assert found.size == 100_000 // (8 * 3 * 9 * 64)
    found = widest(classifier, (1, 3, 8, 8), budget=5000, of=lambda report: 4 * report.params, over=range(1, 33))
    assert found.size == max(w for w in range(1, 33) if 4 * counted(classifier(w)) <= 5000)


def test_memory_whose_moment_depends_on_the_width():
    """Which moment takes most depends on the width, so that there is no formula: each width is traced, as a family of numbers."""
    net = cc.Sequential(cc.Conv2d(3, "w", 3), cc.Conv2d("w", "w", 3))
    found = widest(net, (1, 3, 64, 64), budget=3_000_000, of="memory")

    def bytes_of(w):
        """By hand: weights and biases, and of two moments the one that holds more."""
        weights = 28 * w + 9 * w * w + w
        return 4 * (weights + max(3 * 64 * 64 + w * 62 * 62, w * 62 * 62 + w * 60 * 60))

    assert list(found.allowed) == [w for w in range(1, 257) if bytes_of(w) <= 3_000_000]
    assert found.figure == bytes_of(found.size)
    assert found.proof == "every w in 1 … 256 was tried"
    with pytest.raises(cc.UnsupportedError, match=r"no formula, and the largest integer tried .* w = 256; give over=range"):
        widest(net, (1, 3, 64, 64), budget=10**9, of="memory")
    assert widest(net, (1, 3, 64, 64), budget=3_000_000, of="memory", over=range(1, 9)).size == 8


def test_memory_of_a_batch():
    """By hand: weights and bias, the input and the output, four bytes each; a wider one of each is over the budget."""
    found = widest(cc.Conv2d(3, 8, 3), ("N", 3, 10, 10), budget=50_000, of="memory")
    weights, sample = 8 * 28, 3 * 100 + 8 * 64
    assert found.figure == 4 * (weights + found.size * sample)
    assert found.figure <= 50_000 < found.figure + 4 * sample
    trained = widest(cc.Conv2d(3, 8, 3), ("N", 3, 10, 10), budget=50_000, of="training", over=range(1, 100))
    assert trained.size < found.size or trained.figure > found.figure - 4 * 3 * weights


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda: widest(classifier("w"), (1, 3, 8, 8), budget=-1), "a budget is a whole number"),
        (lambda: widest(classifier("w"), (1, 3, 8, 8), budget=9, of="flops"), "of is params, trainable, macs"),
        (lambda: widest(classifier(4), (1, 3, 8, 8), budget=9), "exactly one free symbol"),
        (lambda: widest(cc.Conv2d("a", "b", 3), (1, "a", 8, 8), budget=9), "exactly one free symbol"),
        (lambda: widest(classifier, (1, 4, 8, 8), budget=9), "no integer of the range"),
        (lambda: widest(classifier, (1, 3, 8, 8), budget=9, over=range(1, 20000)), "the range is too long"),
        (lambda: depth_for_field(lambda _: cc.Conv1d(1, 1, 3), (1, 1, 9), size=0), "a field's size is a whole number"),
    ],
)
def test_what_is_asked_wrongly(asked, message):
    with pytest.raises(cc.ArgumentError, match=message):
        asked()


def test_a_depth_for_a_field():
    def chain(depth):
        return cc.Sequential(*(cc.Conv2d(1, 1, 3, padding=1) for _ in range(depth)))

    assert depth_for_field(chain, (1, 1, 32, 32), size=15) == 7
    assert depth_for_field(chain, (1, 1, 32, 32), size=16) == 8
    assert depth_for_field(chain, (1, 1, 32, 32), size=16, over=range(1, 8)) is None


# -- input sizes for an output size -----------------------------------------------------------------------------


def accepted_with(net, n, wanted):
    try:
        return cc.trace(net, (1, 3, n, n)).output_shape[2:] == wanted
    except cc.CnncalcError:
        return False


@pytest.mark.parametrize(
    "text", ["Conv2d(3, 8, 5, stride=2) -> MaxPool2d(3)", "MaxPool2d(2) -> ConvTranspose2d(3, 8, 2, stride=2)"]
)
@pytest.mark.parametrize("wanted", [(1, 1), (4, 4), (5, 5)])
def test_inputs_of_an_output(text, wanted):
    net = parse(text)
    found = input_sizes(net, (1, 3, "n", "n"), output=wanted)["n"]
    assert list(found) == [n for n in range(1, 60) if accepted_with(net, n, wanted)]


def test_one_cell_before_the_classifier():
    import torch

    found = input_sizes(zoo.resnet18(), (1, 3, "n", "n"), output=(1, 1), before="avgpool")["n"]
    twin = cc.to_torch(zoo.resnet18()).to("meta")
    seen = []
    dict(twin.named_modules())["avgpool"].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].shape[2:]))
    for n in (1, 32, 33):
        twin(torch.zeros(1, 3, n, n, device="meta"))
        assert (seen[-1] == (1, 1)) == (n in found), n
    assert list(found) == list(range(1, 33))
    same = input_sizes(zoo.resnet18(), (1, 3, "n", "n"), output=(None, 1), of="layer4")["n"]
    assert same == found


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"output": ()}, "output is a tuple of lengths"),
        ({"output": (0, 1)}, "output is a tuple of lengths"),
        ({"output": (1,), "of": "0", "before": "1"}, "of and before do not go together"),
        ({"output": (1,), "of": "nowhere"}, "no row"),
        ({"output": (1,), "before": "nowhere"}, "no row"),
        ({"output": (1, 1, 1, 1, 1)}, "not so many axes"),
    ],
)
def test_inputs_asked_wrongly(asked, message):
    with pytest.raises(cc.ArgumentError, match=message):
        input_sizes(parse("Conv2d(3, 8, 5) -> ReLU()"), (1, 3, "n", "n"), **asked)
