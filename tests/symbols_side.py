"""How the walks with symbols in any argument are held against torch: how many cases, at how many points, and what is no case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import settings

from cnncalc.sizes import substitute

if TYPE_CHECKING:
    import cnncalc as cc

IS_DEEP = settings.default.max_examples > 1000
#: Of each formula so many points, of each class so many cases. Torch counts MACs of the first points only: that is slow.
POINTS, COUNTED = (200, 5) if IS_DEEP else (3, 1)
WALK = settings(max_examples=60 if IS_DEEP else max(settings.default.max_examples // 12, 5))
#: How a symbol is refused where a number is taken, and rightly: the answer rests on rounding, or on which of two is larger.
NEED_NUMBERS = (
    "a share of a symbol is rounded", "the length of a symbol times this scale", 'padding="same" needs stride 1',
    "whether output_padding is smaller", "make the symbol without a minimum of 0", "depends on the symbols",
    "the number of parts must be known", "the lengths of the parts depend on the symbols",
)  # fmt: skip


def put(nested: Any, values: dict[str, int]) -> Any:
    """Nested shapes with numbers for their symbols."""
    return tuple(put(part, values) for part in nested) if isinstance(nested, tuple) else substitute(nested, values)


def goes_another_way(report: cc.Report, held: list[bool], values: dict[str, int]) -> bool:
    """Whether torch goes on where a condition of the formulas does not hold, by a rule of its own: an empty axis, and such."""
    broken = [requirement for requirement, holds in zip(report.conditions, held, strict=True) if not holds]
    return any(requirement.holds(values) for requirement in broken)
