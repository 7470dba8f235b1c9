"""Axis maps held against tables: for each output cell the input cells that it reads, worked out elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def bits(cells: Iterable[int]) -> int:
    """The bit set of some cells."""
    return sum(1 << cell for cell in set(cells))


def cells(number: int) -> list[int]:
    """The cells of a bit set, bit by bit."""
    assert number >= 0
    return [cell for cell in range(number.bit_length()) if number >> cell & 1]


def agrees(axis_map: Any, n: int, table: Sequence[Sequence[int]]) -> None:
    """Whether a map of an axis of n cells has the length of a table and reads its cells: forwards, backwards and counted.

    A cell that stands twice in a row is read twice.
    """
    m = len(table)
    assert axis_map.length(n) == m, (axis_map, n)
    rows = [set(row) for row in table]
    columns = [{i for i in range(m) if x in rows[i]} for x in range(n)]
    assert [cells(axis_map.reads(1 << i, n)) for i in range(m)] == list(map(sorted, rows)), (axis_map, n)
    assert [cells(axis_map.read_by(1 << x, n, m)) for x in range(n)] == list(map(sorted, columns)), (axis_map, n)
    for asked in (range(0), range(m), range(0, m, 2), range(1, m, 3)):
        assert axis_map.reads(bits(asked), n) == bits(x for i in asked for x in rows[i]), (axis_map, n, asked)
    for asked in (range(0), range(n), range(0, n, 2), range(1, n, 3)):
        assert axis_map.read_by(bits(asked), n, m) == bits(i for x in asked for i in columns[x]), (axis_map, n, asked)
    weights = [(3 * i + 1) % 5 for i in range(m)]
    counted = [sum(weight * row.count(x) for weight, row in zip(weights, table, strict=True)) for x in range(n)]
    assert axis_map.counts(weights, n) == counted, (axis_map, n)


def repeats(axis_map: Any, n: int, inside: Iterable[int]) -> None:
    """Whether what a map says of an endless axis is what it reads at cells far from every border: some are given."""
    stencil, phases = axis_map.stencil(n), axis_map.phases(n)
    for i in inside:
        read = cells(axis_map.reads(1 << i, n))
        if stencil is not None:
            assert [stencil.stride * i + stencil.start + t for t in cells(stencil.cells)] == read, (axis_map, n, i)
            assert stencil.size == (read[-1] - read[0] + 1 if read else 0), (axis_map, n, i)
        if phases is not None:
            start, window = phases.at(i)
            assert [start + t for t in cells(window)] == read, (axis_map, n, i)
