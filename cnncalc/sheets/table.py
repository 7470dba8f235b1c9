"""Tables of a sheet, read key by key: every value checked, every error with its place, what nobody asked for refused."""

from __future__ import annotations

import tomllib
from typing import Any

from cnncalc.sheets.files import SheetError, name_of, read_text
from cnncalc.sheets.model import Asked, Localized

MOST_MARKS = 1_000_000


def read_table(path: str) -> dict[str, Any]:
    """A TOML file of a sane size."""
    text = read_text(path)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SheetError("the sheet is not TOML in UTF-8", where=name_of(path), got=str(error)[:120]) from None


class Table:
    """A TOML table that is read key by key; what is left over at the end is an error, so that typos are found."""

    def __init__(self, data: Any, place: str) -> None:
        if not isinstance(data, dict):
            raise SheetError("a table is expected here", where=place, got=repr(data)[:40])
        self._data = dict(data)
        self.place = place

    def _take(self, key: str, kinds: tuple[type, ...], expected: str, default: Any) -> Any:
        if key not in self._data:
            if default is REQUIRED:
                raise SheetError(f"{key} is missing", where=self.place)
            return default
        value = self._data.pop(key)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise SheetError(f"{key} must be {expected}", where=self.place, got=repr(value)[:40])
        return value

    def string(self, key: str, default: Any = None) -> str:
        """Text; required where no default is given."""
        value: str = self._take(key, (str,), "text", REQUIRED if default is None else default)
        return value

    def strings(self, key: str, default: Any = None) -> tuple[str, ...]:
        """A list of texts."""
        value = self._take(key, (list,), "a list of texts", REQUIRED if default is None else list(default))
        if not all(isinstance(item, str) for item in value):
            raise SheetError(f"{key} must be a list of texts", where=self.place)
        return tuple(value)

    def integer(self, key: str, default: Any = None) -> int:
        """A whole number."""
        value: int = self._take(key, (int,), "a whole number", REQUIRED if default is None else default)
        return value

    def integers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers, empty where it is missing."""
        value = self._take(key, (list,), "a list of whole numbers", [])
        if not all(type(item) is int for item in value):
            raise SheetError(f"{key} must be a list of whole numbers", where=self.place, got=repr(value)[:40])
        return tuple(value)

    def number(self, key: str, default: Any = None) -> float:
        """A number."""
        return float(self._take(key, (int, float), "a number", REQUIRED if default is None else default))

    def share(self, key: str, default: float) -> float:
        """A share of the marks, from 0 to 1."""
        value = self.number(key, default)
        if not 0 <= value <= 1:
            raise SheetError(f"{key} must be a share from 0 to 1", where=self.place, got=str(value)[:40])
        return value

    def marks(self, key: str) -> float:
        """Marks: a number that is not negative."""
        value = self.number(key)
        if not 0 <= value < MOST_MARKS:
            raise SheetError(f"{key} must be a number from 0 on", where=self.place, got=str(value)[:40])
        return value

    def flag(self, key: str) -> bool:
        """True or false, false where it is missing."""
        return bool(self._take(key, (bool,), "true or false", default=False))

    def value(self, key: str) -> Any:
        """A number, a text, or a list of such, as values are typed; None where it is missing."""
        found = self._take(key, (int, float, str, list), "a number, a text or a list of them", None)
        if isinstance(found, list) and not all(type(item) in {int, float, str} for item in found):
            raise SheetError(f"{key} must be a number, a text or a list of them", where=self.place, got=repr(found)[:40])
        return found

    def dictionary(self, key: str, kinds: tuple[type, ...], expected: str) -> dict[str, Any]:
        """Values of one kind by name, empty where they are missing."""
        found = self._take(key, (dict,), "a table", {})
        for name, value in found.items():
            if type(value) not in kinds:
                raise SheetError(f"{key}.{name} must be {expected}", where=self.place, got=repr(value)[:40])
        return dict(found)

    def has(self, key: str) -> bool:
        """Whether a key is there."""
        return key in self._data

    def names(self) -> tuple[str, ...]:
        """The keys that have not been read yet."""
        return tuple(self._data)

    def table(self, key: str) -> Table:
        """A table that must be there."""
        return Table(self._take(key, (dict,), "a table", REQUIRED), f"{self.place}: {key}")

    def tables(self, key: str) -> list[Table]:
        """An array of tables, empty where it is missing."""
        found = self._take(key, (list,), "an array of tables", [])
        tables = []
        for index, item in enumerate(found):
            name = item.get("id", index + 1) if isinstance(item, dict) else index + 1
            tables.append(Table(item, f"{self.place}: {key} {name}"))
        return tables

    def named_tables(self, key: str) -> dict[str, Table]:
        """Tables by name, empty where they are missing."""
        found = self._take(key, (dict,), "a table of tables", {})
        return {name: Table(item, f"{self.place}: {key}.{name}") for name, item in found.items()}

    def localized(self, key: str, languages: tuple[str, ...], *, optional: bool = False) -> Localized:
        """A text in every language of the sheet; a missing one is an error."""
        value = self._take(key, (dict,), "a text in each language, as in text.en", {} if optional else REQUIRED)
        if not value and optional:
            return {}
        for language in languages:
            if not isinstance(value.get(language), str) or not value[language].strip():
                raise SheetError(f"{key}.{language} is missing", where=self.place, remedy="every text needs every language")
        return {str(language): str(text).strip() for language, text in value.items()}

    def asked(self, key: str) -> Asked | None:
        """A quantity, or None where it is missing."""
        if key not in self._data:
            return None
        inner = self.table(key)
        asked = Asked(inner.string("quantity"), inner.string("net", ""), inner.string("at", ""), inner.integer("of", 0))
        inner.finish()
        return asked

    def finish(self) -> None:
        """Refuse keys that nobody asked for."""
        if self._data:
            raise SheetError("this key has no meaning here", where=self.place, got=", ".join(sorted(self._data))[:80])


REQUIRED: Any = object()
