"""Write docs/zoo.md: every named architecture, its numbers beside the published ones. Run it after one was added or changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cnncalc.analyses.network_card import Card, network_card
from cnncalc.render.network_card import as_row
from cnncalc.zoo import CATALOGUE

PAGE = Path(__file__).with_name("zoo.md")
HEAD = """# Named architectures

Made by `python docs/make_zoo.py` from the networks themselves; a test holds it current. `cnncalc list NAME` shows one of
them with the field of every map, `cnncalc summary NAME` every row.

Parameters are all that the network owns; MACs are in 10⁹ for the input given, one image. Beside them stands what others
published: torchvision's metadata, or the paper where its figure is in words. The field is that of the last map, in cells of
the input, far from every border: one size, or the smallest and the largest where it depends on the position; * marks those
where squeeze-and-excitation or attention reads the whole input besides, *all* where nothing else can be told. Maps are
channels × side, the last of each size.

"""
TABLE = "| network | input | parameters | published | MACs | published | field | maps |\n|---|---|---|---|---|---|---|---|\n"


def page(card_of: Callable[[str], Card] = network_card) -> str:
    """The whole page."""
    parts = [HEAD]
    for family, names in CATALOGUE.items():
        cards = [card_of(name) for name in names]
        parts.append(f"## {family}\n\n{cards[0].source}\n\n")
        if cards[0].note:
            parts.append(f"{cards[0].note}\n\n")
        parts.append(TABLE)
        parts += [as_row(card.to_dict()) for card in cards]
        parts.append("\n")
    return "".join(parts).rstrip("\n") + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
