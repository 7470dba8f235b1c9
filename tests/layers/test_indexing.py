"""Parts of a tensor by numbers, slices and runs: every place on every short axis, cells, and lengths and places as symbols."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from drawing.calls import FunctionCase

import cnncalc as cc
from cnncalc.layers import named
from cnncalc.sizes import recording

torch = pytest.importorskip("torch")

from function_side import expected_of  # noqa: E402 - where torch is missing, this can't be imported
from torch_tables import check_function_cells, check_functions, put_in  # noqa: E402

PLACES = (None, *range(-6, 7))
ODD = (True, False, 0.0, 1.5, "1", b"1", np.int64(1), np.float32(1), {}, 1j)


def test_every_slice_of_every_short_axis():
    check_functions(
        FunctionCase("getitem", ((n,), slice(start, stop, step)), {})
        for n, start, stop, step in product(range(5), PLACES, PLACES, (None, 1, 2, 3))
    )
    check_functions(FunctionCase("getitem", ((4,), slice(None, None, step)), {}) for step in (0, -1, -2, 5, *ODD))
    check_functions(
        FunctionCase("getitem", ((4,), slice(*given)), {}) for odd in ODD for given in ((odd,), (odd, None), (1, odd))
    )


def test_every_number_and_mixture():
    check_functions(FunctionCase("getitem", ((n, 2), number), {}) for n, number in product(range(5), range(-6, 7)))
    parts = (0, -1, 2, slice(None), slice(1, None), slice(0, 1), None, ...)
    for shape in ((), (2,), (2, 3), (3, 1, 2)):
        check_functions(
            FunctionCase("getitem", (shape, index), {}) for length in range(4) for index in product(parts, repeat=length)
        )
    check_functions(FunctionCase("getitem", ((2, 3), odd), {}) for odd in ODD if not isinstance(odd, (str, bytes, dict)))


def test_select_and_narrow_take_what_torch_takes():
    shapes = ((), (0,), (1,), (3,), (2, 0), (2, 3), (3, 2, 4))
    dims, places = range(-4, 4), range(-5, 6)
    check_functions(FunctionCase("select", (shape, dim, index), {}) for shape, dim, index in product(shapes, dims, places))
    check_functions(
        FunctionCase("narrow", (shape, dim, start, length), {})
        for shape, dim, start, length in product(shapes, (-3, -2, -1, 0, 1, 2), places, range(-1, 6))
    )
    for odd in (True, 1.0, "1", None, np.int64(1)):
        check_functions([FunctionCase("select", ((2, 3), odd, 1), {}), FunctionCase("narrow", ((2, 3), odd, 0, 1), {})])
    for odd in (1.5, "1", None):
        check_functions([FunctionCase("select", ((2, 3), 1, odd), {}), FunctionCase("narrow", ((2, 3), 1, 0, odd), {})])


def test_cells_are_those_of_torchs_gradients():
    indices = [
        slice(1, None),
        slice(None, 3),
        slice(1, 4, 2),
        slice(-3, -1),
        slice(None, None, 3),
        slice(2, 2),
        slice(None),
        2,
        -1,
        ...,
    ]
    for index in indices:
        check_function_cells(FunctionCase("getitem", ((5,), index), {}))
        check_function_cells(FunctionCase("getitem", ((2, 5), (slice(None), index)), {}))
    for index in ((None, 1), (slice(1, None), None, 0), (..., 1), (0, ..., None), (1, slice(None), slice(0, 1))):
        check_function_cells(FunctionCase("getitem", ((2, 3, 2), index), {}))
    for dim, place in product((0, 1, -1), (0, 1, -1)):
        check_function_cells(FunctionCase("select", ((2, 3, 2), dim, place), {}))
        check_function_cells(FunctionCase("narrow", ((2, 3, 2), dim, place, 1), {}))
    check_function_cells(FunctionCase("narrow", ((2, 5), 1, 1, 3), {}))


def test_cells_that_lists_pick_are_those_of_torchs_gradients():
    every = slice(None)
    for index in (
        ([1, 0],), (every, [2, 0, 2]), (every, every, [0, 3]), ([[0], [1]], [0, 2]), (every, [[0], [2]], [0, 1]),
        (every, [0, 2], [1, 1]), ([1, 0], every, [0, 3]), ([[1], [0]], every, [0, 3]), (0, [2, 0]), (every, 1, [2, 0]),
        (slice(1, None), [[2], [0], [1]], [1, 3]), (..., [[0, 1]], [[1], [0]]), (None, every, [[2], [0]], [0, 1]),
        ([True, False], every, [3, 1]), (every, [[0, 1], [2, 1]]), (every, [[0], [2]], slice(1, 3)),
    ):  # fmt: skip
        check_function_cells(FunctionCase("getitem", ((2, 3, 4), index), {}))


#: For each function, what stands between the length of an axis and the answer.
OVER_AN_AXIS = (
    *(
        ("getitem", (slice(start, stop, step),))
        for start, stop, step in product((None, 0, 2, -2, -4), (None, 1, 3, -1, -3), (None, 2))
    ),
    *(("getitem", (number,)) for number in (0, 2, -1, -3)),
    *(("select", (0, number)) for number in (0, 2, -1, -3)),
    *(("narrow", (0, start, length)) for start, length in product((0, 2, -1, -3), (0, 1, 2))),
)


def followed(name, shape, given):
    """Shape and conditions; None where it is refused whatever the symbols are."""
    with recording() as recorder:
        try:
            return named(name).output_shape(shape, *given), recorder.requirements
        except cc.ShapeError:
            return None, []


def check_at(name, shape, given, answer, values):
    """The answer in symbols against torch's, with numbers put in."""
    symbolic, asked = answer
    numbers = tuple(put_in_part(part, values) for part in given)
    expected = expected_of(FunctionCase(name, (put_in(shape, values), *numbers), {}))
    broken = [requirement for requirement in asked if not requirement.condition.holds(values)]
    if any(requirement.holds(values) for requirement in broken):
        return  # torch goes on by another rule, as with a place that counts from the end
    taken = symbolic is not None and not broken
    assert (put_in(symbolic, values) if taken else None) == expected, (name, shape, given, values, asked)


def put_in_part(part, values):
    """A part of an index with numbers for its symbols."""
    if isinstance(part, slice):
        return slice(*(None if place is None else put_in(place, values) for place in (part.start, part.stop, part.step)))
    return put_in(part, values)


def test_a_length_that_is_a_symbol():
    for name, given in OVER_AN_AXIS:
        answer = followed(name, (cc.symbol("n"), 2), given)
        for n in range(1, 8):
            check_at(name, (cc.symbol("n"), 2), given, answer, {"n": n})


def test_places_that_are_formulas():
    """From p − 3 on, of an axis of 4, or of n."""
    p, n = cc.symbol("p"), cc.symbol("n")
    cases = [("getitem", (slice(p - 3, None),)), ("getitem", (slice(None, p - 3),)), ("getitem", (slice(p, p + 2),))]
    cases += [("getitem", (slice(None, None, p),)), ("getitem", (slice(1, p),)), ("getitem", (slice(p, -1),)), ("getitem", (p,))]
    cases += [("select", (0, p)), ("narrow", (0, p, 1)), ("narrow", (0, 1, p)), ("narrow", (0, p, p)), ("narrow", (0, 0, p - 1))]
    cases += [("getitem", (slice(place, None),)) for place in (-p, 1 - p)] + [("getitem", (slice(None, -p),))]
    cases += [
        (name, (*lead, place, *rest))
        for place in (p - 3, -p, 1 - p)
        for name, lead, rest in (("getitem", (), ()), ("select", (0,), ()), ("narrow", (0,), (1,)))
    ]
    for (name, given), length in product(cases, (4, n)):
        try:
            answer = followed(name, (length, 2), given)
        except (cc.UnsupportedError, cc.UndecidedError):
            continue  # it needs a number, and says so
        for values in ({"p": i, "n": j} for i, j in product(range(1, 7), range(1, 7))):
            check_at(name, (length, 2), given, answer, values)


def test_a_slice_of_everything_takes_no_part():
    """So that an axis stays apart from the others, of whatever length it is."""
    n = cc.symbol("n")
    for index in (slice(None), slice(0, None), slice(None, None, 1), ..., None):
        (maps,) = named("getitem").axes((n, 3), index)
        assert not maps.takes_part
    for stop in (n, 5):
        (maps,) = named("getitem").axes((stop, 3), slice(None, stop))
        assert (maps.takes_part, maps.kept) == (False, {0, 1})
    for index in (slice(1, None), slice(None, 1), slice(None, None, 2)):
        assert named("getitem").axes((5, 3), index)[0].takes_part


def test_a_part_shares_memory_as_torchs_does():
    whole = torch.zeros(3, 4)
    for index in (0, slice(1), None, ..., (0, slice(None)), [0, 1], (slice(None), [0]), True):
        shares = whole[index].untyped_storage().data_ptr() == whole.untyped_storage().data_ptr()
        assert named("getitem").shares_memory((3, 4), index) == shares, index
    assert all(named(name).is_view for name in ("getitem", "select", "narrow"))


class Parts(cc.Module):
    """Parts of its input, as a forward writes them."""

    def forward(self, x):
        """By a number, a slice and a list."""
        return x[1], x[:, 2:], x[[1, 0]], x[..., None]


def test_parts_are_taken_inside_a_forward():
    parts = tuple(tuple(part.shape) for part in Parts.forward(None, torch.zeros(3, 4)))
    assert cc.analyze(Parts(), (3, 4)).output_shape == parts


@pytest.mark.parametrize(
    ("name", "inputs", "rule"),
    [
        ("getitem", ((2,), 2), "the index must lie on the axis; got 2 for a length of 2"),
        ("getitem", ((2,), -3), "the index must lie on the axis; got -3 for a length of 2"),
        ("getitem", ((2,), (0, 0)), r"there are more indices than axes; got 2 indices for 1 axes, \(2,\)"),
        ("getitem", ((2,), [1 << 63]), "a list of an index must hold whole numbers of at most 64 bits; got 9223372036854775808"),
        ("getitem", ((2,), [-(1 << 63) - 1]), "a list of an index must hold whole numbers of at most 64 bits"),
        ("getitem", ((2,), slice(None, None, 0)), "the step of a slice must be at least 1; got 0"),
        ("select", ((), 0, 0), "the input must have at least one axis; got no axes"),
        ("select", ((2,), 0, 2), "index must lie on the axis; got 2 for a length of 2"),
        ("select", ((2,), 1, 0), "dim must lie in -1 … 0"),
        ("narrow", ((), 0, 0, 0), "the input must have at least one axis; got no axes"),
        ("narrow", ((3,), 0, 4, 0), "start must lie on the axis, or just behind it; got start=4 for a length of 3"),
        ("narrow", ((3,), 0, -4, 0), "start must lie on the axis, or just behind it; got start=-4 for a length of 3"),
        ("narrow", ((3,), 0, 0, -1), "length must not be negative; got length=-1"),
        ("narrow", ((3,), 0, 2, 2), r"start \+ length must not pass the end; got 2 \+ 2 for 3"),
    ],
)
def test_a_refusal_says_what_is_wrong(name, inputs, rule):
    with pytest.raises(cc.CnncalcError, match=f"^{name}: {rule}"):
        named(name).output_shape(*inputs)
