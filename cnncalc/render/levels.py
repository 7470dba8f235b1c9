"""U-Nets and DenseNets level by level, as text and as drawings. `data` is what `Levels.to_dict` gives; nothing is computed."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from cnncalc.render.numbers import count_text, shape_text

FONT = "ui-sans-serif, system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
INK, SOFT, DOWN, UP, SKIP, STEP = "#1f2937", "#6b7280", "#2563eb", "#059669", "#d97706", "#7c3aed"


def as_text(data: dict[str, Any]) -> str:
    """The working, a line for each step."""
    lines = [f"{data['network']}, input {shape_text(data['input_shape'])}"]
    lines += _unet_lines(data) if data["kind"] == "unet" else _densenet_lines(data)
    return "\n".join(lines)


def _unet_lines(data: dict[str, Any]) -> list[str]:
    """Down, the bottom, up."""
    lines = []
    for step in data["steps"]:
        way, before, after = step["way"], shape_text(step["before"]), shape_text(step["after"])
        params = f"{count_text(step['params'])} parameters"
        if way == "down":
            lines.append(
                f"down {step['level']}: {before} → two convolutions → {after} → pool → {shape_text(step['pooled'])}; {params}"
            )
        elif way == "up":
            skip, raised = step["skip"], step["raised"]
            lines.append(f"up {step['level']}: {before} → {shape_text(raised)}; {_fit(step)};")
            lines.append(
                f"      joined {skip[0]} + {raised[0]} = {shape_text(step['joined'])} → two convolutions → {after}; {params}"
            )
        else:
            lines.append(f"{way}: {before} → {after}; {params}")
    totals = data["totals"]
    parts = ", ".join(f"{name} {count_text(totals[name])}" for name in ("encoder", "bottom", "decoder"))
    return [*lines, f"parameters: {parts}; {count_text(totals['params'])} in all", f"MACs: {count_text(totals['macs'])}"]


def _fit(step: dict[str, Any]) -> str:
    """How the map of the same level, or in a network that pads the one from below, is brought to fit."""
    if step["more"] == [0, 0]:
        return f"skip {shape_text(step['skip'])} fits as it is"
    amount = shape_text(step["more"])
    if step["how"] == "pad":
        return f"padded by {amount} in all to the skip {shape_text(step['skip'])}"
    return f"skip {shape_text(step['skip'])} cropped by {amount} in all"


def _densenet_lines(data: dict[str, Any]) -> list[str]:
    """The stem, the layers of each block, the transitions."""
    lines = []
    for step in data["steps"]:
        lines.append(f"{step['name']}: {shape_text(step['before'])} → {shape_text(step['after'])}")
        if step["way"] == "block":
            layers = step["layers"]
            lines += [
                f"  {layer['name']}: {layer['before']} channels in, {layer['growth']} new, {layer['after']} after"
                for layer in layers
            ]
            count = len(layers)
            lines.append(f"  connections {count}·({count} + 1)/2 = {count_text(step['connections'])}")
            lines.append(f"  cells of its concatenations {count_text(step['concatenated'])}")
    totals = data["totals"]
    lines.append(f"connections {count_text(totals['connections'])}; concatenations {count_text(totals['concatenated'])} cells")
    lines.append(f"parameters {count_text(totals['params'])}, MACs {count_text(totals['macs'])}")
    return lines


# -- drawings ---------------------------------------------------------------------------------------------------


class _Sheet:
    """An SVG that is added to from the left, and knows how large it has become."""

    def __init__(self, title: str) -> None:
        self.root = ET.Element("svg", xmlns="http://www.w3.org/2000/svg", role="img")
        ET.SubElement(self.root, "title").text = title
        self._defs = ET.SubElement(self.root, "defs")
        self._arrows: set[str] = set()
        self.background = ET.SubElement(self.root, "rect", fill="#ffffff", x="0", y="0")
        self.width = self.height = 0.0

    def box(self, x: float, y: float, w: float, h: float, color: str) -> None:
        """A map of features."""
        ET.SubElement(
            self.root,
            "rect",
            {
                "x": f"{x:g}",
                "y": f"{y:g}",
                "width": f"{w:g}",
                "height": f"{h:g}",
                "rx": "3",
                "fill": color,
                "fill-opacity": "0.16",
                "stroke": color,
            },
        )
        self._reach(x + w, y + h)

    def text(self, x: float, y: float, words: str, *, size: int = 12, color: str = INK, anchor: str = "middle") -> None:
        """A line of text."""
        line = ET.SubElement(
            self.root,
            "text",
            {"x": f"{x:g}", "y": f"{y:g}", "font-size": f"{size}", "fill": color, "text-anchor": anchor, "font-family": FONT},
        )
        line.text = words
        self._reach(x + (0 if anchor == "end" else len(words) * size * (0.3 if anchor == "middle" else 0.6)), y)

    def arrow(self, points: list[tuple[float, float]], color: str, *, dashed: bool = False) -> None:
        """A line with a head."""
        mark = f"head{color[1:]}"
        if mark not in self._arrows:
            self._arrows.add(mark)
            head = {
                "id": mark,
                "viewBox": "0 0 8 8",
                "refX": "7",
                "refY": "4",
                "markerWidth": "7",
                "markerHeight": "7",
                "orient": "auto",
            }
            ET.SubElement(ET.SubElement(self._defs, "marker", head), "path", d="M0 0 L8 4 L0 8 z", fill=color)
        line = {"points": " ".join(f"{x:g},{y:g}" for x, y in points), "fill": "none", "stroke": color, "stroke-width": "1.6"}
        line |= {"stroke-dasharray": "5 4"} if dashed else {}
        ET.SubElement(self.root, "polyline", line | {"marker-end": f"url(#{mark})"})

    def curve(self, path: str, color: str) -> None:
        """A thin bow."""
        ET.SubElement(
            self.root, "path", {"d": path, "fill": "none", "stroke": color, "stroke-width": "1.1", "stroke-opacity": "0.55"}
        )

    def done(self) -> str:
        """The drawing as text."""
        width, height = f"{self.width + 24:g}", f"{self.height + 20:g}"
        self.root.set("viewBox", f"0 0 {width} {height}")
        self.root.set("width", width)
        self.root.set("height", height)
        self.background.set("width", width)
        self.background.set("height", height)
        return ET.tostring(self.root, encoding="unicode") + "\n"

    def _reach(self, x: float, y: float) -> None:
        self.width, self.height = max(self.width, x), max(self.height, y)


def as_svg(data: dict[str, Any]) -> str:
    """A drawing with the numbers in it."""
    sheet = _Sheet(f"{data['network']}, input {shape_text(data['input_shape'])}")
    (_draw_unet if data["kind"] == "unet" else _draw_densenet)(sheet, data)
    return sheet.done()


def _draw_unet(sheet: _Sheet, data: dict[str, Any]) -> None:
    """A U: the encoder on the left, the decoder on the right, a level a row."""
    steps = data["steps"]
    down, up = [s for s in steps if s["way"] == "down"], [s for s in steps if s["way"] == "up"][::-1]
    bottom, head = next(s for s in steps if s["way"] == "bottom"), steps[-1]
    depth, row, wide, tall, inset = len(down), 128, 150, 52, 46
    right = 60 + 2 * depth * inset + 520
    for index, (left_step, right_step) in enumerate(zip(down, up, strict=True)):
        x, y = 24 + index * inset, 56 + index * row
        far = right - index * inset
        _map(sheet, x, y, wide, tall, left_step, DOWN)
        _map(sheet, far, y, wide, tall, right_step, UP)
        sheet.arrow([(x + wide, y + tall / 2), (far, y + tall / 2)], SKIP, dashed=True)
        sheet.text((x + wide + far) / 2, y + tall / 2 - 7, _fit(right_step), color=SKIP)
        joined = f"{right_step['skip'][0]} + {right_step['raised'][0]} → {shape_text(right_step['joined'])}"
        sheet.text((x + wide + far) / 2, y + tall / 2 + 17, joined, color=SOFT, size=11)
        sheet.arrow([(x + wide / 2, y + tall + 20), (x + wide / 2 + inset, y + row - 4)], DOWN)
        sheet.text(
            x + wide / 2 + 38, y + tall + 45, f"pool {shape_text(left_step['pooled'])}", color=DOWN, size=11, anchor="start"
        )
        sheet.arrow([(far + wide / 2 - inset, y + row - 4), (far + wide / 2, y + tall + 20)], UP)
        sheet.text(far + wide / 2 - 40, y + tall + 45, f"up {shape_text(right_step['raised'])}", color=UP, size=11, anchor="end")
    y = 56 + depth * row
    x = 24 + depth * inset
    _map(sheet, x, y, right - depth * inset + wide - x, tall, bottom, STEP)
    sheet.text(24, 30, f"input {shape_text(down[0]['before'])}", anchor="start", size=14)
    sheet.text(right + wide, 30, f"output {shape_text(head['after'])}", anchor="end", size=14)
    totals = data["totals"]
    words = ", ".join(f"{name} {count_text(totals[name])}" for name in ("encoder", "bottom", "decoder"))
    sheet.text((24 + right + wide) / 2, y + tall + 48, f"parameters: {words}; {count_text(totals['params'])} in all", size=13)


def _map(sheet: _Sheet, x: float, y: float, w: float, h: float, step: dict[str, Any], color: str) -> None:
    """What a level gives, with its parameters below."""
    sheet.box(x, y, w, h, color)
    sheet.text(x + w / 2, y + h / 2 + 5, shape_text(step["after"]), size=14)
    sheet.text(x + w / 2, y + h + 14, f"{count_text(step['params'])} parameters", color=SOFT, size=10)


def _draw_densenet(sheet: _Sheet, data: dict[str, Any]) -> None:
    """A row for each block: every layer reads all maps before it, the bows; channels below."""
    y = 40.0
    for step in data["steps"]:
        title = f"{step['name']}   {shape_text(step['before'])} → {shape_text(step['after'])}"
        if step["way"] != "block":
            sheet.text(24, y, title, size=13, color=STEP, anchor="start")
            y += 34
            continue
        layers = step["layers"]
        sheet.text(24, y, title, size=14, color=DOWN, anchor="start")
        notes = f"{count_text(step['connections'])} connections, {count_text(step['concatenated'])} cells concatenated"
        sheet.text(24, y + 18, notes, size=11, color=SOFT, anchor="start")
        gap, size = 62, 34
        high = min(30 + 10 * len(layers), 120)
        base = y + 34 + high
        xs = [24 + gap * place for place in range(len(layers) + 2)]
        sheet.box(xs[0], base, size, size, SKIP)
        sheet.text(xs[0] + size / 2, base + 21, str(step["before"][0]), size=12)
        for place, layer in enumerate(layers, start=1):
            sheet.box(xs[place], base, size, size, DOWN)
            sheet.text(xs[place] + size / 2, base + 21, f"+{layer['growth']}", size=12)
            sheet.text(xs[place] + size / 2, base + size + 15, f"{layer['before']} in", size=10, color=SOFT)
        sheet.box(xs[-1], base, size + 8, size, UP)
        sheet.text(xs[-1] + size / 2 + 4, base + 21, str(step["after"][0]), size=12)
        for end in range(1, len(layers) + 2):
            for start in range(end):
                a, b = xs[start] + size / 2, xs[end] + size / 2
                rise = base - high * min(1.0, (end - start) / max(len(layers), 1)) - 8
                sheet.curve(
                    f"M{a:g} {base:g} C{a:g} {rise:g} {b:g} {rise:g} {b:g} {base:g}", UP if end == len(layers) + 1 else DOWN
                )
        y = base + size + 52
    totals = data["totals"]
    sheet.text(
        24,
        y,
        f"{count_text(totals['connections'])} connections, {count_text(totals['params'])} parameters",
        size=13,
        anchor="start",
    )
