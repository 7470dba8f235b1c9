"""An operation of which only the shape is known answers nothing else."""

from __future__ import annotations

import pytest

import cnncalc as cc
from cnncalc.layers.uncarried import Uncarried


def test_the_shape_is_known_and_nothing_else():
    for in_place in (False, True):
        operation = Uncarried("mystery", ((1, 2), (3,)), "nobody says how", in_place=in_place)
        assert operation.output_shape((4, 4), (5,)) == ((1, 2), (3,))
        assert (operation.torch_name, operation.in_place) == ("mystery", in_place)
        for fact, what in ((operation.macs, "multiply-accumulates"), (operation.arithmetic, "arithmetic")):
            with pytest.raises(cc.UnsupportedError, match=f"the {what} of mystery are not known; got nobody says how"):
                fact((4, 4), (5,))
        maps = operation.axes((4, 4), (5,))
        assert len(maps) == 2
        for part, shape in zip(maps, ((4, 4), (5,)), strict=True):
            assert not part.routes
            with pytest.raises(cc.UnsupportedError, match="the cells that mystery reads are not known; got nobody says how"):
                part.reads((1,) * len(shape), shape)


def test_it_is_not_in_place_unless_it_is_said():
    assert Uncarried("mystery", (1,), "nobody says how").in_place is False
