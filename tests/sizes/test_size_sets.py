"""Sets of sizes, all small ones: each against its members listed one by one, its form, its text, and its limits."""

from __future__ import annotations

import re
import time
from itertools import islice, product, takewhile

import pytest

import cnncalc as cc
from cnncalc.sizes import SizeSet
from cnncalc.sizes.sets import MOST_BITS

#: From START on the sets here repeat, with one of the PERIODS.
START, PERIODS = 3, (1, 2, 3, 4)
#: Members are listed so far: two sets together repeat with a period of at most 12.
END = 60


def listed(head, start, tail, period):
    """The members below END, from what a set is said to be made of."""
    return frozenset(n for n in range(1, END) if (head >> n if n < start else tail >> n % period) & 1)


def made():
    """Each way to write a small set, with its members."""
    for start in range(1, START + 1):
        for head in range(1 << start):
            for period in PERIODS:
                for tail in range(1 << period):
                    yield SizeSet(head, start, tail, period, "h"), listed(head, start, tail, period)


@pytest.fixture
def sets():
    """One set for each list of members."""
    return list({members: sizes for sizes, members in made()}.items())


@pytest.fixture
def few(sets):
    """Enough of them for pairs."""
    return [(members, sizes) for members, sizes in sets if repeats(members) != 4]


def test_sets_are_equal_where_their_members_are(few):
    forms = {}
    for sizes, members in made():
        form = forms.setdefault(members, sizes)
        assert sizes == form
        assert hash(sizes) == hash(form)
        assert str(sizes) == str(form)
    assert len(set(forms.values())) == len(forms)
    assert all((one == other) == (a == b) for (a, one), (b, other) in product(few, few))
    assert SizeSet.of([3]) != 8
    assert (SizeSet() == 0) is False


def test_members(sets):
    for members, sizes in sets:
        assert {n for n in range(-3, END) if n in sizes} == members
        assert list(takewhile(lambda n: n < END, islice(sizes, END))) == sorted(members)
        assert bool(sizes) is bool(members)
        assert sizes.smallest == min(members, default=None)
        assert "1" not in sizes
        assert 1.0 not in sizes


def test_the_end_of_a_set(sets):
    for members, sizes in sets:
        assert sizes.is_finite is (max(members, default=0) <= START)
        if sizes.is_finite:
            assert len(sizes) == len(members)
            assert sizes.largest == max(members, default=None)
            continue
        with pytest.raises(cc.UnsupportedError, match=rf"^the set has no end; got {re.escape(str(sizes))}; ask is_finite first$"):
            len(sizes)
        with pytest.raises(cc.UnsupportedError, match=rf"^there is no largest size; got {re.escape(str(sizes))}$"):
            _ = sizes.largest


def repeats(members):
    """The smallest period from START on."""
    return next(p for p in range(1, 13) if all((n in members) == (n + p in members) for n in range(START, END - p)))


def test_the_period_is_the_smallest():
    for period in range(1, 11):
        for tail in range(1, 1 << period):
            steps = [step for step in range(1, period + 1) if period % step == 0]
            bits = [tail >> place & 1 for place in range(period)]
            shortest = next(step for step in steps if bits == bits[step:] + bits[:step])
            assert {step for _, step in SizeSet(0, 1, tail, period).progressions} == {shortest}
    for period in (15, 25, 49, 77, 121, 6006):
        assert SizeSet.progression(4, period).progressions == ((4, period),)
        assert SizeSet(0, 1, (1 << 3) | (1 << (period + 3)), 2 * period).progressions == ((3, period),)
        assert SizeSet(0, 1, (1 << period) - 1, period) == SizeSet.everything()


def begun(members, remainder, period):
    """Where a remainder's progression begins: the first number from which on all are members."""
    numbers = [n for n in range(1, END) if n % period == remainder]
    return next(n for place, n in enumerate(numbers) if members.issuperset(numbers[place:]))


def test_progressions_begin_as_soon_as_they_can(sets):
    for members, sizes in sets:
        if sizes.is_finite:
            expected = ()
        else:
            period = repeats(members)
            expected = tuple(sorted((begun(members, n % period, period), period) for n in members if n >= END - period))
        assert sizes.progressions == expected
        rest = [n for n in sorted(members) if not any(n in range(first, END, step) for first, step in expected)]
        assert sizes.exceptions == tuple(rest)


def test_progressions_that_begin_long_before_the_set_repeats():
    sizes = SizeSet.progression(5, 6) | SizeSet.progression(33, 6) | SizeSet.of([1, 8, 15, 27])
    assert sizes.progressions == ((5, 6), (27, 6))
    assert sizes.exceptions == (1, 8, 15)
    gap = SizeSet.progression(3, 5) - SizeSet.of([13])
    assert gap.progressions == ((18, 5),)
    assert gap.exceptions == (3, 8)


def test_neighbours(sets):
    for members, sizes in sets:
        for size in range(-3, 25):
            below = max((n for n in members if n <= size), default=None)
            above = min((n for n in members if n >= size), default=None)
            assert sizes.below(size) == below, (sizes, size)
            assert sizes.above(size) == above, (sizes, size)
            if members:
                assert sizes.nearest(size) == min(members, key=lambda n: (abs(n - size), -n))
            else:
                with pytest.raises(cc.ShapeError, match=r"^no size works$"):
                    sizes.nearest(size)


def test_far_beyond_a_set():
    assert SizeSet.of([3, 9]).nearest(10**12) == 9
    assert SizeSet.progression(5, 7).nearest(10**12) == 10**12 - 3
    assert SizeSet.of([3, 9]).above(10**12) is None


@pytest.mark.parametrize("size", [2.5, "3", None, True, 3.0])
def test_only_a_whole_number_has_a_nearest(size):
    with pytest.raises(cc.ArgumentError, match=r"a size is a whole number"):
        SizeSet.progression(3, 4).nearest(size)


def test_sets_from_pairs(few):
    for (members, sizes), (others, other) in product(few, [(others, other.named("w")) for others, other in few]):
        for made, expected in (
            (sizes & other, members & others),
            (sizes | other, members | others),
            (sizes - other, members - others),
        ):
            assert {n for n in range(1, END) if n in made} == expected
            assert made.name == "h"
        assert (sizes <= other) == (members <= others)


def test_all_others(sets):
    for members, sizes in sets:
        assert {n for n in range(-3, END) if n in ~sizes} == set(range(1, END)) - members
        assert (~sizes).name == "h"


@pytest.mark.parametrize("first", [1, 2, 5, 9])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_members_of_a_progression_by_their_number(first, step, sets):
    for members, sizes in sets:
        taken = sizes.taken_from(first, step)
        assert {n for n in range(-3, END) if n in taken} == {n for m in members if (n := first + step * (m - 1)) < END}
        assert taken.name == "h"


@pytest.mark.parametrize("step", [1, 2, 5])
def test_progressions(step):
    for first in range(-9, 9):
        made = SizeSet.progression(first, step, "w")
        assert {n for n in range(-12, END) if n in made} == {n for n in range(first, END, step) if n >= 1}
        assert made.name == "w"


def test_sets_that_are_made():
    assert list(SizeSet.of([5, 2, 2, 9], "w")) == [2, 5, 9]
    assert list(SizeSet.of(())) == []
    assert list(SizeSet.of([0, 1])) == [1]
    assert list(islice(SizeSet.everything(), 3)) == [1, 2, 3]
    assert [made.name for made in (SizeSet(), SizeSet.of([1]), SizeSet.everything(), SizeSet.progression(1, 2))] == ["n"] * 4
    assert [made.name for made in (SizeSet.of([1], "w"), SizeSet.everything("w"), SizeSet().named("w"))] == ["w"] * 3


# -- limits -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda most: SizeSet.of([1, most]),
        lambda most: SizeSet.progression(most, 3),
        lambda most: SizeSet.progression(3, most),
        lambda most: SizeSet.of([1]).taken_from(most - 1, 1),
        lambda most: SizeSet.progression(2, 1).taken_from(most - 3, 3),
        lambda most: SizeSet.progression(1, 4).taken_from(1, most // 4 + most % 4),
    ],
)
def test_a_set_that_would_not_fit_is_refused(make):
    assert make(MOST_BITS)
    with pytest.raises(
        cc.UnsupportedError, match=r"^the sizes repeat too late to be listed; got 16,777,2\d\d; at most 16,777,216$"
    ):
        make(MOST_BITS + 1)


def test_periods_together_have_the_same_limit():
    one, other = SizeSet.progression(1, 4096), SizeSet.progression(1, 4095)
    assert (one & other).progressions == ((1, 4096 * 4095),)
    with pytest.raises(cc.UnsupportedError, match=r"got 16,781,312"):
        one | SizeSet.progression(1, 4097)


def test_no_numbers_are_too_large_for_no_members():
    assert not SizeSet().taken_from(10**12, 10**12)


def test_large_sets_take_no_time():
    """What grows with the square of the size would take minutes here."""
    started = time.process_time()
    late = SizeSet.progression(10**6, 1)
    assert not late - SizeSet.progression(9, 1)
    assert list((late - SizeSet.progression(10**6 + 1, 1)) | SizeSet.of([7])) == [7, 10**6]
    assert SizeSet.progression(5, 1 << 22).smallest == 5
    assert time.process_time() - started < 1


# -- text -------------------------------------------------------------------------------------------------------

PART = re.compile(
    r"h ∈ \{(?P<list>[^}]*)\}|h = (?P<one>\d+)|"
    r"h ≡ (?P<rests>[\d, or]+) \(mod (?P<step>\d+)\), h ≥ (?P<first>\d+)|h ≥ (?P<low>\d+)"
)


def listing(text):
    """The numbers of a list in which a run is shortened by dots."""
    numbers = []
    for piece in text.split(", "):
        if piece == "…":
            numbers.append(None)
        elif numbers and numbers[-1] is None:
            numbers.pop()
            numbers += range(numbers[-1], int(piece) + 1, numbers[-1] - numbers[-2])[1:]
        else:
            numbers.append(int(piece))
    return numbers


def members_said(text):
    """The members below END that the text of a set names: what a reader takes from it."""
    if text == "h ∈ ∅":
        return set()
    parts = list(PART.finditer(text))
    assert " or ".join(part[0] for part in parts) == text
    members = set()
    for part in parts:
        if part["list"] or part["one"]:
            members |= set(listing(part["list"] or part["one"]))
        else:
            rests, step = [int(rest) for rest in re.findall(r"\d+", part["rests"] or "0")], int(part["step"] or 1)
            members |= {n for n in range(int(part["first"] or part["low"]), END) if n % step in rests}
    return members


def test_text_names_the_members(sets):
    for members, sizes in sets:
        assert members_said(str(sizes)) == members, str(sizes)


def test_lists_name_their_members():
    for bits in range(1, 1 << 11):
        members = [n + 1 + (n > 8) for n in range(11) if bits >> n & 1]
        text = str(SizeSet.of(members, "h"))
        assert members_said(text) == set(members)
        assert ("=" in text) == (len(members) == 1)
    for first, step, length in product((1, 4), (1, 2, 3), range(2, 12)):
        for more in ((), (50,), (51, 52), (50, 52, 54, 55)):
            members = [*range(first, first + step * length, step), *more]
            text = str(SizeSet.of(members, "h"))
            assert members_said(text) == set(members)
            assert ("…" in text) == (length > 6)
            assert text.count(",") == len(members) - 1 - (length - 4) * (length > 6)


@pytest.mark.parametrize(
    ("sizes", "text"),
    [
        (SizeSet.of(range(1, 7)), "n ∈ {1, 2, 3, 4, 5, 6}"),
        (SizeSet.of(range(1, 8)), "n ∈ {1, 2, …, 7}"),
        (SizeSet.of([3, *range(10, 40, 5)]), "n ∈ {3, 10, 15, 20, 25, 30, 35}"),
        (SizeSet.of([3, *range(10, 45, 5), 41]), "n ∈ {3, 10, 15, …, 40, 41}"),
        (SizeSet.of([*range(1, 8), *range(20, 40, 2)]), "n ∈ {1, 2, …, 7, 20, 22, …, 38}"),
        (SizeSet.of([2, 9]), "n ∈ {2, 9}"),
        (SizeSet.progression(4, 8) | SizeSet.progression(6, 8), "n ≡ 4 or 6 (mod 8), n ≥ 4"),
        (SizeSet.progression(4, 8) | SizeSet.progression(14, 8), "n ≡ 4 (mod 8), n ≥ 4 or n ≡ 6 (mod 8), n ≥ 14"),
        (SizeSet.progression(1, 4) | SizeSet.progression(2, 4) | SizeSet.progression(4, 4), "n ≡ 0, 1 or 2 (mod 4), n ≥ 1"),
        (SizeSet.progression(9, 4) | SizeSet.progression(6, 4) | SizeSet.progression(8, 4), "n ≡ 0, 1 or 2 (mod 4), n ≥ 6"),
        (SizeSet.progression(7, 4) | SizeSet.progression(11, 12), "n ≡ 3 (mod 4), n ≥ 7"),
        (SizeSet.of([2]) | SizeSet.progression(9, 4), "n = 2 or n ≡ 1 (mod 4), n ≥ 9"),
    ],
)
def test_text_is_as_short_as_by_hand(sizes, text):
    assert str(sizes) == repr(sizes) == text


@pytest.mark.parametrize(
    ("sizes", "demand"),
    [
        (SizeSet.progression(1, 2), "h must be odd"),
        (SizeSet.progression(2, 2), "h must be even"),
        (SizeSet.progression(3, 2), "h ≡ 1 (mod 2), h ≥ 3"),
        (SizeSet.progression(4, 2), "h ≡ 0 (mod 2), h ≥ 4"),
        (SizeSet.progression(3, 3), "h must be a multiple of 3"),
        (SizeSet.progression(1, 3), "h ≡ 1 (mod 3), h ≥ 1"),
        (SizeSet.progression(6, 3), "h ≡ 0 (mod 3), h ≥ 6"),
        (SizeSet.progression(1, 1), "h ≥ 1"),
        (SizeSet.progression(2, 1), "h ≥ 2"),
        (SizeSet.of([1]) | SizeSet.progression(4, 2), "h = 1 or h ≡ 0 (mod 2), h ≥ 4"),
        (SizeSet.of([1]) | SizeSet.progression(2, 2), "h = 1 or h ≡ 0 (mod 2), h ≥ 2"),
        (SizeSet.of([2]) | SizeSet.progression(3, 3), "h = 2 or h ≡ 0 (mod 3), h ≥ 3"),
        (SizeSet.progression(1, 3) | SizeSet.progression(3, 3), "h ≡ 0 or 1 (mod 3), h ≥ 1"),
        (SizeSet.of([6]), "h = 6"),
        (SizeSet(), "no h will do"),
    ],
)
def test_what_a_set_asks_of_its_symbol(sizes, demand):
    assert sizes.named("h").demand == demand
