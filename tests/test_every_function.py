"""Every function of the catalogue against torch's function of the same name: places, shapes, refusals, cells, symbols."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from drawing.calls import FunctionCase
from drawing.functions import FUNCTION_SAMPLERS
from function_side import counted, expected_of, is_column, map_shapes, ours, reading, reads_no_axis, shapes_in, torchs
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.layers import FUNCTIONS, named
from cnncalc.sizes import recording, substitute

torch = pytest.importorskip("torch")
#: Every class is walked, so a share of the profile's examples is enough for each; a gradient costs more than a shape.
WALK = settings(max_examples=settings.default.max_examples // 8)
GRADIENTS = settings(max_examples=max(settings.default.max_examples // 32, 2))

NAMES = [name for names in FUNCTIONS.values() for name in names]
#: Operators of Python that torch's tensors have by other names.
OPERATORS = {"getitem"}
#: Functions that ask a symbol to be long enough for the parts that are taken, where a shorter axis would give other parts.
SUPPOSES = {"chunk", "getitem", "tensor_split"}
#: Where torch has another function of the same name: a method that slides a window, one that gives indices unasked.
NAMESAKES = {
    ("embedding", "torch"),
    ("embedding_bag", "torch"),
    ("unfold", "Tensor"),
    ("adaptive_max_pool1d", "torch"),
    ("batch_norm", "torch"),
    ("instance_norm", "torch"),
}
#: Functions whose cells depend on data or on chance: they are refused.
REFUSED_CELLS = {"fractional_max_pool2d", "fractional_max_pool3d", "max_unpool1d", "max_unpool2d", "max_unpool3d"}
every_function = pytest.mark.parametrize("name", NAMES)


# -- calls ------------------------------------------------------------------------------------------------------


def places(name):
    """Torch's functions of a name, by where torch has them."""
    torch_name = named(name).torch_name
    owners = {"functional": torch.nn.functional, "torch": torch, "Tensor": torch.Tensor}
    found = {place: getattr(owner, torch_name) for place, owner in owners.items() if hasattr(owner, torch_name)}
    return {place: function for place, function in found.items() if (name, place) not in NAMESAKES}


def shape_list(shape):
    """The shapes of all outputs, in order."""
    return [shape] if not shape or not isinstance(shape[0], tuple) else [one for part in shape for one in shape_list(part)]


# -- tests ------------------------------------------------------------------------------------------------------


@every_function
def test_has_a_sampler(name):
    assert name in FUNCTION_SAMPLERS


@every_function
def test_is_found_where_torch_has_it(name):
    if name not in OPERATORS:
        assert named(name).found_in == frozenset(places(name))


@every_function
@WALK
@given(data=st.data())
def test_valid_calls_give_torchs_shape(name, data):
    case = data.draw(FUNCTION_SAMPLERS[name](wild=False))
    assert torchs(case) is not None
    assert ours(case) == torchs(case)
    for function in places(name).values():
        assert torchs(case, function) in {None, torchs(case)}
    assert named(name).macs(*case.inputs, **case.call) == counted(case)


@every_function
@WALK
@given(data=st.data())
def test_shapes_and_refusals_are_torchs(name, data):
    case = data.draw(FUNCTION_SAMPLERS[name](wild=True))
    assert ours(case) == expected_of(case)


def test_several_dots_in_an_index_are_taken_as_torch_takes_them():
    """Every short index: a second `...` leaves the axes behind it."""
    parts = (..., None, 0, -1, slice(None), slice(1, None), slice(*(True, None, True)), slice(-1, 0))
    for shape in ((), (2,), (2, 3)):
        for index in (index for length in range(5) for index in product(parts, repeat=length)):
            case = FunctionCase("getitem", (shape, index), {})
            assert ours(case) == torchs(case), case


def test_lists_in_an_index_pick_as_torch_picks():
    """Every short index with lists: where they stand side by side, apart, and what torch takes for a list at all."""
    parts = (
        ...,
        None,
        0,
        slice(None),
        slice(1, None),
        True,
        False,
        [],
        [1],
        [0, -1],
        [[0], [1]],
        [True, False],
        range(2),
        (0,),
        [2],
    )
    for shape in ((2,), (2, 2), (2, 0, 2), (0, 2)):
        for items in (items for length in range(4) for items in product(parts, repeat=length)):
            for index in (items, list(items), items[0] if len(items) == 1 else ()):
                case = FunctionCase("getitem", (shape, index), {})
                assert reads_no_axis(case) or ours(case) == torchs(case), case


def test_an_index_that_needs_data_or_hides_its_axes_is_refused():
    mask = [[True, False], [False, True]]
    for index in ((mask,), np.array(mask), (slice(None), torch.tensor(mask))):
        with pytest.raises(cc.UnsupportedError, match="a mask of several axes as an index is not known"):
            named("getitem").output_shape((2, 2, 2), index)
    for index in (np.zeros((0, 2), dtype=int), torch.zeros(0, 2, dtype=torch.int64), torch.zeros(0, dtype=torch.bool)):
        with pytest.raises(
            cc.UnsupportedError, match="an empty tensor as an index is known where it has one axis, and is no mask"
        ):
            named("getitem").output_shape((2, 3), index)
    with pytest.raises(cc.ArgumentError, match="an array without axes as an index must be a whole number"):
        named("getitem").output_shape((2, 3), np.array(True))  # noqa: FBT003
    with pytest.raises(cc.ArgumentError, match="a list of an index holds numbers, or lists of numbers"):
        named("getitem").output_shape((2, 3), ([endless()],))


def endless():
    """A list that holds itself."""
    made = []
    made.append(made)
    return made


QUERY, TABLE, MATRIX, BATCH = (1, 2, 3, 4), (4, 3), (3, 3), (2, 3, 3)
#: Arguments that are numbers or flags, most of which change no shape, and calls that are right but for them.
BESIDE_SHAPES = (
    *((name, ((2, 3), (2, 3)), {}, ("alpha",)) for name in ("add", "add_", "sub", "sub_", "subtract", "rsub")),
    ("addmm", (MATRIX, MATRIX, MATRIX), {}, ("alpha", "beta")),
    ("baddbmm", (BATCH, BATCH, BATCH), {}, ("alpha", "beta")),
    *((name, ((2, 3),), {}, ("decimals",)) for name in ("round", "round_")),
    *((name, ((2, 3),), {}, ("nan", "posinf", "neginf")) for name in ("nan_to_num", "nan_to_num_")),
    ("scaled_dot_product_attention", (QUERY, QUERY, QUERY), {}, ("is_causal", "enable_gqa", "scale", "dropout_p")),
    ("expand", ((2, 1), (2, 3)), {}, ("implicit",)),
    *((name, ((2, 3),), {}, ("dtype",)) for name in ("sum", "mean", "prod", "nansum", "norm")),
    *((name, ((2, 3), 1), {}, ("dtype",)) for name in ("cumsum", "cumprod", "softmax", "log_softmax", "softmin")),
    *((name, ((2, 3),), {}, ("correction",)) for name in ("var", "std")),
    ("norm", ((2, 3),), {}, ("p",)),
    ("embedding", ((2, 2), TABLE), {}, ("sparse", "scale_grad_by_freq", "max_norm", "padding_idx")),
    ("embedding", ((2, 2), TABLE), {"max_norm": 1.0}, ("norm_type",)),
    ("embedding_bag", ((2, 2), TABLE), {"mode": "sum"}, ("sparse", "scale_grad_by_freq", "max_norm", "padding_idx")),
    ("embedding_bag", ((2,), TABLE, (2,)), {}, ("include_last_offset",)),
    ("split", ((4,),), {}, ("split_size_or_sections",)),
    ("chunk", ((4,),), {}, ("chunks",)),
)
OF_ANY_TYPE = (True, False, 0, 1, 2, -1, 0.5, 2.5, 1j, None, np.int64(2), np.float32(1), "2", "k", b"2", (1,), [1], {})


def test_numbers_and_flags_are_held_to_their_types():
    for name, inputs, call, arguments in BESIDE_SHAPES:
        for argument, value in product(arguments, OF_ANY_TYPE):
            case = FunctionCase(name, inputs, {**call, argument: value})
            assert ours(case) == torchs(case), case


def test_a_linear_function_takes_the_biases_that_torch_takes():
    """Every stretched end of the output as a bias: torch refuses those that it adds to a matrix and that are no row of it."""
    for lead in (lead for rank in range(4) for lead in product((0, 1, 2), repeat=rank)):
        for features, out in product((0, 3), (0, 1, 2)):
            for axes in range(len(lead) + 3):
                whole = ((1,) * 2 + (*lead, out))[len(lead) + 3 - axes :]
                for stretched in product((False, True), repeat=axes):
                    bias = tuple(1 if one else n for one, n in zip(stretched, whole, strict=True))
                    for weight in ((out, features), (features,)):
                        case = FunctionCase("linear", ((*lead, features), weight, bias), {})
                        assert ours(case) == torchs(case) or is_column(case), case


@every_function
@GRADIENTS
@given(data=st.data())
def test_reads_the_cells_of_torchs_gradients(name, data):
    """What a cell of an output depends on."""
    case = data.draw(FUNCTION_SAMPLERS[name](wild=False))
    if name in REFUSED_CELLS:
        output = shape_list(ours(case))[0]
        for part in named(name).axes(*case.inputs, **case.call):
            with pytest.raises(cc.UnsupportedError, match="so that its cells are not known"):
                list(part.reads((1,) * len(output), shapes_in(case)[0]))
        return
    call = reading(case)
    if not call.outputs:
        return
    number = data.draw(st.integers(0, len(call.outputs) - 1))
    output = call.outputs[number]
    if 0 not in output.shape and output.is_floating_point():
        call.check_cell(number, tuple(data.draw(st.integers(0, n - 1)) for n in output.shape))


@every_function
@WALK
@given(data=st.data())
def test_symbols_give_the_same_numbers_and_conditions(name, data):
    """A length shared by all parts is one symbol: no condition is broken, and the number comes out when it is put in."""
    case = data.draw(FUNCTION_SAMPLERS[name](wild=False))
    values = {f"n{n}": n for n in range(2, 5)}
    inputs, call = map_shapes(case, lambda shape: tuple(f"n{n}" if n in range(2, 5) else n for n in shape))
    with recording() as recorder:
        try:
            shape = named(name).output_shape(*inputs, **call)
        except (cc.UnsupportedError, cc.UndecidedError):
            return  # it needs numbers, and says so
    held = all(requirement.condition.holds(values) for requirement in recorder.requirements)
    if held or name not in SUPPOSES:
        assert held
        assert put_in(shape, values) == torchs(case)


def put_in(shape, values):
    """A nested shape with numbers for its symbols."""
    return tuple(put_in(part, values) if isinstance(part, tuple) else substitute(part, values) for part in shape)


def test_a_sum_of_two_symbols_asks_that_they_are_equal():
    with recording() as recorder:
        cc.add.output_shape((1, "H"), (1, "W"))
    assert [str(requirement.condition) for requirement in recorder.requirements] == ["H = W"]


def test_a_refusal_names_the_function():
    with pytest.raises(cc.ShapeError, match=r"^cat: lengths must agree on every axis but 0; got 2 and 3 on axis 1"):
        cc.cat.output_shape(((1, 2), (1, 3)))
    with pytest.raises(cc.ShapeError, match=r"^add: lengths must be equal or 1; got 2 and 3 on axis 1"):
        cc.add.output_shape((1, 2), (1, 3))


@every_function
def test_a_function_is_applied_inside_a_forward(name):
    function = named(name)
    with pytest.raises(cc.ArgumentError, match=f"^{function.torch_name}: a function is applied to values inside a forward"):
        function((1, 2), (1, 2))
    assert repr(function) == function.torch_name
