"""Methods and operators of tensors inside a forward, as models write them, against torch's; changes in place."""

from __future__ import annotations

import operator
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc import drop_in
from cnncalc.sizes import Expr

torch = pytest.importorskip("torch")
REFUSALS = (RuntimeError, TypeError, ValueError, IndexError, AssertionError, AttributeError)
SIZES = st.integers(0, 4)
SHAPES = st.lists(st.integers(1, 4), max_size=4).map(tuple)
AXIS = st.integers(-4, 4)
SOME = st.lists(st.integers(-1, 5), max_size=4)
AXES = st.lists(AXIS, max_size=4)


class Applied(cc.Module):
    """A network that is one piece of code."""

    def __init__(self, code: Any) -> None:
        """Take what to do with the inputs."""
        super().__init__()
        self.code = code

    def forward(self, *inputs: Any) -> Any:
        """Do it."""
        return self.code(*inputs)


def ours(code: Any, *shapes: Any) -> Any:
    """The shapes that a piece of code gives here, or None where it is refused; any other error is one."""
    try:
        return cc.trace(Applied(code), *shapes).output_shape
    except cc.CnncalcError:
        return None


def torchs(code: Any, *shapes: Any) -> Any:
    """The shapes that a piece of code gives on torch's tensors, or None where it is refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return shape_of(code(*(torch.ones(shape) for shape in shapes)))
        except REFUSALS:
            return None


def shape_of(output: Any) -> Any:
    """The shape of a tensor, or of each in nested ones."""
    return tuple(map(shape_of, output)) if isinstance(output, (tuple, list)) else tuple(output.shape)


def one_by_one(numbers: Any) -> Any:
    """Numbers as arguments of their own, or as one tuple or list."""
    return st.one_of(numbers.map(tuple), numbers.map(lambda given: (tuple(given),)), numbers.map(lambda given: (given,)))


METHODS = {
    "view": one_by_one(SOME),
    "reshape": one_by_one(SOME),
    "expand": one_by_one(SOME),
    "repeat": one_by_one(st.lists(st.integers(-1, 2), max_size=5)),
    "tile": one_by_one(st.lists(st.integers(-1, 2), max_size=5)),
    "permute": one_by_one(AXES),
    "flip": one_by_one(AXES),
    "squeeze": st.one_of(one_by_one(AXES), st.just(())),
    "unsqueeze": st.tuples(AXIS),
    "transpose": st.tuples(AXIS, AXIS),
    "flatten": st.lists(AXIS, max_size=2).map(tuple),
    "unflatten": st.tuples(AXIS, SOME),
    "movedim": st.one_of(st.tuples(AXIS, AXIS), st.tuples(AXES, AXES)),
    "chunk": st.tuples(st.integers(0, 4), AXIS),
    "split": st.one_of(st.tuples(st.integers(0, 4), AXIS), st.tuples(st.lists(SIZES, max_size=3), AXIS)),
    "narrow": st.tuples(AXIS, AXIS, SIZES),
    "select": st.tuples(AXIS, AXIS),
    "mean": st.one_of(st.just(()), st.tuples(AXES), st.tuples(AXIS), st.tuples(AXIS, st.booleans())),
    "amax": st.one_of(st.just(()), st.tuples(AXES), st.tuples(AXIS, st.booleans())),
    "max": st.one_of(st.just(()), st.tuples(AXIS), st.tuples(AXIS, st.booleans())),
    "var": st.one_of(st.just(()), st.tuples(AXIS, st.booleans()), st.tuples(AXES, st.booleans(), st.booleans())),
    "norm": st.one_of(st.just(()), st.tuples(st.sampled_from((1, 2)), AXIS)),
    "clamp": st.tuples(st.just(0), st.just(1)),
    "add_": st.tuples(st.just(1)),
    "pow": st.tuples(st.just(2)),
    "roll": st.one_of(st.tuples(AXIS), st.tuples(AXIS, AXIS)),
}


@pytest.mark.parametrize("name", sorted(METHODS))
@given(data=st.data())
def test_a_method_takes_what_torchs_takes(name, data):
    shape, arguments = data.draw(SHAPES), data.draw(METHODS[name])

    def code(x: Any) -> Any:
        return getattr(x, name)(*arguments)

    theirs = torchs(code, shape)
    # Torch expands an empty tensor to a length of −1, which is none.
    assert ours(code, shape) == (None if name == "expand" and theirs and -1 in theirs else theirs)


NAMED = [
    lambda x: x.view(size=(-1,)),
    lambda x: x.reshape(shape=(-1,)),
    lambda x: x.permute(dims=(1, 0, 2)),
    lambda x: x.expand(size=(4, 2, 3, 4)),
    lambda x: x.repeat(repeats=(1, 2, 1)),
    lambda x: x.flip(dims=[0]),
    lambda x: x.squeeze(dim=0),
    lambda x: x.squeeze(axis=0),
    lambda x: x.split(split_size=2),
    lambda x: x.mean(axis=1, keepdims=True),
    lambda x: x.sum(dim=(0, 1)),
    lambda x: x.max(dim=1).values,
    lambda x: x.max(dim=1)[1],
    lambda x: x.max(x),
    lambda x: x.where(x > 0, 0),
    lambda x: x.where(x == 0, 1.5) + x.where(x != 1, x),
    lambda x: abs(x) + (+x) - (-x) % 2,
    lambda x: x if x == None else -x,  # noqa: E711 - as models write it
    lambda x: x if x != "same" else -x,
    lambda x: x if x == 0 else -x,
    lambda x: x**2 * 3 + 2 / x - 1,
    lambda x: x.unflatten(dim=2, sizes=(2, 2)),
    lambda x: x.clamp(min=0),
    lambda x: x.clamp(x, x),
    lambda x: x[0],
    lambda x: x[..., None, 1:],
    lambda x: x[:, -1, ::2],
    lambda x: x[[1, 0]],
    lambda x: x[:, [0, 2], [1]],
    lambda x: x[[[0], [1]], ..., [0, 3]],
    lambda x: x[[True, False]],
    lambda x: x[True],
    lambda x: x[[0, 2]],
    lambda x: x[[0.5]],
    lambda x: x[x > 0].view(5, 5),
    lambda x: x.mT,
    lambda x: x[0].T,
    lambda x: [part.sum() for part in x],
    lambda x: len(x) * x,
    lambda x: x.size(0) * x.view(x.shape[0], -1),
    lambda x: x.view(*x.shape[:-1], 2, 2),
    lambda x: x.clone().add_(x),
    lambda x: x.unbind(1),
    lambda x: x.view((2, 3), 4),
    lambda x: x.permute(),
    lambda x: x + None,
    lambda x: x + (2, 3, 4),  # noqa: RUF005 - no tuple
    lambda x: x.view(x),
    lambda x: x.matmul(2),
    lambda x: x.add(x, x),
    lambda x: x.sum(x),
]


@pytest.mark.parametrize("number", range(len(NAMED)))
def test_calls_that_models_write(number):
    assert ours(NAMED[number], (2, 3, 4)) == torchs(NAMED[number], (2, 3, 4))


OPERATORS = (
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.pow, operator.matmul,
    operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ifloordiv, operator.ipow, operator.mod,
    operator.gt, operator.ge, operator.lt, operator.le, operator.eq, operator.ne,
)  # fmt: skip


@given(data=st.data())
def test_operators_take_what_torchs_take(data):
    apply = data.draw(st.sampled_from(OPERATORS))
    left, right = data.draw(SHAPES), data.draw(SHAPES)
    number = data.draw(st.sampled_from((2, 1.5)))
    how = data.draw(st.sampled_from(("both", "number", "number first")))

    def code(x: Any, y: Any) -> Any:
        return apply(x, y) if how == "both" else apply(x, number) if how == "number" else apply(number, x)

    assert ours(code, left, right) == torchs(code, left, right)


COMPARED = (operator.gt, operator.ge, operator.lt, operator.le, operator.eq, operator.ne, operator.mod)


@pytest.mark.parametrize("apply", COMPARED)
def test_tensors_without_an_input_are_compared_as_torch_compares_them(apply):
    """A constant and a parameter, with a number and with a value; in a forward, and the constant before."""
    codes = (lambda x, y: apply(y, 2) * x, lambda x, y: apply(2, y) * x, lambda x, y: apply(y, x), apply)
    for held in (drop_in.ones(3), cc.Parameter(shape=(3,))):
        for code in codes:
            theirs = torchs(code, (2, 3), (3,))
            assert ours(lambda x, code=code, held=held: code(x, held), (2, 3)) == theirs is not None
    assert tuple(apply(drop_in.ones(3), 2).shape) == (3,)
    assert drop_in.ones(3) != None  # noqa: E711 - as models write it
    assert drop_in.ones(3) != "same"


def test_sizes_stay_symbols_through_shapes():
    graph = cc.trace(Applied(lambda x: x.view(x.size(0), 2, x.size(1) // 2, *x.shape[2:]).transpose(1, 2)), ("N", 6, "H", "W"))
    assert [str(n) for n in graph.output_shape] == ["N", "3", "2", "H", "W"]
    assert not graph.requirements
    flat = cc.trace(Applied(lambda x: x.view(x.shape[0], -1)), ("N", 6, "H", "W")).output_shape
    assert str(flat) == "(N, 6·H·W)"
    assert isinstance(flat[1], Expr)


# -- in place ---------------------------------------------------------------------------------------------------


class Net(cc.Module):
    """A network of two convolutions and a piece of code."""

    def __init__(self, code: Any) -> None:
        """Take what to do with the input."""
        super().__init__()
        self.code = code
        self.one = cc.Conv1d(2, 2, 3, padding=1)
        self.two = cc.Conv1d(2, 2, 3, padding=1)
        self.relu = cc.ReLU(inplace=True)
        self.pass_on = cc.Identity()
        self.inner = Applied(lambda x, y: x.add_(y))

    def forward(self, x: Any) -> Any:
        """Do it."""
        return self.code(self, x)


def field_of(code: Any, at: tuple[int, ...]) -> Any:
    """The cells of a network of two convolutions and a piece of code, and those of torch's gradients."""
    from cnncalc.torch_twin.probe import field_cells

    field = cc.receptive_field(Net(code), (1, 2, 9), at=at)
    found = {(cell,) for term in field.terms for cell in range(9) if term[0] >> cell & 1}
    return found, field_cells(Net(code), (1, 2, 9), at)


def rebound(net: Any, x: Any) -> Any:
    y = net.one(x)
    before = y
    y += net.two(y)
    return before


def returned_by_method(net: Any, x: Any) -> Any:
    y = net.one(x)
    y.add_(net.two(net.one(y)))
    return y


def input_changed(net: Any, x: Any) -> Any:
    x.mul_(net.one(x))
    return net.two(x)


def inside_another_module(net: Any, x: Any) -> Any:
    y = net.one(x)
    net.inner(y, net.two(y))
    return y


def copied_before(net: Any, x: Any) -> Any:
    y = net.one(x)
    before = y.clone()
    y += net.two(y)
    return before


def number_through_view(net: Any, x: Any) -> Any:
    y = net.one(x)
    y[:, 0].mul_(2)
    return net.two(y)


def parts_apart(net: Any, x: Any) -> Any:
    a, b = net.one(x).chunk(2, 1)
    a += net.two(x)[:, :1]
    return b


@pytest.mark.parametrize(
    "code", [rebound, returned_by_method, input_changed, inside_another_module, copied_before, number_through_view, parts_apart]
)
def test_changes_in_place_are_followed(code):
    for at in (0, 4, 8):
        ours, torchs = field_of(code, (at,))
        assert ours == torchs


def base_after_view(net: Any, x: Any) -> Any:
    y = net.one(x)
    y[:, :, 1:].add_(net.two(y)[:, :, 1:])
    return y


def view_after_base(net: Any, x: Any) -> Any:
    y = net.one(x)
    part = y.transpose(1, 2)
    y += net.two(y)
    return part


def through_identity(net: Any, x: Any) -> Any:
    y = net.one(x)
    z = net.pass_on(y)
    z += net.two(y)
    return y


def through_relu_in_place(net: Any, x: Any) -> Any:
    y = net.one(x)
    z = net.relu(y)
    z += net.two(z)
    return net.two(y)


@pytest.mark.parametrize("code", [base_after_view, view_after_base, through_identity, through_relu_in_place])
def test_memory_that_is_shared_is_refused(code):
    with pytest.raises(cc.UnsupportedError, match="shares memory with one changed in place"):
        field_of(code, (4,))


def test_writing_into_cells_in_steps_is_refused():
    def code(x: Any) -> Any:
        x[:, ::2] = 1
        return x

    with pytest.raises(cc.UnsupportedError, match="writing into a part of a tensor"):
        cc.trace(Applied(code), (2, 3))
