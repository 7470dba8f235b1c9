"""What to say to an input of a wrong size: the sizes beside it that the network does take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.errors import REFUSALS, CnncalcError
from cnncalc.sizes import SizeSet, symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.module import Module
    from cnncalc.sizes import Shape

#: The axes before this one are the batch and the channels.
FIRST_SPATIAL = 2


def working_sizes(trace: Callable[..., Any], network: Module, shapes: tuple[Shape, ...]) -> str:
    """Which lengths work in place of those given: `572 or 588 in place of 573`; "" where that does not help.

    The network is traced with a symbol for each length, equal lengths sharing one, and its conditions are solved for the
    members next to those given. What is named has been traced with these numbers and was taken.
    """
    lengths = {n for shape in shapes for n in shape[FIRST_SPATIAL:] if type(n) is int and n > 0}
    names = {n: f"_{n}" for n in lengths}
    sets = {n: SizeSet.everything(names[n]) for n in lengths}
    try:
        graph = trace(network, *_with(shapes, {n: symbol(name) for n, name in names.items()}))
        for requirement in graph.requirements:
            met = requirement.sizes
            for n in lengths:
                if met is not None and met.name == names[n]:
                    sets[n] = sets[n] & met
    except (CnncalcError, *REFUSALS):
        return ""
    wrong = sorted(n for n in lengths if n not in sets[n])
    if not wrong or not all(sets[n] for n in wrong):
        return ""
    nearest = {n: sets[n].nearest(n) for n in wrong}
    texts = []
    for n in wrong:
        beside = dict.fromkeys(size for size in (sets[n].below(n), sets[n].above(n)) if size is not None)
        taken = [str(size) for size in beside if _is_taken(trace, network, _with(shapes, {**nearest, n: size}))]
        if taken:
            texts.append(f"{' or '.join(taken)} in place of {n}")
    return f"what works: {', '.join(texts)}" if texts else ""


def _with(shapes: tuple[Shape, ...], values: dict[int, Any]) -> tuple[Shape, ...]:
    """Shapes with other lengths in place of those named."""
    return tuple(
        (*shape[:FIRST_SPATIAL], *(values.get(n, n) if type(n) is int else n for n in shape[FIRST_SPATIAL:])) for shape in shapes
    )


def _is_taken(trace: Callable[..., Any], network: Module, shapes: tuple[Shape, ...]) -> bool:
    """Whether the network takes an input."""
    try:
        trace(network, *shapes)
    except (CnncalcError, *REFUSALS):
        return False
    return True
