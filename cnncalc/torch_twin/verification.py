"""What a comparison with torch found, as plain data: nothing here needs torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.errors import DisagreementError

if TYPE_CHECKING:
    from cnncalc.sizes import Shape

#: How many checks of one kind a text shows before it counts the rest.
_SHOWN = 12


class Check(NamedTuple):
    """One figure, by cnncalc and by torch.

    `ok` is None where torch was not asked; `torch` then says why. A figure is a number, a shape or a text.
    """

    what: str
    ours: Any
    torch: Any
    ok: bool | None

    def __str__(self) -> str:
        """One line: what, and both figures where they differ."""
        if self.ok is None:
            return f"{self.what}: {self.torch}"
        if self.ok:
            return f"{self.what}: {self.ours}"
        return f"{self.what}: cnncalc {self.ours}, torch {self.torch}"


class Verification:
    """What torch, run in this very call, says to the numbers of a network.

    `checks` are the compared figures in order: output shapes, tensors, parameter counts, MACs, receptive fields. A
    figure that torch was not asked for has `ok` None and the reason; it never counts as agreement.
    """

    __slots__ = ("checks", "input_shapes", "network", "torch_version")

    def __init__(self, network: str, input_shapes: tuple[Shape, ...], torch_version: str, checks: list[Check]) -> None:
        """Keep the parts."""
        self.network = network
        self.input_shapes = input_shapes
        self.torch_version = torch_version
        self.checks = checks

    @property
    def agrees(self) -> bool:
        """Whether something was compared and nothing differs."""
        return not self.disagreements and any(check.ok for check in self.checks)

    @property
    def disagreements(self) -> list[Check]:
        """The checks whose figures differ."""
        return [check for check in self.checks if check.ok is False]

    @property
    def not_checked(self) -> list[Check]:
        """The figures that torch was not asked for, each with the reason."""
        return [check for check in self.checks if check.ok is None]

    def raise_for_disagreement(self) -> None:
        """Raise DisagreementError where a figure differs."""
        wrong = self.disagreements
        if wrong:
            more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
            raise DisagreementError(
                f"cnncalc and torch {self.torch_version} disagree",
                where=self.network,
                got=f"{wrong[0]}{more}",
                remedy="please report it with the network and its input",
            )

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data for JSON."""
        return {
            "format": "cnncalc.verification/1",
            "network": self.network,
            "input_shapes": _plain(self.input_shapes),
            "torch_version": self.torch_version,
            "agrees": self.agrees,
            "checks": [
                {"what": check.what, "ours": _plain(check.ours), "torch": _plain(check.torch), "ok": check.ok}
                for check in self.checks
            ],
        }

    def __str__(self) -> str:
        """The verdict, then what differs and what was not compared."""
        compared = len(self.checks) - len(self.not_checked)
        wrong = self.disagreements
        if wrong:
            verdict = f"{len(wrong)} of {compared} figures differ"
        else:
            verdict = f"all {compared} figures agree" if compared else "nothing was compared"
        lines = [f"{self.network}: {verdict}; torch {self.torch_version}, run now"]
        lines += _listed("differs: ", wrong) + _listed("not compared: ", self.not_checked)
        return "\n".join(lines)

    def __repr__(self) -> str:
        """The verdict."""
        return f"<Verification: {str(self).splitlines()[0]}>"


def _listed(lead: str, checks: list[Check]) -> list[str]:
    """A line per check, the first few."""
    lines = [f"  {lead}{check}" for check in checks[:_SHOWN]]
    if len(checks) > _SHOWN:
        lines.append(f"  … and {len(checks) - _SHOWN} more")
    return lines


def _plain(figure: Any) -> Any:
    """Tuples as lists; numbers and text stay."""
    if isinstance(figure, (tuple, list)):
        return [_plain(item) for item in figure]
    if isinstance(figure, dict):
        return {str(key): _plain(item) for key, item in figure.items()}
    return figure
