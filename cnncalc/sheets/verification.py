"""Verifying answers: torch twins of the networks, and every number measured on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.sheets.quantities import evaluate, plain
from cnncalc.sizes import substitute

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.sheets.model import Asked
    from cnncalc.sheets.networks import Built, Networks


class Verifier:
    """Checks quantities with torch, each network once, and keeps count."""

    def __init__(self, on_check: Callable[[], None] = lambda: None) -> None:
        """Make torch ready; raises MissingExtraError where it is not installed. `on_check` is called at each check."""
        from cnncalc.torch_twin import load_oracle

        self._oracle = load_oracle()
        self.torch_version: str = self._oracle.torch_version()
        self.on_check = on_check
        self.checked = 0
        self.networks = 0
        self.disagreements: list[str] = []
        self._known: dict[tuple[Networks, str], bool] = {}

    def agrees(self, networks: Networks, asked: list[Asked]) -> bool:
        """Whether torch agrees with each of these quantities, and with every number of their networks."""
        found = [self._agrees(networks, one) for one in asked]
        return all(found)

    def _agrees(self, networks: Networks, asked: Asked) -> bool:
        ours = evaluate(asked, networks).value
        label = f"{asked.quantity} of {asked.net or asked.of}" + (f" at {asked.at}" if asked.at else "")
        self.checked += 1
        self.on_check()
        if not asked.net:
            return self._note(label, ours, self._oracle.multiples(asked.of))
        built = networks.built(asked.net)
        agreed = True if asked.quantity == "refusal" else self._network_agrees(networks, built)
        for point in built.points():
            if asked.quantity == "refusal":
                agreed = self._note(label, True, self._oracle.refuses(point.module, point.shape)) and agreed  # noqa: FBT003
                continue
            theirs = self._oracle.measure(point.module, point.shape, asked.quantity, asked.at or None)
            label_here = f"{label} for {point.shape}"
            agreed = self._note(label_here, _at_point(ours, point.numbers), theirs) and agreed
        return agreed

    def _network_agrees(self, networks: Networks, built: Built) -> bool:
        """Every number of the network, as `cnncalc.verify` compares them."""
        key = (networks, built.name)
        if key not in self._known:
            self.networks += 1
            found = [self._oracle.verify(point.module, point.shape) for point in built.points()]
            self.disagreements += [f"{built.name}: {line}" for result in found for line in result.disagreements]
            self._known[key] = all(result.agrees for result in found)
        return self._known[key]

    def _note(self, label: str, ours: Any, theirs: Any) -> bool:
        if plain(ours) == plain(theirs):
            return True
        self.disagreements.append(f"{label}: cnncalc {plain(ours)}, torch {plain(theirs)}")
        return False

    def summary(self) -> dict[str, Any]:
        """What was checked, for the end of the answer."""
        return {
            "status": "disagrees" if self.disagreements else "verified",
            "torch": self.torch_version,
            "checked": self.checked,
            "networks": self.networks,
            "disagreements": [str(line) for line in self.disagreements],
        }


def _at_point(value: Any, numbers: dict[str, int]) -> Any:
    """A value with numbers put in for its symbols."""
    if isinstance(value, (list, tuple)):
        return [substitute(item, numbers) for item in value]
    return value if isinstance(value, (str, float)) else substitute(value, numbers)
