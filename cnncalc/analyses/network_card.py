"""A named architecture on one card: its paper, its numbers beside the published ones, its maps and their fields."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.analyses.analyze import analyze
from cnncalc.analyses.stages import Stage, stages
from cnncalc.zoo import ARCHITECTURES, CATALOGUE
from cnncalc.zoo.published import CHANNELS_LAST, NOTES, Published, published, published_input

if TYPE_CHECKING:
    from cnncalc.report import Report

#: The papers that a family's file names.
PAPER = re.compile(r"Source: (.*?)(?:\n\n|$)", re.DOTALL)


class Card(NamedTuple):
    """What there is to say of a network: `stages` are its maps, one of each size."""

    name: str
    family: str
    about: str
    source: str
    report: Report
    published: Published
    stages: list[Stage]
    note: str

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data for JSON."""
        report, told = self.report, self.published
        return {
            "format": "cnncalc.network/1",
            "name": self.name,
            "family": self.family,
            "about": self.about,
            "source": self.source,
            "input_shape": list(report.input_shapes[0]),
            "output_shape": _plain(report.output_shape),
            "params": int(report.params),
            "macs": int(report.macs),
            "published": {"params": told.params, "billion_macs": told.macs, "by": told.by},
            "stages": [_stage(stage) for stage in self.stages],
            "note": self.note,
        }


def network_card(name: str) -> Card:
    """The card of an architecture, for the image that it was published for."""
    family = next(file for file, names in CATALOGUE.items() if name in names)
    module = import_module(f"cnncalc.zoo._{family}")
    report = analyze(ARCHITECTURES[name](), published_input(name))
    maps = stages(report, channels_last=family in CHANNELS_LAST)
    about = " ".join((getattr(module, name).__doc__ or "").split("\n\n")[0].split())
    source = PAPER.search(module.__doc__ or "")
    paper = " ".join(source.group(1).split()) if source else ""
    return Card(name, family, about, paper, report, published(name), maps, NOTES.get(family, ""))


def _stage(stage: Stage) -> dict[str, Any]:
    """The map of a row and its field: what windows cover, smallest and largest, and whether mixing makes it everything."""
    field = stage.row.receptive_field
    local = field and (field.without_mixing or field)
    sizes = local.sizes[0] if local is not None and local.sizes else None
    stride = local.stride[0] if local is not None and local.stride else None
    return {
        "row": stage.row.path,
        "channels": stage.channels,
        "height": stage.height,
        "width": stage.width,
        "field": None if sizes is None else list(sizes),
        "stride": None if stride is None else str(stride),
        "whole": bool(field and field.whole),
    }


def _plain(shape: Any) -> Any:
    """A shape, or several, as lists."""
    if isinstance(shape, dict):
        return {name: _plain(part) for name, part in shape.items()}
    return [_plain(part) for part in shape] if isinstance(shape, tuple) else shape
