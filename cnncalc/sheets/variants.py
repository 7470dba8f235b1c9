"""Variants: which numbers stand on whose sheet.

A variant gives each parameter of a question one of its listed values. It is dealt only if every listed slip then differs
from the right answer and, where the sheet asks for it, from the others, so that a wrong number names one cause. The deal
follows from a secret, the sheet, the question and the student, and from nothing else: no random numbers, no state. The
parameters are written on the sheet that is issued, and are taken from there when it is graded, so an old sheet stays
gradable whatever is dealt later.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from math import gcd, prod
from typing import TYPE_CHECKING, Any

from cnncalc.errors import CnncalcError
from cnncalc.sheets.files import SheetError
from cnncalc.sheets.networks import PLACEHOLDER, Networks
from cnncalc.sheets.wrong_values import Wrong, right_number, rule_numbers, wrong_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.sheets.model import Ask, Question, Sheet

#: How many combinations of a question are tried before the dealer gives up.
MOST_TRIES = 20_000
#: A shorter secret could be guessed, and with it every variant.
SHORTEST_SECRET = 16
#: Ids of students, opaque: the gradebook knows the names.
STUDENT = re.compile(r"[A-Za-z0-9_-]{1,32}")
_ENTRY = re.compile(r"\s*([A-Za-z0-9_.-]{1,128})\s*=\s*(-?[0-9]{1,18})\s*")


class Dealer:
    """Deals the variants of a sheet. One dealer serves a class: what it finds out about a combination it keeps."""

    def __init__(self, sheet: Sheet, secret: bytes) -> None:
        """Take the sheet and the course's secret, at least SHORTEST_SECRET bytes; see `read_secret`."""
        if len(secret) < SHORTEST_SECRET:
            raise SheetError(
                f"a secret has at least {SHORTEST_SECRET} characters",
                got=f"{len(secret)}",
                remedy='make one with: python -c "import secrets; print(secrets.token_hex(32))"',
            )
        self._sheet = sheet
        self._secret = secret
        self._rooms = {question.id: Combinations(question) for question in sheet.questions}

    def deal(self, student: str) -> dict[str, int]:
        """A student's parameters by qualified name (`q2.image`); those that have one value only are left out.

        Raises SheetError for an id that is not opaque, and where no combination keeps the slips apart.
        """
        if not STUDENT.fullmatch(student):
            raise SheetError("a student's id has 1 to 32 letters, digits, _ or -", got=repr(student[:40]))
        dealt: dict[str, int] = {}
        for question in self._sheet.questions:
            room = self._rooms[question.id]
            if room.count > 1:
                chosen = room.at(self._choice(question, student, room))
                dealt |= {f"{question.id}.{name}": value for name, value in chosen.items() if name in room.varied}
        return dealt

    def _choice(self, question: Question, student: str, room: Combinations) -> int:
        """The first fitting combination on a walk through all of them that the student's own hash starts and paces."""
        message = f"{self._sheet.id}|{self._sheet.version}|{question.id}|{student}".encode()
        digest = hmac.new(self._secret, message, hashlib.sha256).digest()
        start, pace = int.from_bytes(digest[:16], "big") % room.count, int.from_bytes(digest[16:], "big") % room.count
        while gcd(pace, room.count) != 1:
            pace = (pace + 1) % room.count
        for tried in range(min(room.count, MOST_TRIES)):
            index = (start + tried * pace) % room.count
            if room.objection(index) is None:
                return index
        raise room.refusal()


def has_variants(sheet: Sheet) -> bool:
    """Whether students of a sheet get numbers of their own."""
    return any(len(values) > 1 for question in sheet.questions for values in question.variants.values())


class Combinations:
    """All combinations of a question's parameters, numbered, and which of them may be dealt."""

    def __init__(self, question: Question) -> None:
        """Take a question."""
        self._question = question
        self._values = {name: question.variants[name] or (default,) for name, default in question.params.items()}
        self.varied = [name for name, values in self._values.items() if len(values) > 1]
        self.count = prod(len(values) for values in self._values.values())
        self._asks = [(ask, _parameters(question, ask)) for ask in question.asks if ask.answer is not None]
        self._found: dict[tuple[Any, ...], str | None] = {}

    def at(self, index: int) -> dict[str, int]:
        """The combination of that number."""
        chosen = {}
        for name, values in self._values.items():
            index, digit = divmod(index, len(values))
            chosen[name] = values[digit]
        return chosen

    def objection(self, index: int) -> str | None:
        """Why a combination is not dealt; None where it may be."""
        return self.objection_to(self.at(index))

    def objection_to(self, params: Mapping[str, int]) -> str | None:
        """The same for given parameters. An ask is looked at once for the parameters that its networks use."""
        networks = Networks(self._question, params)
        for ask, used in self._asks:
            key = (ask.id, *(networks.params[name] for name in used))
            if key not in self._found:
                self._found[key] = _objection(self._question, ask, networks)
            if self._found[key] is not None:
                return self._found[key]
        return None

    def fitting(self) -> list[dict[str, int]]:
        """Every combination that may be dealt, of the first MOST_TRIES."""
        return [self.at(index) for index in range(min(self.count, MOST_TRIES)) if self.objection(index) is None]

    def refusal(self) -> SheetError:
        """The error for a question of which no combination may be dealt, with what most often stands in the way."""
        reasons = Counter(reason for reason in self._found.values() if reason is not None)
        often = reasons.most_common(1)[0][0] if reasons else "nothing was tried"
        return SheetError(
            "no combination of the parameters keeps the slips apart",
            where=self._question.id,
            got=f"{min(self.count, MOST_TRIES)} combinations; most often: {often}",
            remedy="list more values in variants, or name in variant_rules.distinct only the slips that must differ",
        )


def _parameters(question: Question, ask: Ask) -> tuple[str, ...]:
    """The parameters that an ask's numbers rest on."""
    asked = [ask.answer, ask.trace, *(slip.answer for slip in ask.misconceptions)]
    nets = [one.net for one in asked if one is not None and one.net]
    used: set[str] = set()
    for name in nets:
        net = question.nets[name]
        used.update(PLACEHOLDER.findall(net.layers + net.input))
        if net.extends and net.extends not in nets:
            nets.append(net.extends)
    return tuple(name for name in question.params if name in used)


def _objection(question: Question, ask: Ask, networks: Networks) -> str | None:
    """What keeps an ask from being dealt with these parameters, in words that do not hold the numbers."""
    if ask.answer is None:
        return None
    try:
        right = right_number(ask, ask.answer, networks)
        given = {slip.id: wrong_numbers(slip, ask, networks) for slip in ask.misconceptions}
        distinct, unequal = _rules(question, given)
        given |= {rule: rule_numbers(rule, ask, networks) for rule in unequal if rule not in given}
    except CnncalcError as error:
        return f"{ask.id}: {error.rule}"
    for name, numbers in given.items():
        if any(value == right for value, _ in numbers):
            return f"{ask.id}: {name} gives the right answer"
    for place, name in enumerate(distinct):
        if not given[name]:
            return f"{ask.id}: {name} gives nothing"
        for other in distinct[:place]:
            if _meet(given[name], given[other]):
                return f"{ask.id}: {other} and {name} give the same"
    return None


def _rules(question: Question, listed: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which of an ask's slips must differ from one another, and which further ones from the right answer.

    `listed` are the slips that the ask lists. `distinct` picks among them; where a question has no such list, all of
    them must differ.
    `not_equal_to_right` speaks of the asks that list one of the slips that the rules name.
    """
    rules = question.variant_rules
    distinct = rules.get("distinct", tuple(listed))
    unequal = rules.get("not_equal_to_right", ())
    concerned = not set(listed).isdisjoint((*rules.get("distinct", ()), *unequal))
    return tuple(name for name in distinct if name in listed), unequal if concerned else ()


def _meet(left: tuple[Wrong, ...], right: tuple[Wrong, ...]) -> bool:
    """Whether two slips can give the same number by the same steps."""
    return any(a == b and (not steps or not others or steps == others) for a, steps in left for b, others in right)


# -- variants as text ---------------------------------------------------------------------------------------------


def variant_text(variant: Mapping[str, int]) -> str:
    """A variant as it is printed on a sheet: `q2.image=96,q2.k1=5`."""
    return ",".join(f"{name}={value}" for name, value in variant.items())


def parse_variant(text: str) -> dict[str, int]:
    """A variant as it is printed. Raises SheetError for other text."""
    variant: dict[str, int] = {}
    for entry in text.split(",") if text.strip() else ():
        match = _ENTRY.fullmatch(entry)
        if match is None or match.group(1) in variant:
            raise SheetError("a variant is written as name=number,name=number", got=repr(entry[:40]))
        variant[match.group(1)] = int(match.group(2))
    return variant


def parameters_of(sheet: Sheet, variant: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """The parameters of each question for a variant: the printed ones, with those of the variant in their place.

    A name may leave out its question (`image`) where one question only has it. Raises SheetError for a name or a value
    that the sheet does not list: nobody chooses numbers of their own.
    """
    params = {question.id: dict(question.params) for question in sheet.questions}
    for name, value in variant.items():
        owners = [q for q in sheet.questions if name.startswith(f"{q.id}.") and name.removeprefix(f"{q.id}.") in q.params]
        owners = owners or [q for q in sheet.questions if name in q.params]
        if len(owners) != 1:
            known = [f"{q.id}.{param}" for q in sheet.questions for param in q.params]
            rule = "several questions have this parameter" if owners else "the sheet has no such parameter"
            raise SheetError(rule, got=name[:40], remedy=f"known: {', '.join(known)}"[:300])
        question = owners[0]
        param = name.removeprefix(f"{question.id}.")
        if value not in (question.params[param], *question.variants[param]):
            listed = ", ".join(map(str, question.variants[param]))
            raise SheetError("the sheet does not deal this value", where=name[:40], got=f"{value}", remedy=f"listed: {listed}")
        params[question.id][param] = value
    return params
