"""The words in pictures, in every language, and numbers as the language writes them."""

from __future__ import annotations

from typing import Any

#: Makes a line right-to-left whatever it begins with; it has no shape of its own.
RIGHT_TO_LEFT_MARK = "\u200f"
#: What stands between the two keeps its order from left to right inside a right-to-left line.
LEFT_TO_RIGHT, END = "\u2066", "\u2069"
PERSIAN = str.maketrans("0123456789,.", "۰۱۲۳۴۵۶۷۸۹٬٫")

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "field": "Receptive field of {name} at {at}",
        "layers": "Fields of all layers up to {name} at {at}",
        "phases": "Receptive fields of neighbouring cells of {name}",
        "paths": "Paths to {name} at {at}",
        "half": "half of all paths begin in {half} of the {count} cells that are read",
        "part": "paths, the most = 1",
        "network": "the output",
        "extent": "{box} cells from first to last, {count} read",
        "empty": "no cell of the input is read: the field is empty",
        "read": "cells that are read",
        "image": "input, {lengths}",
        "unclipped": "field without borders, {size}",
        "cell": "output cell",
        "width": "column of the input",
        "height": "row of the input",
        "depth": "slice of the input",
        "axis": "{name} of the input",
        "both": "row or column of the input",
        "size_of": "{size} cells",
    },
    "fa": {
        "field": "میدان دریافتِ {name} در خانهٔ {at}",
        "layers": "میدان دریافتِ همهٔ لایه‌ها تا {name} در خانهٔ {at}",
        "phases": "میدان دریافتِ خانه‌های همسایهٔ {name}",
        "paths": "مسیرها تا {name} در خانهٔ {at}",
        "half": "نیمی از همهٔ مسیرها از {half} خانه از {count} خانهٔ خوانده‌شده می‌آیند",
        "part": "شمارِ مسیرها، بیشترین = ۱",
        "network": "خروجی",
        "extent": "{box} خانه از نخستین تا آخرین، {count} خانه خوانده می‌شود",
        "empty": "هیچ خانه‌ای از ورودی خوانده نمی‌شود: میدان تهی است",
        "read": "خانه‌هایی که خوانده می‌شوند",
        "image": "ورودی، {lengths}",
        "unclipped": "میدان بدون لبه‌ها، {size}",
        "cell": "خانهٔ خروجی",
        "width": "ستونِ ورودی",
        "height": "سطرِ ورودی",
        "depth": "برشِ ورودی",
        "axis": "{name} ورودی",
        "both": "سطر یا ستونِ ورودی",
        "size_of": "{size} خانه",
    },
}


class Words:
    """Labels in one language."""

    def __init__(self, language: str) -> None:
        """Take the language: en or fa."""
        self.language = language
        self._words = WORDS[language]
        self.is_right_to_left = language == "fa"

    def __call__(self, key: str, **values: Any) -> str:
        """A label with values put in, numbers in the language's digits, ready to be set."""
        shown = {name: value if isinstance(value, str) else self.number(value) for name, value in values.items()}
        text = self._words[key].format(**shown)
        return f"{RIGHT_TO_LEFT_MARK}{text}" if self.is_right_to_left else text

    def number(self, value: int) -> str:
        """A whole number, in groups of three from five digits on."""
        return self.digits(f"{value:,}" if abs(value) >= 10_000 else str(value))  # noqa: PLR2004 - four digits read well

    def digits(self, text: str) -> str:
        """A number's text in the language's digits and separators."""
        return text.translate(PERSIAN) if self.is_right_to_left else text

    def product(self, numbers: list[int]) -> str:
        """Lengths as 36×36. Left to right in every language."""
        return self._in_order("×".join(map(self.number, numbers)))

    def cell(self, indices: list[int]) -> str:
        """A cell as (3, 14). Left to right in every language."""
        return self._in_order(f"({', '.join(map(self.number, indices))})")

    def _in_order(self, text: str) -> str:
        return f"{LEFT_TO_RIGHT}{text}{END}" if self.is_right_to_left else text

    def plain(self, text: str) -> str:
        """A label without the marks of direction, for text that is not drawn."""
        return text.lstrip(RIGHT_TO_LEFT_MARK)

    def axis(self, names: list[str]) -> str:
        """The label of an axis that stands for one axis of the input, or for several that look alike."""
        if sorted(names) == ["height", "width"]:
            return self("both")
        return self(names[0]) if names[0] in self._words else self("axis", name=names[0])
