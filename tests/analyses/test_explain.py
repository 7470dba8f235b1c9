"""The working: each equation is true when a reader works it out, and says what the other analyses say."""

from __future__ import annotations

import pytest
from drawing import networks
from equations import worked_out
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.spec import parse


def equal_sides(line):
    """Each side of an equation's numbers, worked out."""
    return [worked_out(side) for side in line.numbers.split(" = ")]


@given(networks.networks())
def test_numbers_put_in_give_the_value(drawn):
    for line in cc.explain(drawn.module, drawn.shape):
        if line.quantity in {"size", "parameters", "MACs"} and line.numbers:
            assert set(equal_sides(line)) == {line.value}, line


@given(networks.networks())
def test_each_layer_whose_lengths_change_has_lines_that_end_in_its_shape(drawn):
    explanation = cc.explain(drawn.module, drawn.shape)
    for node in cc.trace(drawn.module, drawn.shape).nodes:
        if node.operation is None or not node.path:
            continue
        values = {line.value for line in explanation.of("size", node.path)}
        before = {n for value in node.values for n in value.shape}
        changed = set(node.output[2:]) - before
        assert changed <= values | {node.output[1]}, node


@given(networks.networks())
def test_parameters_and_macs_add_up_to_the_report(drawn):
    explanation, report = cc.explain(drawn.module, drawn.shape), cc.analyze(drawn.module, drawn.shape)
    assert sum(line.value for line in explanation.of("parameters")) == report.params
    assert sum(line.value for line in explanation.of("MACs")) == report.macs


@st.composite
def chains(draw):
    """Windows on one axis, each small enough for its input."""
    n, layers = draw(st.integers(30, 60)), []
    for _ in range(draw(st.integers(1, 4))):
        k, s, d = draw(st.integers(1, 5)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
        p = draw(st.integers(0, k // 2))
        if (n + 2 * p - d * (k - 1) - 1) // s + 1 < 1:
            break
        layers.append((k, s, p, d))
        n = (n + 2 * p - d * (k - 1) - 1) // s + 1
    return layers


@given(chains(), st.integers(30, 60), st.sampled_from(("Conv1d", "MaxPool1d")))
def test_the_rule_in_letters_is_the_textbooks(layers, length, kind):
    """Letters put in by the test, not by the library; the recurrence r ← r + (k − 1)·j, j ← j·s run here."""
    made = [
        cc.Conv1d(1, 1, k, s, p, d) if kind == "Conv1d" else cc.MaxPool1d(k, s, p, d)
        for k, s, p, d in layers
        if kind == "Conv1d" or 2 * p <= d * (k - 1) + 1
    ]
    try:
        explanation = cc.explain(cc.Sequential(*made), (1, 1, length))
    except cc.ShapeError:
        return
    n, r, j = length, 1, 1
    for index, layer in enumerate(made):
        (k,), (s,), (p,), (d,) = (
            value if isinstance(value, tuple) else (value,)
            for value in (layer.kernel_size, layer.stride, layer.padding, layer.dilation)
        )
        out = (n + 2 * p - d * (k - 1) - 1) // s + 1
        r, j = r + d * (k - 1) * j, j * s
        (size,) = explanation.of("size", str(index))
        assert worked_out(size.rule, n=n, k=k, s=s, p=p, d=d) == size.value == out
        (field,) = explanation.of("receptive field", str(index))
        assert field.value == f"r {r}, j {j}"
        steps = [worked_out(part) for part in field.numbers.split(", ")]
        assert steps == [r, j]
        assert field.rule == ("r + (k − 1)·j, j·s" if d == 1 else "r + d·(k − 1)·j, j·s")
        n = out
    report = cc.receptive_field(cc.Sequential(*made), (1, 1, length))
    assert (report.size, report.stride) == ((r,), (j,))


# The texts of books and of the homework, word for word.
EQUATIONS = [
    ("Conv2d(3, 16, 5, stride=2, padding=1)", "size", "⌊(n + 2p − k)/s⌋ + 1 = ⌊(128 + 2·1 − 5)/2⌋ + 1 = ⌊62.5⌋ + 1 = 63"),
    ("Conv2d(3, 16, 5, padding=2)", "size", "n + 2p − k + 1 = 128 + 2·2 − 5 + 1 = 128"),
    ("Conv2d(3, 16, 5)", "size", "n − k + 1 = 128 − 5 + 1 = 124"),
    ("Conv2d(3, 16, 3, dilation=2)", "size", "n − d·(k − 1) = 128 − 2·(3 − 1) = 124"),
    ("Conv2d(3, 16, 3, dilation=2, stride=3, padding=2)", "size",
     "⌊(n + 2p − d·(k − 1) − 1)/s⌋ + 1 = ⌊(128 + 2·2 − 2·(3 − 1) − 1)/3⌋ + 1 = ⌊127/3⌋ + 1 = 43"),
    ("Conv2d(3, 16, 4, padding='same')", "size", "n + p + q − k + 1 = 128 + 1 + 2 − 4 + 1 = 128"),
    ("MaxPool2d(2)", "size", "⌊(n − k)/s⌋ + 1 = ⌊(128 − 2)/2⌋ + 1 = ⌊63⌋ + 1 = 64"),
    ("MaxPool2d(3, 2, 1, ceil_mode=True)", "size",
     "⌈(n + min(p, 2p + s − K))/s⌉, K = d·(k − 1) + 1 = ⌈(128 + min(1, 4 − 3))/2⌉ = 65"),
    ("AdaptiveAvgPool2d(7)", "size", "m = 7"),
    ("Flatten()", "size", "3·128·128 = 49152"),
    ("Conv2d(3, 16, 5)", "parameters", "F·C·k·k + F = 16·3·5·5 + 16 = 1200 + 16 = 1216"),
    ("Conv2d(3, 16, 5, bias=False)", "parameters", "F·C·k·k = 16·3·5·5 = 1200"),
    ("Conv2d(3, 16, (5, 3))", "parameters", "F·C·k1·k2 + F = 16·3·5·3 + 16 = 720 + 16 = 736"),
    ("Conv2d(3, 6, 3, groups=3)", "parameters", "F·(C/g)·k·k + F = 6·1·3·3 + 6 = 54 + 6 = 60"),
    ("Flatten() -> LazyLinear(10)", "parameters", "O·I + O = 10·49152 + 10 = 491520 + 10 = 491530"),
    ("BatchNorm2d(3)", "parameters", "C + C = 3 + 3 = 6"),
    ("Conv2d(3, 16, 5)", "MACs", "outputs · products for each = (1·16·124·124) · (3·5·5) = 18451200"),
    ("Conv2d(3, 16, 5)", "receptive field", "r + (k − 1)·j, j·s = 1 + 4·1, 1·1 = r 5, j 1"),
    ("AdaptiveAvgPool2d(1)", "receptive field", "every cell that a window covers = 128"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "quantity", "equation"), EQUATIONS)
def test_equations_word_for_word(text, quantity, equation):
    assert [line.text for line in cc.explain(parse(text), (1, 3, 128, 128)).of(quantity)] == [equation]


def test_axes_that_differ_have_a_line_each():
    lines = cc.explain(cc.Conv2d(3, 8, (3, 5)), (1, 3, 20, 20)).of("size")
    assert [line.text for line in lines] == ["n − k + 1 = 20 − 3 + 1 = 18", "n − k + 1 = 20 − 5 + 1 = 16"]


def test_axes_that_are_alike_share_a_line():
    assert len(cc.explain(cc.Conv3d(3, 8, 3), (1, 3, 9, 9, 9)).of("size")) == 1


def test_joins_add_lengths_and_unite_fields():
    net = parse("x = input\na = Conv2d(3, 4, 3, padding=1)(x)\nb = Conv2d(3, 5, 5, padding=2)(x)\nc = cat([a, b], dim=1)\nc")
    explanation = cc.explain(net, (1, 3, 8, 8))
    assert [line.text for line in explanation.of("size", "c")] == ["4 + 5 = 9"]
    assert [line.text for line in explanation.of("receptive field", "c")] == ["union of the branches = 3×3 ∪ 5×5 = 5×5"]


def test_a_shared_layer_has_its_parameters_explained_once():
    net = parse("x = input\ns = Conv2d(3, 3, 1)\ns(s(x))")
    assert len(cc.explain(net, (1, 3, 8, 8)).of("parameters")) == 1


@given(st.integers(3, 60), st.integers(1, 4))
def test_symbols_stay_symbols_and_are_right_for_every_number(n, stride):
    net = cc.Conv2d(3, 8, "k", stride=stride, padding=1)
    (line,) = {line.text: line for line in cc.explain(net, ("N", 3, "H", "H")).of("size")}.values()
    assert "H" in line.numbers
    assert "k" in line.numbers
    for side in line.numbers.split(" = "):
        assert worked_out(side, H=n, k=3) == (n - 1) // stride + 1


def test_a_field_whose_extent_depends_on_symbols_says_so():
    text = str(cc.explain(cc.parse("Conv2d(3, 4, 3) -> AdaptiveAvgPool2d(1) -> Flatten() -> Linear(4, 2)"), (1, 3, "H", "W")))
    assert "every cell that a window covers = the whole input; its extent depends on the symbols" in text
    assert "None" not in text


def test_as_plain_data():
    data = cc.explain(cc.Conv2d(3, 8, "k"), (1, 3, "H", "W")).to_dict()
    assert data["format"] == "cnncalc.explain/1"
    for line in data["lines"]:
        assert set(line) == {"path", "kind", "quantity", "rule", "numbers", "value"}
        assert isinstance(line["value"], (int, str))


def test_as_text_each_layer_has_a_heading():
    lines = str(cc.explain(parse("conv1 = Conv2d(3, 8, 3) -> relu = ReLU() -> pool1 = MaxPool2d(2)"), (1, 3, 8, 8))).splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["conv1 Conv2d", "pool1 MaxPool2d"]
