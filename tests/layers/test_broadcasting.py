"""Functions of several tensors, cell by cell: every pair of small shapes, numbers in every place, symbols, and cells."""

from __future__ import annotations

from itertools import product

import pytest
from drawing.calls import FunctionCase
from every_point import put
from function_side import expected_of, ours, reading, torchs

import cnncalc as cc
from cnncalc.layers import FUNCTIONS, named
from cnncalc.layers.broadcasting import broadcast, broadcast_axes, keep_shape
from cnncalc.sizes import recording

torch = pytest.importorskip("torch")

SMALL = [shape for rank in range(3) for shape in product((0, 1, 2, 3), repeat=rank)]
TWO = [name for name in FUNCTIONS["arithmetic"] if name != "where"]
NUMBERS = (1, 0.5, True, 1j)


def check(name, *inputs, **call):
    """Hold a call against torch."""
    case = FunctionCase(name, inputs, call)
    assert ours(case) == expected_of(case), case


@pytest.mark.parametrize("name", ["add", "add_", "maximum", "mul_", "pow"])
def test_every_pair_of_small_shapes_is_torchs(name):
    for pair in product(SMALL, repeat=2):
        check(name, *pair)


@pytest.mark.parametrize("name", TWO)
def test_numbers_in_every_place_are_torchs(name):
    for number in (*NUMBERS[:3], None, "1"):
        for inputs in (((2, 3), number), (number, (2, 3)), ((), number), (number, ())):
            check(name, *inputs)
    for inputs in (((1, 3), (2, 1)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 3), ())):
        check(name, *inputs)


def test_three_operands_are_torchs():
    few = ((), (1,), (3,), (2, 1), (2, 3), (1, 3), (2,))
    for shapes in product(few, repeat=3):
        check("where", *shapes)
        for name in ("clamp", "clamp_", "clip", "clip_"):
            check(name, *shapes)
    for name in ("clamp", "clamp_"):
        for bounds in product((None, 1, 0.5, (), (3,), (2, 3)), repeat=2):
            check(name, (2, 3), *bounds)
    for name in ("clamp_min", "clamp_max", "clamp_min_", "clamp_max_"):
        for shape, bound in product(few, (1, *few)):
            check(name, shape, bound)


@pytest.mark.parametrize("alpha", [0, 2, 0.5, -1, True, False, 1j, None, "a", (1,)])
def test_every_factor_of_a_sum_is_torchs(alpha):
    for name in ("add", "sub", "rsub", "add_", "sub_", "subtract"):
        check(name, (2, 3), (3,), alpha=alpha)


def test_every_way_to_round_is_torchs():
    for mode in (None, "trunc", "floor", "ceil", "", 1):
        for name in ("div", "div_", "divide"):
            check(name, (2, 3), (3,), rounding_mode=mode)
    for decimals in (0, 1, -1, True, None, 0.5, "1"):
        for name in ("round", "round_"):
            check(name, (2, 3), decimals=decimals)
    assert cc.round.output_shape((2,), decimals=cc.symbol("d")) == (2,)


@pytest.mark.parametrize("argument", ["nan", "posinf", "neginf"])
def test_every_replacement_is_torchs(argument):
    for name, value in product(("nan_to_num", "nan_to_num_"), (None, 0, 1.5, "1", (1,))):
        check(name, (2, 3), **{argument: value})


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        *(
            ("add", pair)
            for pair in (((2, 3), (2, 3)), ((2, 3), (3,)), ((1, 3), (2, 1)), ((2, 1), (1, 1)), ((), (2, 2)), ((2, 2), 1.0))
        ),
        *(("add", pair) for pair in (((2, 1, 2), (3, 1)), ((1, 2, 3), (2, 1, 1)), ((2, 2), (3, 1, 2)))),
        *(
            ("where", shapes)
            for shapes in (((2, 3), (3,), ()), ((1, 3), (2, 1), (2, 3)), ((2, 1), 1.0, (1, 3)), ((3,), (2, 3), 1.0))
        ),
        *(("clamp", shapes) for shapes in (((2, 3), (3,), (1, 1)), ((1, 3), (2, 1), None), ((2, 3), None, 1.0))),
        ("clamp_min", ((2, 1), (1, 3))),
        ("clamp_max", ((2, 1), (3,))),
        ("pow", ((2, 1), (3,))),
        ("div", ((2, 1), (3,))),
        ("sub", (1.0, (2, 1))),
        ("round", ((2, 3),)),
        ("nan_to_num", ((2, 3),)),
        ("exp", ((2, 3),)),
    ],
)
def test_every_cell_reads_what_has_a_gradient(name, inputs):
    case = FunctionCase(name, inputs, {})
    if name != "where":
        reading(case).check_all()
    else:
        # The condition is no number that a gradient could be of: its cells are those of a third operand.
        maps = cc.where.axes(*inputs)
        output = torchs(case)
        tensors = [part for part in inputs if isinstance(part, tuple)]
        assert len(maps) == len(tensors)
        for cell in product(*map(range, output)):
            for shape, part in zip(tensors, maps, strict=True):
                read = tuple(0 if n == 1 else cell[len(output) - len(shape) + axis] for axis, n in enumerate(shape))
                assert list(part.reads(tuple(1 << i for i in cell), shape)) == [tuple(1 << i for i in read)]


def test_symbols_ask_for_what_torch_asks():
    """Symbols stand for lengths of more than 1."""
    a, b, c, d = map(cc.symbol, "abcd")
    values = [dict(zip("abcd", chosen, strict=True)) for chosen in product((2, 3), repeat=4)]
    for left, right in (
        ((a, b), (c, d)),
        ((a, b), (d,)),
        ((b,), (a, d)),
        ((a, 1), (c, d)),
        ((1, b), (c, d)),
        ((a, 3), (c, d)),
        ((a, b), (1, 2)),
    ):
        for name in ("add", "add_"):
            if name == "add_" and (len(left) < len(right) or 1 in [n for n in left if type(n) is int]):
                continue
            with recording() as recorder:
                output = named(name).output_shape(left, right)
            for point in values:
                taken = torchs(FunctionCase(name, (put(left, point), put(right, point)), {}))
                held = all(requirement.condition.holds(point) for requirement in recorder.requirements)
                assert held == (taken is not None), (left, right, point)
                assert not held or put(output, point) == taken
    for name in ("add_", "clamp_"):
        with recording() as recorder:
            named(name).output_shape((1, b), (a, b))
        assert [str(requirement.condition) for requirement in recorder.requirements] == ["a = 1"]
        with pytest.raises(cc.ShapeError, match="a tensor changed in place keeps its shape"):
            named(name).output_shape((b,), (a, b))


def test_an_axis_is_kept_unless_it_is_stretched():
    """Also one of length 1 that stays so, and a symbol that is another one's length."""
    for shape, output in product(SMALL[5:], (*SMALL[5:], *product((1, 2, 3), repeat=3))):
        if ours(FunctionCase("add_", (output, shape), {})) == output:
            lead = len(output) - len(shape)
            kept = {lead + axis for axis, n in enumerate(shape) if not n == 1 != output[lead + axis]}
            same_place = kept if lead == 0 else set()
            maps = broadcast_axes(shape, output)
            assert maps.kept == same_place, (shape, output)
            assert [goes_to for goes_to, _ in maps.routes] == list(range(lead, len(output)))
            assert tuple(axis_map.length(n) for axis_map, n in zip(maps.maps, shape, strict=True)) == output[lead:]
    a, b = cc.symbol("a"), cc.symbol("b")
    assert broadcast_axes((2, a), (2, a)).is_pointwise
    assert not broadcast_axes((2, 1), (2, a)).is_pointwise
    assert [broadcast_axes((a, 1), (b, 3)).kept, broadcast_axes((a, 1), (b, 1)).kept] == [{0}, {0, 1}]


def test_a_joined_length_is_a_number_where_one_of_them_is():
    a = cc.symbol("a")
    assert [broadcast((a,), (3,)), broadcast((3,), (a,)), broadcast((1,), (a,)), broadcast((a,), (1,))] == [
        (3,),
        (3,),
        (a,),
        (a,),
    ]
    with recording() as recorder:
        keep_shape((a, 2), (a, 2))
    assert recorder.requirements == []


@pytest.mark.parametrize(
    ("rule", "name", "inputs", "words"),
    [
        ("lengths must be equal or 1; got 2 and 3 on axis 1, from ", "add", ((1, 2), (3,)), {}),
        ("lengths must be equal or 1; got 2 and 3 on axis 0, from ", "add", ((2, 1), (3, 1)), {}),
        ("a tensor changed in place keeps its shape", "add_", ((1, 2), (3, 2)), {}),
        ("a tensor changed in place keeps its shape", "add_", ((2,), (3, 2)), {}),
        ("a tensor changed in place keeps its shape", "clamp_", ((1,), (2,)), {}),
        ("input must be a tensor", "maximum", (1, (2,)), {}),
        ("other must be a tensor", "maximum", ((2,), 1), {}),
        ("other must be a tensor", "add", ((2,), None), {}),
        ("input must be a tensor", "eq", (1, (2,)), {}),
        ("alpha must be a number", "add", ((2,), (2,)), {"alpha": True}),
        ("alpha must be a number", "add", ((2,), (2,)), {"alpha": "a"}),
        ("True and False can't be subtracted", "sub", ((2,), True), {}),
        ("True and False can't be subtracted", "sub", (False, (2,)), {}),
        ('rounding_mode must be None, "trunc" or "floor"', "div", ((2,), 2), {"rounding_mode": "ceil"}),
        ("min or max must be given", "clamp", ((2,),), {}),
        ("min and max must both be numbers, or both tensors", "clamp", ((2,), 1, (2,)), {}),
        ("nan must be a number", "nan_to_num", ((2,), "1"), {}),
        ("decimals must be", "round", ((2,),), {"decimals": "1"}),
    ],
)
def test_refusals_say_which_rule(rule, name, inputs, words):
    assert torchs(FunctionCase(name, inputs, words)) is None
    with pytest.raises(cc.CnncalcError, match=f"^{name}: {rule}"):
        named(name).output_shape(*inputs, **words)
    if name == "clamp":
        with pytest.raises(cc.CnncalcError, match=f"^{name}: {rule}"):
            named(name).axes(*inputs, **words)


IN_PLACE = [name for file in ("arithmetic", "elementwise") for name in FUNCTIONS[file] if name[-1] == "_"]


@pytest.mark.parametrize("name", IN_PLACE)
def test_what_changes_its_first_operand_says_so(name):
    others = (2.0,) if name in TWO or "clamp" in name or "clip" in name else ()

    class Changed(cc.Module):
        def forward(self, x):
            y = x * 2
            return getattr(y, name)(*others)

    x = torch.ones(2, 3)
    assert getattr(x, name)(*others).data_ptr() == x.data_ptr()
    assert cc.trace(Changed(), (2, 3)).nodes[-1].facts.is_in_place


def test_a_positive_is_the_tensor_itself():
    x = torch.ones(2)
    assert torch.positive(x).data_ptr() == x.data_ptr()
    assert cc.positive.is_view
    assert not cc.exp.is_view
