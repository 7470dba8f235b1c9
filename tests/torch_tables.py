"""Tables of calls, each held against torch: the answer or the refusal, the cells that are read, and the same with symbols."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
import torch_side
from function_side import counted, expected_of, map_shapes, ours, shapes_in
from known_differences import differs_on_purpose
from test_every_layer import _check_owned, check_answer, make
from torch_side import CONSTRUCTION, FINE

import cnncalc as cc
from cnncalc.axes import AxisMaps, PerOutput
from cnncalc.cells import cells_of
from cnncalc.layers import named
from cnncalc.sizes import recording, substitute

torch = pytest.importorskip("torch")

from cnncalc.torch_twin.probe import _set_weights  # noqa: E402 - where torch is missing, this can't be imported
from cnncalc.torch_twin.probe_rules import function_stand_in, stand_in  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drawing.calls import Case, FunctionCase


def check_layers(cases: Iterable[Case]) -> None:
    """Each layer is refused where torch refuses it, at the same stage, and gives torch's shape elsewhere."""
    for case in cases:
        torchs = torch_side.run(case)
        if not differs_on_purpose(case, torchs.shape):
            check_answer(case, torchs)


def check_owned(cases: Iterable[Case]) -> None:
    """Tensors and attributes of each layer that torch takes are torch's, once it has been called."""
    for case in cases:
        torchs = torch_side.run(case)
        if torchs.stage == FINE:
            _check_owned(make(case), make(case), torchs.module, case)


def check_functions(cases: Iterable[FunctionCase]) -> None:
    """Each call of a function gives torch's shape, or is refused where torch refuses it."""
    for case in cases:
        assert ours(case) == expected_of(case), case


def check_macs(cases: Iterable[FunctionCase]) -> None:
    """The products of each call that torch takes are those that torch's own counter counts."""
    for case in cases:
        if ours(case) is not None:
            assert named(case.name).macs(*case.inputs, **case.call) == counted(case), case


def check_symbols(cases: Iterable[Case]) -> None:
    """A symbol for each length in turn, and for all: the conditions hold where torch accepts, and there the shape is torch's."""
    for case in cases:
        torchs = torch_side.run(case)
        if torchs.stage == CONSTRUCTION or differs_on_purpose(case, torchs.shape):
            continue
        first = case.inputs[0]
        places = [axis for axis, n in enumerate(first) if n >= 1]
        for chosen in (*((axis,) for axis in places), places):
            values = {f"n{axis}": first[axis] for axis in chosen}
            shape = tuple(f"n{axis}" if axis in chosen else n for axis, n in enumerate(first))
            with recording() as recorder:
                try:
                    symbolic = named(case.name)(*case.args, **case.kwargs).output_shape(shape, *case.inputs[1:], **case.call)
                except (cc.UnsupportedError, cc.UndecidedError):
                    continue  # it needs a number, and says so
                except cc.CnncalcError:
                    assert torchs.stage != FINE, (case, shape)
                    continue
            held = all(requirement.condition.holds(values) for requirement in recorder.requirements)
            assert held == (torchs.stage == FINE), (case, shape, recorder.requirements)
            assert not held or put_in(symbolic, values) == torchs.shape, (case, shape)


def check_function_symbols(cases: Iterable[FunctionCase]) -> None:
    """The same for calls of functions, with a symbol of its own for each length of all tensors, and of each of them alone."""
    for case in cases:
        expected = expected_of(case)
        count = len(shapes_in(case))
        for chosen in (range(count), *([number] for number in range(count) if count > 1)):
            values: dict[str, int] = {}
            seen = -1

            def named_lengths(shape: Any, chosen: Any = chosen, values: dict[str, int] = values) -> Any:
                nonlocal seen
                seen += 1
                if seen not in chosen:
                    return shape
                values |= {f"n{seen}x{axis}": n for axis, n in enumerate(shape) if n}
                return tuple(f"n{seen}x{axis}" if n else n for axis, n in enumerate(shape))

            inputs, call = map_shapes(case, named_lengths)
            with recording() as recorder:
                try:
                    symbolic = named(case.name).output_shape(*inputs, **call)
                except (cc.UnsupportedError, cc.UndecidedError):
                    continue  # it needs a number, and says so
                except cc.CnncalcError:
                    assert expected is None, (case, inputs)
                    continue
            held = all(requirement.condition.holds(values) for requirement in recorder.requirements)
            another_way = all(requirement.holds(values) for requirement in recorder.requirements)
            assert another_way == (expected is not None), (case, inputs, recorder.requirements)
            assert not held or put_in(symbolic, values) == expected, (case, inputs)


def put_in(shape: Any, values: dict[str, int]) -> Any:
    """A nested shape with numbers for its symbols."""
    return tuple(put_in(part, values) for part in shape) if isinstance(shape, tuple) else substitute(shape, values)


def leaves(nested: Any) -> list[Any]:
    """The tensors of nested outputs, in order."""
    if isinstance(nested, torch.Tensor):
        return [nested]
    return [leaf for part in nested or () for leaf in leaves(part)]


def check_cells(case: Case, *, as_it_is: bool = False) -> list[int]:
    """Which cells of every input each cell of every output reads, and the other way round: where the gradient is not zero.

    The gradients are those of the stand-in of the probe, or `as_it_is` those of torch's own layer with random weights.
    For each output, the number of pairs of a cell and one that it reads.
    """
    sources: list[Any] = []

    def ones(part: Any) -> Any:
        if part is None or isinstance(part, bool):
            return part
        if part and isinstance(part[0], tuple):
            return tuple(map(ones, part))
        sources.append(torch.ones(part, dtype=torch.float64, requires_grad=True))
        return sources[-1]

    with torch_side.quiet():
        module = torch_side.make(case).double()
    if as_it_is:
        outputs = leaves(module(*map(ones, case.inputs), **case.call))
    else:
        _set_weights(module)
        outputs = leaves(stand_in(module)(module, *map(ones, case.inputs), **case.call))
    maps = named(case.name)(*case.args, **case.kwargs).axes(*case.inputs, **case.call)
    return _check_links(outputs, sources, maps)


def check_function_cells(case: FunctionCase) -> list[int]:
    """The same for a call of a function, by the stand-in of the probe."""
    sources: list[Any] = []

    def ones(shape: Any) -> Any:
        sources.append(torch.ones(shape, dtype=torch.float64, requires_grad=True))
        return sources[-1]

    inputs, call = map_shapes(case, ones)
    name = named(case.name).torch_name
    with torch_side.quiet():
        outputs = leaves(function_stand_in(name)(name, *inputs, **call))
    return _check_links(outputs, sources, named(case.name).axes(*case.inputs, **case.call))


def _check_links(outputs: list[Any], sources: list[Any], maps: Any) -> list[int]:
    """Maps against the gradients of outputs; for each, the number of pairs."""
    pairs = []
    for number, output in enumerate(outputs):
        mine = maps[number] if isinstance(maps, PerOutput) else maps
        assert len(mine) == len(sources)
        if not output.is_floating_point():
            continue  # numbers of cells, which have no gradient
        links: list[list[tuple[Cell, Cell]]] = [[] for _ in sources]
        for cell in product(*map(range, output.shape)):
            linked = output.requires_grad
            gradients = torch.autograd.grad(output[cell], sources, allow_unused=True, retain_graph=True) if linked else ()
            for source, part, gradient, found in zip(sources, mine, gradients, links, strict=False):
                theirs = set() if gradient is None else set(map(tuple, (gradient.abs() > 1e-9).nonzero().tolist()))
                found += [(cell, other) for other in theirs]
                assert read(part, tuple(1 << i for i in cell), source) == theirs, (number, cell)
        for source, part, found in zip(sources, mine, links, strict=True):
            check_maps(part, tuple(output.shape), tuple(source.shape), found)
        pairs.append(sum(map(len, links)))
    return pairs


Cell = tuple[int, ...]


def check_maps(maps: Any, output: Cell, source: Cell, linked: list[tuple[Cell, Cell]]) -> None:
    """What maps say beside single cells: of all cells, of none, the other way round, of axes that stay, against all links."""
    assert read(maps, tuple((1 << n) - 1 for n in output), torch.empty(source)) == {other for _, other in linked}
    # Maps along axes alone do not look at those that no input axis goes with.
    for axis in range(len(output)) if type(maps).reads is not AxisMaps.reads else ():
        assert not list(maps.reads(tuple(0 if place == axis else 1 for place in range(len(output))), source))
    for other in product(*map(range, source)):
        found = maps.read_by(tuple(1 << i for i in other), source, output)
        cells = {cell for term in found for cell in product(*map(cells_of, term))}
        assert cells == {cell for cell, read_cell in linked if read_cell == other}, other
    for (place, axis_map), n in zip(maps.routes, source, strict=False):
        assert place is None or axis_map.length(n) == output[place], (place, axis_map)
    for axis in maps.kept:
        assert all(cell[axis] == other[axis] for cell, other in linked)
    assert repr(maps)


def read(maps: Any, term: tuple[int, ...], source: Any) -> set[tuple[int, ...]]:
    """The cells of an input that cells of an output read. No term is empty on an axis."""
    terms = list(maps.reads(term, tuple(source.shape)))
    assert all(all(found) for found in terms)
    return {cell for found in terms for cell in product(*map(cells_of, found))}
