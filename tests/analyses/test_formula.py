"""Formulas of networks against the numbers of torch, and against our own numeric analysis, at many points."""

from __future__ import annotations

import random

import pytest
from drawing import networks
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.spec import parse
from cnncalc.zoo import ARCHITECTURES


def symbolic(shape):
    """A shape with a symbol for each axis after the channels, and its values."""
    values = {f"n{axis}": n for axis, n in enumerate(shape[2:])} | {"N": shape[0]}
    return ("N", shape[1], *(f"n{axis}" for axis in range(len(shape) - 2))), values


@given(networks.networks(head=False), st.integers(0, 40))
def test_putting_numbers_in_gives_the_numbers(drawn, more):
    shape = (drawn.shape[0], drawn.shape[1], *(n + more for n in drawn.shape[2:]))
    lettered, values = symbolic(shape)
    try:
        report = cc.analyze(drawn.module, lettered)
    except (cc.UndecidedError, cc.UnsupportedError):
        return  # reflected padding and the like ask for more than a symbol can tell
    if not all(requirement.condition.holds(values) for requirement in report.conditions):
        with pytest.raises(cc.CnncalcError):
            report.at(**values)
        return
    numbers = cc.analyze(drawn.module, shape)
    assert cc.to_function(report.output_shape)(**kept(report.output_shape, values)) == numbers.output_shape
    for quantity in ("params", "macs"):
        formula = getattr(report, quantity)
        assert cc.to_function(formula)(**kept((formula,), values)) == getattr(numbers, quantity)
    put = report.at(**values)
    assert (put.output_shape, put.params, put.macs) == (numbers.output_shape, numbers.params, numbers.macs)
    assert put.to_dict() == numbers.to_dict()


@pytest.mark.parametrize(
    "spec",
    [
        'Conv2d(1, 1, 1) -> Conv2d(1, "a", 1) -> Conv2d("a", 1, 1) -> Flatten() -> Linear(9, 2)',
        'x = input\na = Conv2d(1, "a", 1)(x)\nb = Conv2d(1, "b", 1)(x)\ncat([x, a, b], 1) -> Conv2d("a + b + 1", 2, 3)',
    ],
)
def test_symbols_for_channels_alone_take_nothing_from_the_field(spec):
    """The lengths at both ends are numbers, and channels on the way are not: the report still says what it knows."""
    net = parse(spec)
    report = cc.analyze(net, (1, 1, 3, 3))
    at = report.at(a=1, b=2) if "b" in spec else report.at(a=1)
    assert report.output_shape == at.output_shape
    if "cat" in spec:
        assert report.receptive_field.size == at.receptive_field.size
    else:
        assert "depends on the symbols" in str(report.receptive_field)


def kept(sizes, values):
    """The values of the symbols that occur."""
    return {name: n for name, n in values.items() if name in cc.to_function(tuple(sizes)).names}


def test_a_convolution_in_all_its_arguments_against_torch_at_200_points():
    import torch

    net = cc.Conv2d("C", "F", "k", stride="s", padding=cc.symbol("p", 0), dilation="d", groups="g")
    report = cc.analyze(net, ("N", "C", "H", "W"))
    shape, params, macs = map(cc.to_function, (report.output_shape, report.params, report.macs))
    draw, tried = random.Random(5), 0  # noqa: S311 - points to try
    while tried < 200:
        g = draw.randint(1, 4)
        v = {"C": g * draw.randint(1, 4), "F": g * draw.randint(1, 4), "g": g, "N": draw.randint(1, 3)}
        v |= {"k": draw.randint(1, 5), "s": draw.randint(1, 4), "p": draw.randint(0, 3), "d": draw.randint(1, 3)}
        v |= {"H": draw.randint(1, 40), "W": draw.randint(1, 40)}
        module = torch.nn.Conv2d(v["C"], v["F"], v["k"], v["s"], v["p"], v["d"], g, device="meta")
        try:
            out = module(torch.empty(v["N"], v["C"], v["H"], v["W"], device="meta"))
        except RuntimeError:
            with pytest.raises(cc.CnncalcError):
                report.at(**v)
            continue
        tried += 1
        assert shape(**{name: v[name] for name in shape.names}) == tuple(out.shape)
        assert params(**{name: v[name] for name in params.names}) == sum(p.numel() for p in module.parameters())
        assert macs(**{name: v[name] for name in macs.names}) == out.numel() * module.weight[0].numel()


SPECS = {
    'ConvTranspose2d("C", "F", "k", stride="s", padding=symbol("p"), dilation="d")': ("N", "C", "H", "W"),
    'ConvTranspose1d(4, "F", 3, stride=3, output_padding="o")': (1, 4, "L"),
    'MaxPool2d("k", stride="s") -> Conv2d("C", "F", 1)': ("N", "C", "H", "W"),
    'AvgPool2d("k") -> BatchNorm2d("C") -> ReLU()': ("N", "C", "H", "W"),
    'Linear("I", "O") -> LayerNorm("O")': ("N", "I"),
    'Conv2d("C", "F", "k", bias=False) -> BatchNorm2d("F") -> AdaptiveAvgPool2d("m") -> Flatten() -> LazyLinear("K")': (
        "N", "C", "H", "W",
    ),
    'Conv3d("C", "F", "k", padding=symbol("p")) -> MaxPool3d(2)': ("N", "C", "D", "H", "W"),
    'Unfold("k", stride="s")': ("N", "C", "H", "W"),
    'PixelShuffle("r")': (1, 36, "H", "W"),
    'ZeroPad2d("p") -> Conv2d(3, "F", 3)': (1, 3, "H", "W"),
    'GroupNorm("g", "C") -> Conv2d("C", "F", 1)': ("N", "C", "H", "W"),
    'Embedding("V", "E")': ("N", "L"),
    'LSTM("I", "R")': ("N", "L", "I"),
}  # fmt: skip


@pytest.mark.parametrize("text", SPECS)
@given(seed=st.integers(0, 1 << 30))
def test_layers_take_symbols_everywhere(text, seed):
    """Numbers put into the formulas are what the same layers give with numbers, which other tests hold against torch."""
    net, shape = parse(text), SPECS[text]
    report = cc.analyze(net, shape)
    draw = random.Random(seed)  # noqa: S311 - points to try
    names = sorted(names_in(text, shape))
    values = {name: draw.randint(1, 24 if name in "HWLDCFIN" else 4) for name in names}
    try:
        numbers = cc.analyze(cc.put_in(net, **{n: v for n, v in values.items() if n in names_in(text, ())}), put(shape, values))
    except cc.CnncalcError:
        with pytest.raises(cc.CnncalcError):
            report.at(**values)
        return
    assert report.at(**values).to_dict() == numbers.to_dict()
    for quantity in ("params", "macs"):
        function = cc.to_function(getattr(report, quantity))
        assert function(**{name: values[name] for name in function.names}) == getattr(numbers, quantity)
    assert str(numbers.output_shape) == str(tuple_of(report.output_shape, values))


def tuple_of(shape, values):
    """Nested shapes with numbers put in."""
    return tuple(tuple_of(n, values) if isinstance(n, tuple) else n if isinstance(n, int) else n.subs(values) for n in shape)


def names_in(text, shape):
    """The symbols that a spec and a shape name."""
    import re

    return {*re.findall(r'"(\w)"', text), *(n for n in shape if isinstance(n, str))}


def put(shape, values):
    """A shape with numbers put in."""
    return tuple(values[n] if isinstance(n, str) else n for n in shape)


def test_put_in_keeps_what_is_shared_and_what_is_frozen():
    shared = cc.Conv2d("C", "C", 3, padding=1)
    net = cc.Sequential(shared, cc.ReLU(), shared)
    net.requires_grad_(requires_grad=False)
    made = cc.put_in(net, C=4)
    report = cc.analyze(made, (1, 4, 8, 8))
    assert report.params == 4 * 4 * 9 + 4
    assert report.trainable == 0
    assert report.macs == 2 * 64 * 4 * 36
    assert cc.analyze(net, (1, "C", 8, 8)).params == cc.symbol("C") ** 2 * 9 + cc.symbol("C")
    assert cc.verify(made, (1, 4, 8, 8)).agrees


def test_put_in_makes_a_module_of_ones_own_anew():
    class Block(cc.Module):
        def __init__(self, width):
            super().__init__()
            self.width = cc.symbol("w") if width is None else width
            self.conv = cc.Conv2d(3, self.width, 3)
            self.parts = cc.ModuleList([cc.Conv2d(self.width, self.width * 2, 1)])

        def forward(self, x):
            return self.parts[0](self.conv(x)).reshape(-1, 2 * self.width)

    made, plain = cc.put_in(Block(None), w=5), Block(5)
    assert cc.analyze(made, (1, 3, 9, 9)).to_dict() == cc.analyze(plain, (1, 3, 9, 9)).to_dict()
    assert cc.verify(made, (1, 3, 9, 9)).agrees


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"Q": 3}, "there is no symbol of that name; got Q; there are C, H, N, W, k"),
        ({"H": 0}, "H stands for whole numbers from 1 on; got H=0"),
        ({"H": "x"}, "a symbol takes a whole number from 0 on, or a size"),
        ({"H": 2.0}, "a symbol takes a whole number"),
        ({"H": 2, "k": 3}, "0 .Conv2d.: the kernel must not be larger than the padded input"),
    ],
)
def test_at_refuses(values, message):
    report = cc.analyze(cc.Sequential(cc.Conv2d("C", 8, "k")), ("N", "C", "H", "W"))
    with pytest.raises(cc.CnncalcError, match=message):
        report.at(**values)


def test_a_chain_in_one_formula():
    found = cc.formula(ARCHITECTURES["resnet50"](), ("N", 3, "H", "W"))
    assert str(found["params"]) == "25557032"
    assert "⌈H/32⌉·⌈W/32⌉" in str(found["macs"])
    assert found.missing["rf"].startswith("the field is the whole input")


def test_the_formulas_of_a_convolution():
    found = cc.formula(cc.Conv2d("C", "F", "k", stride="s", padding=cc.symbol("p", 0)), ("N", "C", "H", "W"))
    assert [repr(formula) for formula in found if formula.of != "memory"] == [
        "shape_0 = N",
        "shape_1 = F",
        "shape_2 = ⌊(H − k + 2·p)/s⌋ + 1",
        "shape_3 = ⌊(W − k + 2·p)/s⌋ + 1",
        "params = F·(C·k² + 1)",
        "macs = C·F·N·k²·(⌊(H − k + 2·p)/s⌋ + 1)·(⌊(W − k + 2·p)/s⌋ + 1)",
        "rf_0 = k",
        "rf_1 = k",
    ]
    with pytest.raises(cc.ArgumentError, match="of must be one of"):
        cc.formula(cc.ReLU(), (1, 3), of="flops")
    with pytest.raises(cc.UnsupportedError, match="whole input"):
        cc.formula(cc.Sequential(cc.AdaptiveAvgPool2d(1)), (1, 3, "H", "H"), of="rf")


def test_memory_has_formulas():
    found = cc.formula(cc.Conv2d(3, "F", 3), ("N", 3, "H", "W"), of="memory")
    assert str(found["memory_parameters"]) == "112·F"
    assert str(found["memory_outputs"]) == "4·F·N·(H − 2)·(W − 2)"
