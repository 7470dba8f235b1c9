"""What a sheet says, as plain frozen data: questions, parts, asks, networks, claims, slips. Nothing is computed here.

Annotations are not postponed: `NamedTuple` would compile the text of each, which takes longer than all else in this file.
"""

from typing import Any, NamedTuple

#: A text in every language of the sheet, by language code.
Localized = dict[str, str]


class Asked(NamedTuple):
    """A quantity of a network: `quantity` of the network `net`, of the row `at` if one is named."""

    quantity: str
    net: str = ""
    at: str = ""
    of: int = 0


class Net(NamedTuple):
    """A network in written form, the shape of its input without the batch, and numbers for its symbols.

    `extends` names a network whose layers come first; `train` is the qualified-name prefix of what is trained, the rest
    being frozen ("" trains everything).
    """

    name: str
    layers: str
    input: str
    extends: str
    train: str
    symbols: dict[str, tuple[int, ...]]


class Claim(NamedTuple):
    """What the handwritten solution says. `verdict` is typed only where it can't be worked out."""

    value: Any
    trace: tuple[int, ...]
    verdict: str
    note: Localized


class Reading(NamedTuple):
    """Another fair reading of an ask: its own quantity, the share of the marks it earns, and what it rests on."""

    answer: Asked
    credit: float
    note: Localized
    golden: Any
    needs_label: tuple[str, ...]


class Misconception(NamedTuple):
    """A known slip: a rule of the library by id, or a quantity of the sheet's own with its text.

    `collides` says that the sheet knows: with the printed numbers the slip gives nothing, the right answer, or that of
    another reading, so it is told apart in variants at most.
    """

    id: str
    answer: Asked | None
    text: Localized
    credit: float | None
    collides: bool = False


class Option(NamedTuple):
    """One option of a choice: its id is the answer; `note` is said to who takes it, and `credit` is what it earns."""

    id: str
    text: Localized
    right: bool
    credit: float
    note: Localized


class RubricPoint(NamedTuple):
    """What a marker looks for in a text; a red flag costs marks."""

    point: Localized
    required: bool
    red_flag: bool


class Ask(NamedTuple):
    """One thing to answer: a quantity, a choice of `options`, or (kind "text") a model answer with its rubric."""

    id: str
    kind: str
    marks: float
    text: Localized
    answer: Asked | None
    trace: Asked | None
    golden: Any
    trace_golden: tuple[int, ...]
    claim: Claim | None
    readings: tuple[Reading, ...]
    misconceptions: tuple[Misconception, ...]
    model: Localized
    rubric: tuple[RubricPoint, ...]
    split: dict[str, float]
    follow: dict[str, str]
    options: tuple[Option, ...] = ()

    @property
    def right_option(self) -> Option | None:
        """The right option of a choice; None for another kind."""
        return next((option for option in self.options if option.right), None)


class Part(NamedTuple):
    """A printed part of a question: its heading, its text, and which reading of it the answers rest on."""

    id: str
    title: Localized
    text: Localized
    reading: Localized


class Fact(NamedTuple):
    """A computed line shown with the answers and not graded; `{value}` in its text is the value."""

    id: str
    text: Localized
    answer: Asked | None
    golden: Any


class Question(NamedTuple):
    """A question: texts, parameters, networks, parts, asks and facts."""

    id: str
    marks: float
    title: Localized
    text: Localized
    params: dict[str, int]
    variants: dict[str, tuple[int, ...]]
    variant_rules: dict[str, tuple[str, ...]]
    nets: dict[str, Net]
    parts: tuple[Part, ...]
    asks: tuple[Ask, ...]
    facts: tuple[Fact, ...]

    def asks_of(self, name: str) -> list[Ask]:
        """The asks that a name selects: the question's own, a part's (`q2.4`), or one ask's (`q2.4.rf`)."""
        return [ask for ask in self.asks if name == ask.id or f"{ask.id}.".startswith(f"{name}.")]

    def checks(self, name: str) -> int:
        """How many quantities there are to be checked under a name."""
        asks = [ask for ask in self.asks_of(name) if ask.answer is not None]
        facts = [fact for fact in self.facts if fact.answer is not None] if name == self.id else []
        return sum(1 + (ask.trace is not None) + len(ask.readings) for ask in asks) + len(facts)

    def part_of(self, ask: Ask) -> Part | None:
        """The part whose id prefixes the ask's, the longest such."""
        fitting = [part for part in self.parts if ask.id == part.id or ask.id.startswith(f"{part.id}.")]
        return max(fitting, key=lambda part: len(part.id), default=None)


class Sheet(NamedTuple):
    """A sheet: its questions, in which languages, and its grading policy."""

    id: str
    version: int
    title: Localized
    languages: tuple[str, ...]
    policy: dict[str, Any]
    questions: tuple[Question, ...]

    def question(self, name: str) -> Question | None:
        """The question that a name such as `q2`, `q2.4` or `q2.4.rf` belongs to."""
        return next((q for q in self.questions if name == q.id or name.startswith(f"{q.id}.")), None)
