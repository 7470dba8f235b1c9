"""Compiled formulas: equal to the algebra for numbers and arrays of several libraries, refused where they would wrap."""

from __future__ import annotations

import pytest
from drawing.formulas import NAMES, numerically, trees, worked_out
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.sizes import symbol, symbols_of

numpy = pytest.importorskip("numpy")
SYMBOLS = {name: symbol(name) for name in NAMES}
MOST = (1 << 63) - 1


def libraries():
    """Ways to make an array of whole numbers, of several libraries."""
    yield pytest.param(lambda values, kind: numpy.asarray(values, dtype=kind), id="numpy")
    try:
        import array_api_strict
    except ImportError:
        pass
    else:
        yield pytest.param(
            lambda values, kind: array_api_strict.asarray(values, dtype=getattr(array_api_strict, kind)), id="strict"
        )
    try:
        import dask.array
    except ImportError:
        pass
    else:
        yield pytest.param(lambda values, kind: dask.array.from_array(numpy.asarray(values, dtype=kind), chunks=2), id="dask")


def numbers(array):
    """An array's numbers."""
    return numpy.asarray(array.compute() if hasattr(array, "compute") else array).tolist()


@given(trees(), st.fixed_dictionaries({name: st.integers(1, 1 << 70) for name in NAMES}))
def test_numbers_give_exact_numbers(tree, values):
    formula = worked_out(tree, SYMBOLS)
    function = cc.to_function(formula)
    assert set(function.names) == symbols_of(formula)
    assert function(**{name: values[name] for name in function.names}) == numerically(tree, values)


@pytest.mark.parametrize("array", list(libraries()))
@given(tree=trees(), rows=st.lists(st.tuples(st.integers(1, 99), st.integers(1, 99)), min_size=1, max_size=5))
def test_arrays_give_what_numbers_give(array, tree, rows):
    function = cc.to_function(worked_out(tree, SYMBOLS))
    if not function.names:
        return
    columns = dict(zip(NAMES, zip(*rows, strict=True), strict=True))
    try:
        swept = function(**{name: array(columns[name], "int32") for name in function.names})
    except cc.ArgumentError as error:
        assert "divisor" in str(error)  # noqa: PT017 - anything else is a failure
        return
    assert numbers(swept) == [numerically(tree, dict(zip(NAMES, row, strict=True))) for row in rows]
    assert "int64" in str(swept.dtype)


@given(trees(), st.lists(st.integers(1, MOST), min_size=1, max_size=3), st.integers(1, MOST))
def test_a_sweep_never_wraps(tree, many, one):
    """Whatever the numbers: the exact values, or a refusal."""
    function = cc.to_function(worked_out(tree, SYMBOLS))
    if "H" not in function.names:
        return
    given_values = {"H": numpy.asarray(many, dtype="int64"), "W": one}
    try:
        swept = function(**{name: given_values[name] for name in function.names})
    except cc.ArgumentError as error:
        assert "64 bits" in str(error) or "divisor" in str(error)  # noqa: PT017 - anything else is a failure
        return
    assert numpy.asarray(swept).tolist() == [numerically(tree, {"H": h, "W": one}) for h in many]


def test_a_symbol_that_makes_no_difference_has_a_value_for_each_number_all_the_same():
    h, w = symbol("H"), symbol("W")
    function = cc.to_function(h // 2 + (h + 1) // 2 - h + w)
    assert function.names == ("H", "W")
    assert function(H=numpy.arange(1, 4), W=7).tolist() == [7, 7, 7]
    assert function(H=numpy.arange(1, 4)[:, None], W=numpy.arange(1, 3)).tolist() == [[1, 2]] * 3
    assert function(H=5, W=7) == 7


def test_a_sweep_broadcasts_as_arrays_do():
    params = cc.to_function(cc.analyze(cc.Conv2d("C", "F", "k"), (1, "C", "H", "W")).params)
    widths, kernels = numpy.arange(1, 5)[:, None], numpy.arange(1, 4)[None, :]
    swept = params(C=3, F=widths, k=kernels)
    assert swept.shape == (4, 3)
    for row, f in enumerate(range(1, 5)):
        for column, k in enumerate(range(1, 4)):
            assert swept[row, column] == sum(p.numel() for p in twin(3, f, k).parameters())


def twin(c, f, k):
    import torch

    return torch.nn.Conv2d(c, f, k, device="meta")


def test_a_shape_gives_a_tuple():
    shape = cc.analyze(cc.Conv2d(3, 8, 3, stride="s"), (1, 3, "H", "W")).output_shape
    assert cc.to_function(shape)(H=32, W=17, s=2) == (1, 8, 15, 8)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"H": 3}, "missing"),
        ({"H": 3, "W": 3, "Q": 3}, "no symbol of that name"),
        ({"H": 0, "W": 3}, "from 1 on"),
        ({"H": 3.0, "W": 3}, "whole number"),
        ({"H": True, "W": 3}, "whole number"),
        ({"H": "3", "W": 3}, "whole number"),
        ({"H": numpy.asarray([1.5]), "W": 3}, "whole numbers"),
        ({"H": numpy.asarray([True]), "W": 3}, "whole numbers"),
        ({"H": numpy.asarray([0, 1]), "W": 3}, "from 1 on"),
        ({"H": numpy.asarray([1 << 63], dtype="uint64"), "W": 3}, "64 bits"),
    ],
)
def test_what_does_not_fit_is_refused(values, message):
    function = cc.to_function(SYMBOLS["H"] * SYMBOLS["W"] + 1)
    with pytest.raises(cc.ArgumentError, match=message):
        function(**values)


def test_no_array_is_empty_handed():
    function = cc.to_function(SYMBOLS["H"] + 1)
    assert function(H=numpy.zeros((0, 3), dtype="int64")).shape == (0, 3)


@pytest.mark.parametrize("formula", ["H", None, 1.5, True, (1, "H")], ids=repr)
def test_what_is_no_formula_is_refused(formula):
    with pytest.raises(cc.ArgumentError, match="a size or a shape"):
        cc.to_function(formula)
