"""The arithmetic of U-Net and DenseNet as it is taught: sizes and channels level by level, with the working.

Every number is read from the report of the network itself; the working says how it comes about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.analyses.analyze import analyze
from cnncalc.errors import UnsupportedError
from cnncalc.render import levels as rendering
from cnncalc.report import Report, plain
from cnncalc.sizes import Shape, Size, product
from cnncalc.zoo._densenet import DenseNet
from cnncalc.zoo._unet import UNet

if TYPE_CHECKING:
    from cnncalc.module import Module


class Levels:
    """A network level by level: `kind` ("unet" or "densenet"), `steps` in order, `totals`. Printed, it is the working."""

    def __init__(self, kind: str, network: str, shape: Shape, steps: list[dict[str, Any]], totals: dict[str, Any]) -> None:
        """Keep the parts."""
        self.kind = kind
        self.network = network
        self.shape = shape
        self.steps = steps
        self.totals = totals

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data for JSON: numbers, formulas as text."""
        return {
            "format": "cnncalc.levels/1",
            "kind": self.kind,
            "network": self.network,
            "input_shape": plain(self.shape),
            "steps": [{name: _plain(value) for name, value in step.items()} for step in self.steps],
            "totals": {name: plain(value) for name, value in self.totals.items()},
        }

    def to_svg(self) -> str:
        """A drawing with the numbers in it: a U, or the dense blocks in a row."""
        return rendering.as_svg(self.to_dict())

    def __str__(self) -> str:
        """The working, line by line."""
        return rendering.as_text(self.to_dict())


def levels(network: Module, shape: Any) -> Levels:
    """The levels of a U-Net (`cc.zoo.unet()`) or the layers of a DenseNet (`cc.zoo.densenet121()`), for an input shape.

    U-Net: sizes and channels on the way down and up, how the map of the same level is brought to fit, channels joined,
    parameters of encoder, bottom and decoder. DenseNet: channels before and after each layer and transition, the
    L(L + 1)/2 connections of a block, the cells of its concatenations. Raises UnsupportedError for other networks.
    """
    if isinstance(network, UNet):
        return _unet(network, analyze(network, shape))
    if isinstance(network, DenseNet):
        return _densenet(network, analyze(network, shape))
    raise UnsupportedError(
        "levels are told of U-Nets and DenseNets", got=type(network).__name__, remedy="cnncalc.zoo.unet() or densenet121()"
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else plain(value)


def _unet(network: UNet, report: Report) -> Levels:
    """Down, the bottom, up, the head."""
    batch = len(report.input_shapes[0]) - 3
    steps: list[dict[str, Any]] = []
    before = report.input_shapes[0][batch:]
    for level in range(1, network.depth + 1):
        row, pooled = report[f"enc{level}"], report[f"pool{level}"].output_shape[batch:]
        output = row.output_shape[batch:]
        steps.append(_step("down", level, before, output, row.params) | {"pooled": pooled})
        before = pooled
    row = report["bottom"]
    steps.append(_step("bottom", network.depth + 1, before, row.output_shape[batch:], row.params))
    before = row.output_shape[batch:]
    for level in range(network.depth, 0, -1):
        up, row = report[f"up{level}"], report[f"dec{level}"]
        raised, skip = up.output_shape[batch:], report[f"enc{level}"].output_shape[batch:]
        fitted = skip if network.skip == "pad" else raised
        step = _step("up", level, before, row.output_shape[batch:], up.params + row.params)
        steps.append(
            step
            | {
                "raised": raised,
                "skip": skip,
                "how": network.skip,
                "more": [skip[axis] - raised[axis] for axis in (1, 2)],
                "joined": (skip[0] + raised[0], *fitted[1:]),
            }
        )
        before = row.output_shape[batch:]
    row = report["head"]
    steps.append(_step("head", 0, before, row.output_shape[batch:], row.params))
    totals: dict[str, Any] = {
        name: sum((step["params"] for step in steps if step["way"] in ways), start=0)
        for name, ways in (("encoder", ("down",)), ("bottom", ("bottom",)), ("decoder", ("up", "head")))
    }
    totals |= {"params": report.params.value, "macs": report.macs.value}
    return Levels("unet", report.network, report.input_shapes[0], steps, totals)


def _step(way: str, level: int, before: Shape, after: Shape, params: Size) -> dict[str, Any]:
    """One step of a U-Net."""
    return {"way": way, "level": level, "before": before, "after": after, "params": params}


def _densenet(network: DenseNet, report: Report) -> Levels:
    """The stem, and for each block its layers and its transition."""
    batch = len(report.input_shapes[0]) - 3
    names = list(network.features._children)
    blocks = [name for name in names if name.startswith("denseblock")]
    stem = report[f"features.{names[names.index(blocks[0]) - 1]}"].output_shape[batch:]
    steps: list[dict[str, Any]] = [{"way": "stem", "name": "stem", "before": report.input_shapes[0][batch:], "after": stem}]
    before, connections, joined = stem, 0, 0
    lead = product(report.input_shapes[0][:batch])
    for number, block in enumerate(blocks, start=1):
        layers: list[dict[str, Any]] = []
        channels = before[0]
        for name in network.features._children[block]._children:
            row = report[f"features.{block}.{name}"]
            growth = row.output_shape[batch]
            layers.append({"name": name, "before": channels, "growth": growth, "after": channels + growth, "params": row.params})
            channels = channels + growth
        row = report[f"features.{block}"]
        cells = lead * product(before[1:])
        held = sum((layer["before"] * cells for layer in layers), start=0)
        count = len(layers) * (len(layers) + 1) // 2
        steps.append(
            {
                "way": "block",
                "name": block,
                "before": before,
                "after": row.output_shape[batch:],
                "params": row.params,
                "layers": layers,
                "connections": count,
                "concatenated": held,
            }
        )
        connections, joined, before = connections + count, joined + held, row.output_shape[batch:]
        transition = f"features.transition{number}"
        if transition in report:
            row = report[transition]
            after = row.output_shape[batch:]
            steps.append(
                {"way": "transition", "name": f"transition{number}", "before": before, "after": after, "params": row.params}
            )
            before = after
    totals = {
        "connections": connections,
        "concatenated": joined,
        "concatenated_bytes": 4 * joined,
        "params": report.params.value,
        "macs": report.macs.value,
    }
    return Levels("densenet", report.network, report.input_shapes[0], steps, totals)
