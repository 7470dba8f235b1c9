"""Lists of numbers and of truth values as indices, `x[:, [0, 2]]`: cells, copies, written forms, symbols, refusals.

Shapes and cells of random indices are those of tests/test_every_function.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_tensor_methods import Applied, Net

import cnncalc as cc
from cnncalc import drop_in

torch = pytest.importorskip("torch")

LISTED = [
    lambda x: x[:, [1, 0]],
    lambda x: x[:, range(2), [0, 3]],
    lambda x: x[:, [[0, 1], [1, 1]], [[0, 8], [3, 3]]],
    lambda x: x[..., np.array([8, 0, 3])],
    lambda x: x[:, drop_in.tensor([0, 1]), drop_in.arange(2) * 3],
    lambda x: x[:, [True, False], drop_in.tensor(4)],
    lambda x: x[:, drop_in.tensor([0, 1, 1])[[2, 0]]],
]


@pytest.mark.parametrize("number", range(len(LISTED)))
def test_what_lists_pick_is_read_and_written_down(number):
    """Every cell, and shapes: as torch has them, from the JSON form, and in source for torch."""

    def code(net: Any, x: Any) -> Any:
        return LISTED[number](net.one(x))

    network = Net(code)
    assert cc.verify(network, (1, 2, 9)).agrees
    output = cc.trace(network, (1, 2, 9)).output_shape
    again = cc.loads(cc.dumps(network, (1, 2, 9)))
    assert cc.verify(again, (1, 2, 9)).agrees
    assert cc.trace(again, (1, 2, 9)).output_shape == output
    made: dict[str, Any] = {}
    exec(cc.to_source(network, (1, 2, 9)), made)  # noqa: S102 - our own text
    assert tuple(made["network"](torch.ones(1, 2, 9)).shape) == output


def test_what_lists_pick_is_a_copy():
    """Changed in place, it leaves the whole as it was; a truth value copies, too. Memory counts it."""
    for index in ([0, 1], (slice(None), [True, False]), True, (..., (0,))):

        def code(net: Any, x: Any, index: Any = index) -> Any:
            y = net.one(x)
            y[index].add_(1)
            return net.two(y)

        theirs = torch.ones(2, 2, 9)
        assert theirs[index].untyped_storage().data_ptr() != theirs.untyped_storage().data_ptr()
        assert cc.verify(Net(code), (2, 2, 9)).agrees
        report = cc.analyze(Net(lambda net, x, index=index: net.one(x)[index]), (2, 2, 9))
        assert int(report.memory.outputs) == 4 * (2 * 2 * 9 + theirs[index].numel())


def test_a_mask_or_numbers_that_are_not_known_are_refused_by_name():
    for code in (lambda x: x[x > 0], lambda x: x[:, x.argmax(1)], lambda x: x[drop_in.randperm(2)]):
        with pytest.raises(cc.UnsupportedError, match=r"which are not known|numbers of this tensor are not known"):
            cc.trace(Applied(code), (2, 3))
    with pytest.raises(cc.ArgumentError, match="a tensor as an index must hold whole numbers or truth values"):
        cc.trace(Applied(lambda x: x[drop_in.zeros(2)]), (2, 3))


def test_a_list_asks_a_symbol_to_be_long_enough():
    graph = cc.trace(Applied(lambda x: x[:, [0, 4], [[0], [-1]]]), ("N", "C", "L"))
    assert [str(n) for n in graph.output_shape] == ["N", "2", "2"]
    assert [str(requirement.condition) for requirement in graph.requirements] == ["C ≥ 5"]
    assert str(cc.trace(Applied(lambda x: x[[True, False]]), ("N", 3)).requirements[0].condition) == "N = 2"
