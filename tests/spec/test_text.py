"""The grammar of written specs: what each form means, against the same network built in Python."""

from __future__ import annotations

import pytest

import cnncalc as cc
from cnncalc.spec import parse
from cnncalc.zoo import ARCHITECTURES


def shown(net, *shapes):
    """Every row of a report, as data."""
    return [row.to_dict() for row in cc.analyze(net, *shapes)]


def output(text, *shapes):
    """The shape that comes out of a spec."""
    return cc.analyze(parse(text), *shapes).output_shape


IMAGE = (1, 3, 16, 20)


def test_a_single_layer_is_that_layer():
    layer = parse("Conv2d(3, 16, 5, stride=2, padding=1)")
    assert type(layer) is cc.Conv2d
    assert layer.arguments == {"in_channels": 3, "out_channels": 16, "kernel_size": 5, "stride": 2, "padding": 1}


def test_a_chain_is_a_sequential_with_numbered_links():
    net = parse("Conv2d(3, 16, 5, stride=2, padding=1) -> ReLU() -> MaxPool2d(2)")
    built = cc.Sequential(cc.Conv2d(3, 16, 5, stride=2, padding=1), cc.ReLU(), cc.MaxPool2d(2))
    assert shown(net, IMAGE) == shown(built, IMAGE)
    assert [name for name, _ in net.named_children()] == ["0", "1", "2"]


def test_links_may_have_names_and_the_others_keep_their_numbers():
    net = parse("conv1 = Conv2d(3, 8, 3) -> ReLU() -> pool = MaxPool2d(2)")
    assert [name for name, _ in net.named_children()] == ["conv1", "1", "pool"]


def test_one_named_link_is_a_sequential_of_one():
    net = parse("conv1 = Conv2d(3, 8, 3)")
    assert type(net) is cc.Sequential
    assert net.parameters() == {"conv1.weight": (8, 3, 3, 3), "conv1.bias": (8,)}


@pytest.mark.parametrize("prefix", ["nn.", "torch.nn.", "cc.", "cnncalc."])
def test_the_usual_prefixes_are_read(prefix):
    assert repr(parse(f"{prefix}Conv2d(3, 8, 3) -> {prefix}ReLU()")) == repr(parse("Conv2d(3, 8, 3) -> ReLU()"))


def test_sequentials_nest():
    net = parse("Sequential(Conv2d(3, 8, 3), Sequential(ReLU(), Dropout(0.5))) -> MaxPool2d(2)")
    built = cc.Sequential(cc.Sequential(cc.Conv2d(3, 8, 3), cc.Sequential(cc.ReLU(), cc.Dropout(0.5))), cc.MaxPool2d(2))
    assert shown(net, IMAGE) == shown(built, IMAGE)


def test_children_of_a_sequential_may_have_names():
    net = parse("body = Sequential(conv=Conv2d(3, 8, 3), act=ReLU()) -> Flatten()")
    assert [path for path, _ in net.named_modules()] == ["", "body", "body.conv", "body.act", "1"]


def test_an_empty_sequential_passes_its_input_on():
    assert output("Sequential()", IMAGE) == IMAGE


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("(5, 3)", (5, 3)),
        ("[5, 3]", [5, 3]),
        ("(5,)", (5,)),
        ("(5)", 5),
        ("5", 5),
        ("1_000", 1000),
        ("+5", 5),
        ("-5", -5),
        ("0.5", 0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e-5", 1e-5),
        ("-1E+2", -100.0),
        ("0.30000000000000004", 0.1 + 0.2),
        ("True", True),
        ("False", False),
        ("None", None),
        ("'a b'", "a b"),
        ('"it\'s"', "it's"),
        ("((1, 2), [3, ()])", ((1, 2), [3, ()])),
        ("(1, 2,)", (1, 2)),
    ],
)
def test_literals_are_pythons(written, value):
    layer = parse(f"Identity({written}, unused={written})")
    assert layer.unnamed_arguments == (value,)
    assert layer.arguments == {"unused": value}
    assert type(layer.arguments["unused"]) is type(value)


def test_symbols_stand_in_quotes_or_are_made():
    net = parse('Conv2d("C", "F", "k", stride="s", padding=symbol("p"))')
    assert str(net.parameters()["weight"]) == str(cc.Conv2d("C", "F", "k").parameters()["weight"])
    assert net.arguments["padding"] == cc.symbol("p")


def test_statements_bring_branches_together():
    net = parse("""
        x = input
        a = Conv2d(3, 8, 3, padding=1)(x)
        b = Conv2d(3, 8, 1)(x) -> ReLU()
        cat([a, b], dim=1)
    """)

    class Built(cc.Module):
        def __init__(self):
            super().__init__()
            self.a = cc.Conv2d(3, 8, 3, padding=1)
            self.conv2d = cc.Conv2d(3, 8, 1)
            self.b = cc.ReLU()

        def forward(self, x):
            return cc.cat([self.a(x), self.b(self.conv2d(x))], dim=1)

    mine, built = shown(net, IMAGE)[1:], shown(Built(), IMAGE)[1:]
    keys = ("kind", "output_shape", "params", "macs", "receptive_field")
    assert [[row[key] for key in keys] for row in mine] == [[row[key] for key in keys] for row in built]
    assert [row["path"] for row in mine] == ["a", "conv2d", "b", "cat"]


def test_plus_adds_and_groups():
    net = "x = input\ny = (x + Conv2d(3, 3, 1)(x)) + x\ny + y -> ReLU()"
    assert output(net, IMAGE) == IMAGE
    report = cc.analyze(parse(net), IMAGE)
    assert [row.path for row in report if row.kind == "add"] == ["add", "y", "add_1"]


def test_a_statement_names_its_last_operation():
    report = cc.analyze(parse("x = input\nsum = x + x\nout = cat([sum, x], dim=1)\nout"), IMAGE)
    assert report["sum"].output_shape == IMAGE
    assert report["out"].output_shape == (1, 6, 16, 20)


def test_several_inputs_stand_in_one_line():
    shapes = (1, 3, 8, 8), (1, 5, 8, 8)
    assert output("a, b = inputs\ncat([a, b], dim=1)", *shapes) == (1, 8, 8, 8)
    assert output("a, b = inputs\nb", *shapes) == (1, 5, 8, 8)


def test_a_layer_made_once_may_be_applied_twice():
    net = parse("x = input\nshared = Conv2d(3, 3, 3, padding=1)\nshared(shared(x)) -> ReLU()")
    report = cc.analyze(net, IMAGE)
    once = cc.analyze(cc.Conv2d(3, 3, 3, padding=1), IMAGE)
    assert (report.params, report.macs) == (once.params, 2 * once.macs)
    assert report["shared"].calls == 2


def test_a_sequential_may_be_applied_in_a_statement():
    net = parse("x = input\nblock = Sequential(Conv2d(3, 3, 1), ReLU())\nblock(x) + x")
    assert net.parameters() == {"block.0.weight": (3, 3, 1, 1), "block.0.bias": (3,)}
    assert cc.analyze(net, IMAGE)["block.1"].output_shape == IMAGE


def test_an_index_picks_one_of_several_outputs():
    assert output("x = input\np = MaxPool2d(2, return_indices=True)(x)\np[0] + p[1]", IMAGE) == (1, 3, 8, 10)
    assert output("x = input\nMaxPool2d(2, return_indices=True)(x)[1]", IMAGE) == (1, 3, 8, 10)


@pytest.mark.parametrize("name", ["output", "steps", "input_names", "v1", "v2", "relu", "x1"])
def test_a_row_may_be_called_what_the_program_uses_inside(name):
    text = f"x = input\ny = ReLU()(x) -> ReLU()\n{name} = Conv2d(3, 4, 1)(y)\n{name}"
    assert output(text, IMAGE) == (1, 4, 16, 20)
    assert cc.analyze(parse(text), IMAGE)[name].params == 3 * 4 + 4


def test_an_input_may_be_called_v1():
    assert output("v1, v2 = inputs\ny = Conv2d(3, 7, 1)(v1)\ncat([v1, v2, y], dim=1)", IMAGE, IMAGE) == (1, 13, 16, 20)


def test_comments_blank_lines_and_semicolons_are_no_content():
    text = "# a network\n\nx = input   # its input\n\n\ny = ReLU()(x); y + y  # the output\n\n"
    assert output(text, IMAGE) == IMAGE


@pytest.mark.parametrize(
    "text",
    [
        "Conv2d(3, 8, 3)\n  -> ReLU()\n  -> MaxPool2d(2)\n",
        "Conv2d(3, 8, 3) ->\n\nReLU() ->  # more\nMaxPool2d(2)",
        "Conv2d(\n  3,\n  8,\n  3,\n) -> ReLU() -> MaxPool2d(2)",
        "Conv2d(3, 8, 3) \\\n-> ReLU() -> MaxPool2d(2)",
        "Conv2d(3, 8, 3) → ReLU()→MaxPool2d(2)",
        "Conv2d(3,8,3)->ReLU()->MaxPool2d(2)",
        "\n\n  Conv2d(3, 8, 3) -> ReLU() -> MaxPool2d(2);\r\n",
    ],
)
def test_lines_may_be_broken_around_arrows_and_inside_parentheses(text):
    assert repr(parse(text)) == repr(cc.Sequential(cc.Conv2d(3, 8, 3), cc.ReLU(), cc.MaxPool2d(2)))


def test_architectures_are_called_like_layers():
    net = parse("resnet18(num_classes=7) -> ReLU()", ARCHITECTURES)
    assert cc.analyze(net, (1, 3, 64, 64)).output_shape == (1, 7)


def test_calls_take_torchs_named_arguments():
    assert output("x = input\ncat(tensors=[x, x], dim=-1)", IMAGE) == (1, 3, 16, 40)
    assert output("x = input\nReLU()(input=x)", IMAGE) == IMAGE
