"""What an ask's answers are held against: the right value, other readings, every slip's numbers. Made once a variant."""

from __future__ import annotations

from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc import slips
from cnncalc.errors import CnncalcError
from cnncalc.grading.values import matches, right_parts
from cnncalc.sheets.quantities import evaluate
from cnncalc.sizes import symbols_of
from cnncalc.slips.place import Place
from cnncalc.slips.slip import same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.sheets.model import Ask, Asked, Localized, Question, Reading
    from cnncalc.sheets.networks import Networks

#: Quantities that add up over layers, so that two independent slips add up too.
ADDITIVE = frozenset({"params", "trainable", "frozen", "params_no_bias", "macs"})
#: How many pairs of slips are named for one number.
MAX_PAIRS = 3


class KnownSlip(NamedTuple):
    """A slip as it bears on one ask: its numbers there, its steps, and the share of the marks that it leaves."""

    id: str
    text: Localized
    credit: float
    listed: bool
    values: tuple[Any, ...]
    steps: tuple[Any, ...] = ()


class AskKey:
    """One ask with its answers."""

    def __init__(self, question: Question, ask: Ask, networks: Networks, policy: Mapping[str, Any]) -> None:
        """Keep the parts; numbers are worked out when they are first needed."""
        self.question = question
        self.ask = ask
        self.networks = networks
        self.policy = policy
        self.judged: dict[Any, Any] = {}
        self.either_order = policy.get("layout", "either") == "either"

    @property
    def quantity(self) -> str:
        """The quantity that is asked for; empty for texts and choices."""
        return self.ask.answer.quantity if self.ask.answer else ""

    @property
    def fractions(self) -> bool:
        """Whether a decimal fraction can be read: where a size is asked, it names a slip."""
        return self.quantity in {"shape", "side"}

    @cached_property
    def right(self) -> Any:
        """The right value."""
        return None if self.ask.answer is None else self.value_of(self.ask.answer)

    @cached_property
    def trace(self) -> tuple[Any, ...]:
        """The right steps; empty where none are asked for."""
        return () if self.ask.trace is None else tuple(self.value_of(self.ask.trace))

    @cached_property
    def readings(self) -> list[tuple[Reading, Any]]:
        """The other fair readings with their values."""
        return [(reading, self.value_of(reading.answer)) for reading in self.ask.readings]

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """The symbols that may stand in an answer: those of the right value and of its network."""
        parts = self.right if isinstance(self.right, tuple) else (self.right,)
        names = {name for part in parts if part is not None for name in symbols_of(part)}
        net = self.question.nets.get(self.ask.answer.net) if self.ask.answer else None
        return tuple(sorted(names | set(net.symbols if net and names else ())))

    def value_of(self, asked: Asked) -> Any:
        """A quantity of this question's networks, lists as tuples."""
        value = evaluate(asked, self.networks).value
        return tuple(value) if isinstance(value, list) else value

    # -- slips --------------------------------------------------------------------------------------------------

    @cached_property
    def slips(self) -> tuple[KnownSlip, ...]:
        """Every slip that bears on this ask: those that the sheet lists, in its order, then the rest of the library."""
        if self.ask.answer is None:
            return ()
        default = float(self.policy.get("misconception_credit", 0.0))
        place = self._place(self.ask.answer)
        found: list[KnownSlip] = []
        taken: set[str] = set()
        for listed in self.ask.misconceptions:
            credit = default if listed.credit is None else listed.credit
            if listed.answer is not None:
                found.append(KnownSlip(listed.id, listed.text, credit, listed=True, values=(self.value_of(listed.answer),)))
            elif place is not None:
                slip = slips.named(listed.id)
                taken.add(slip.id)
                found.append(_known(slip, place, listed.id, listed.text or slip.text, credit, listed=True))
        if place is not None:
            others = [slip for slip in slips.for_quantity(self.quantity) if slip.id not in taken]
            found += [_known(slip, place, slip.id, slip.text, 0.0, listed=False) for slip in others]
        return tuple(slip for slip in found if slip.values or slip.steps)

    @cached_property
    def reading_slips(self) -> list[tuple[Reading, KnownSlip, str]]:
        """Slips in the other readings, with the quantity that each reading asks for."""
        shares = {slip.id: slip.credit for slip in self.slips if slip.listed}
        found = []
        for reading in self.ask.readings:
            place = self._place(reading.answer)
            if place is None:
                continue
            for slip in slips.for_quantity(reading.answer.quantity):
                credit = shares.get(slip.id, 0.0) * reading.credit
                known = _known(slip, place, slip.id, slip.text, credit, listed=slip.id in shares)
                if known.values:
                    found.append((reading, known, reading.answer.quantity))
        return found

    def explained(self, value: Any) -> list[KnownSlip]:
        """The slips that give a value, the kindest first, else in order."""
        fitting = [slip for slip in self.slips if any(self._fits(value, wrong, self.quantity) for wrong in slip.values)]
        return sorted(fitting, key=lambda slip: -slip.credit)

    def explained_steps(self, steps: tuple[Any, ...]) -> list[KnownSlip]:
        """The slips whose steps are these; steps at which nothing changes may be left out."""
        if not steps or self.has_right_steps(steps):
            return []
        fitting = [slip for slip in self.slips if slip.steps and steps in (slip.steps, _changes(slip.steps))]
        return sorted(fitting, key=lambda slip: -slip.credit)

    def has_right_steps(self, steps: tuple[Any, ...]) -> bool:
        """Whether steps are the right ones."""
        return bool(self.trace) and steps in (self.trace, _changes(self.trace))

    def explained_in_a_reading(self, value: Any) -> list[tuple[Reading, KnownSlip]]:
        """The slips that give a value in one of the other readings."""
        return [
            (reading, slip)
            for reading, slip, quantity in self.reading_slips
            if any(self._fits(value, wrong, quantity) for wrong in slip.values)
        ]

    def explained_by_two(self, value: Any) -> list[tuple[KnownSlip, KnownSlip]]:
        """Pairs of slips that together give a value: counts that add up, or channels from one and space from the other."""
        if not (self.quantity in ADDITIVE or self.quantity == "shape"):
            return []
        found = []
        for left, right in combinations(self.slips, 2):
            if any(same(self._together(a, b), value) for a in left.values for b in right.values):
                found.append((left, right))
                if len(found) == MAX_PAIRS:
                    break
        return found

    def _together(self, one: Any, other: Any) -> Any:
        """What two independent slips give together; None where they are about the same part."""
        if self.quantity in ADDITIVE:
            return one + other - self.right
        parts = (right_parts(one, self.right), right_parts(other, self.right))
        if parts == (("spatial",), ("channels",)):
            return (one[0], *other[1:])
        if parts == (("channels",), ("spatial",)):
            return (other[0], *one[1:])
        return None

    def _fits(self, value: Any, wrong: Any, quantity: str) -> bool:
        return matches(value, wrong, quantity, either_order=self.either_order)

    def _place(self, asked: Asked) -> Place | None:
        """Where the library's slips look; None for a quantity without a network."""
        if not asked.net:
            return None
        try:
            return Place(self.networks.built(asked.net).graph, asked.at or None, asked.quantity)
        except CnncalcError:
            return None


def _known(slip: slips.Slip, place: Place, name: str, text: Localized, credit: float, *, listed: bool) -> KnownSlip:
    """A slip of the library at a place; without numbers where it does not apply."""
    try:
        values = slip.values_at(place)
        steps = tuple(slip.trace_at(place)) if slip.steps is not None else ()
    except CnncalcError:
        values, steps = (), ()
    return KnownSlip(name, text, credit, listed, values, steps)


def _changes(steps: tuple[Any, ...]) -> tuple[Any, ...]:
    """The steps without those that repeat the one before."""
    return tuple(side for index, side in enumerate(steps) if index == 0 or side != steps[index - 1])
