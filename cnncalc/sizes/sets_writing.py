"""Sets of sizes as one line of mathematics: `H ∈ {3, 7} or H ≡ 12 (mod 16), H ≥ 188`."""

from __future__ import annotations

#: Of this many single sizes or progressions on all are written.
_ALL_WRITTEN = 6


def set_text(name: str, singles: tuple[int, ...], progressions: tuple[tuple[int, int], ...]) -> str:
    """A set of sizes as one line: `H ∈ {3, 7} or H ≡ 12 (mod 16), H ≥ 188`; `H ∈ ∅` where there is none."""
    parts = [f"{name} ∈ {{{_runs_text(singles)}}}" if len(singles) > 1 else f"{name} = {singles[0]}"] if singles else []
    if progressions:
        step = progressions[0][1]
        remainders = sorted((first % step, first) for first, step in progressions)
        last_first = max(first for _, first in remainders)
        if step == 1:
            parts.append(f"{name} ≥ {last_first}")
        elif all(first == _first_from(last_first - step + 1, r, step) for r, first in remainders):
            least = min(first for _, first in remainders)
            parts.append(f"{name} ≡ {_listed([r for r, _ in remainders])} (mod {step}), {name} ≥ {least}")
        else:
            parts.append(" or ".join(f"{name} ≡ {r} (mod {step}), {name} ≥ {first}" for r, first in remainders))
    return " or ".join(parts) or f"{name} ∈ ∅"


def _first_from(low: int, remainder: int, step: int) -> int:
    """The first number from `low` on with a remainder."""
    return low + (remainder - low) % step


def _listed(numbers: list[int]) -> str:
    """Numbers joined: `0 or 3`."""
    texts = [str(number) for number in numbers]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"


def _runs_text(sizes: tuple[int, ...]) -> str:
    """Sizes in order, a run with one step shortened: `1, 2, 5, 8, …, 32`."""
    texts: list[str] = []
    index = 0
    while index < len(sizes):
        end = index + 1
        while end + 1 < len(sizes) and sizes[end + 1] - sizes[end] == sizes[index + 1] - sizes[index]:
            end += 1
        if end - index >= _ALL_WRITTEN:
            texts += [str(sizes[index]), str(sizes[index + 1]), "…", str(sizes[end])]
            index = end + 1
        else:
            texts.append(str(sizes[index]))
            index += 1
    return ", ".join(texts)


def demand_text(name: str, singles: tuple[int, ...], progressions: tuple[tuple[int, int], ...]) -> str:
    """What a set asks of its symbol, in words where they are short: `h must be even`; else its formula."""
    if len(progressions) == 1 and not singles:
        first, step = progressions[0]
        if step == 2:  # noqa: PLR2004 - the two remainders that have names
            words = "odd" if first == 1 else "even" if first == step else ""
            if words:
                return f"{name} must be {words}"
        if first == step != 1:
            return f"{name} must be a multiple of {step}"
    return set_text(name, singles, progressions) if singles or progressions else f"no {name} will do"
