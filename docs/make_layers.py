"""Write docs/layers.md: every layer and function, from the classes themselves. Run it after a class was added or changed.

Each class is made with symbols for its arguments and asked about an input of symbols: what stands in the table is what
its facts answer. Where a class takes no symbols, or there is no formula, its column says so in a dash.
"""

from __future__ import annotations

import inspect
from itertools import product
from pathlib import Path
from typing import Any

import cnncalc as cc
from cnncalc.axes import AxisMaps, PerOutput
from cnncalc.errors import CnncalcError
from cnncalc.layers import FAMILIES, FUNCTIONS, named
from cnncalc.layers.functional import LayerFunction
from cnncalc.layers.lazy import Lazy
from cnncalc.sizes import recording

PAGE = Path(__file__).with_name("layers.md")
HEAD = """# Layers and functions

Made by `python docs/make_layers.py` from the classes; a test holds it current. Each class is asked with symbols: shapes,
tensors and MACs are what its facts answer for the call in the second column. Axis maps are listed in the order of the
input's axes: *each*, cell by cell; *all*, every cell; *window*, *transposed* and the like, the maps of
[algebra.md](algebra.md). "Other" is the kind of arithmetic beside MACs, as in [conventions.md](conventions.md).

"""
#: Arguments, by torch's names. A class is made with as many of them as it takes.
ARGUMENTS: dict[str, Any] = {
    "in_channels": "C", "out_channels": "F", "kernel_size": "k", "stride": "s", "padding": cc.symbol("p"), "dilation": "d",
    "num_features": "C", "num_channels": "C", "in_features": "I", "out_features": "O", "in1_features": "I", "in2_features": "J",
    "hidden_size": "h", "input_size": "I", "embed_dim": "E", "num_embeddings": "V", "embedding_dim": "E", "d_model": "E",
    "nhead": 2, "num_heads": 2, "num_groups": 2, "groups": 2, "norm_type": 2, "size": 5, "upscale_factor": "r",
    "downscale_factor": "r", "output_size": "m", "scale_factor": 2, "normalized_shape": (cc.symbol("W"),), "dim": 1,
    "unflattened_size": (2, -1), "threshold": 0.5, "value": 0.0,
}  # fmt: skip
#: Arguments that are given although they have a default, since they stand in the rule of the shape.
GIVEN = {"stride", "padding", "dilation"}
SPACE = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
#: Inputs to try, after the one that a class's name asks for.
INPUTS = [(("N", "C", "H", "W"),), (("N", "C", "L"),), (("N", "I"),), (("L", "N", "I"),), (("N", "I"), ("N", "J"))]
INPUTS += [
    (("N", "L"),),
    (("L", "N", "E"),) * 3,
    (("L", "N", "E"),),
    (("N", 6, "H", "W"),),
    (("N", "C", "H", "W"), ("N", "C", "H", "W")),
]
DASH = "–"
MAPS = {"Each": "each", "Everything": "all"}


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for file, names in FAMILIES.items():
        parts.append(f"## {file.replace('_', ' ').capitalize()}\n\n")
        parts.append("| layer | call | output | tensors | MACs | axis maps | other |\n|---|---|---|---|---|---|---|\n")
        parts += [_layer_row(name) for name in names]
        parts.append("\n")
    parts.append("## Functions\n\n")
    parts.append("A function that stands on a layer has that layer's facts.\n\n")
    parts.append("| functions | found in | does | other |\n|---|---|---|---|\n")
    parts += [row for names in FUNCTIONS.values() for row in _function_rows(names)]
    return "".join(parts)


# -- layers -----------------------------------------------------------------------------------------------------


def _layer_row(name: str) -> str:
    """One layer, asked with symbols."""
    kind = named(name)
    doc = _sentence(kind)
    if issubclass(kind, Lazy):
        return _row(f"`{name}`", "", doc, "", "", "", "")
    asked = _asked(kind)
    if asked is None:
        return _row(f"`{name}`", "", doc, DASH, DASH, DASH, _work(kind))
    layer, inputs, output = asked
    shapes = ", ".join(map(_shape, inputs))
    return _row(
        f"`{name}`: {doc}",
        f"`{layer!r}`".replace('"', "") + f" on {shapes}",
        _nested(output),
        ", ".join(f"{tensor} {_shape(shape)}" for tensor, shape in layer.tensors().items()),
        _fact(lambda: _zero(layer.macs(*inputs))),
        _fact(lambda: "; ".join(_maps(maps) for maps in _first_output(layer.axes(*inputs)))),
        _work(kind),
    )


def _asked(kind: Any) -> tuple[Any, tuple[Any, ...], Any] | None:
    """A layer, shapes that it takes on the fewest conditions, and what it gives; None where nothing is taken.

    A layer that is too general for its axis maps to be told gives way to a later one.
    """
    found = []
    for layer, inputs in product(_made(kind), _inputs(kind)):
        try:
            with recording() as recorder:
                output = layer.output_shape(*inputs)
                conditions = len(recorder.requirements)
                found.append((_fact(lambda: layer.axes(*inputs)) == DASH, conditions, len(found), layer, inputs, output))  # noqa: B023
        except (CnncalcError, TypeError, ValueError, OverflowError):
            continue
    return min(found, key=lambda one: one[:3])[3:] if found else None


def _made(kind: Any) -> list[Any]:
    """The layer with as many symbols as it takes: with the arguments of its rule, then with what it needs alone."""
    parameters = [p for name, p in inspect.signature(kind.__init__).parameters.items() if name != "self"]
    needed = {p.name: ARGUMENTS[p.name] for p in parameters if p.default is p.empty and p.name in ARGUMENTS}
    given = {p.name: ARGUMENTS[p.name] for p in parameters if p.name in GIVEN}
    one_of = [{}, *({p.name: ARGUMENTS[p.name]} for p in parameters if p.name in {"scale_factor", "output_size"})]
    found = []
    for more, extra, size in product((given, {}), one_of, ({}, {"output_size": 7})):
        try:
            found.append(kind(**needed | more | extra | (size if "output_size" in needed else {})))
        except (CnncalcError, TypeError, ValueError):
            continue
    return found


def _inputs(kind: Any) -> list[tuple[Any, ...]]:
    """Inputs to try, as shapes of symbols."""
    axes = getattr(kind, "dimensions", None) or next((n for n in SPACE if kind.__name__.endswith(f"{n}d")), None)
    first = [(("N", "C", *SPACE[axes]),) * times for times in (1, 2)] if axes else []
    if "batch_first" in inspect.signature(kind.__init__).parameters:
        first = [(("L", "N", "I"),), (("L", "N", "E"),) * 3, (("L", "N", "E"),)]
    return [tuple(tuple(cc.symbol(n) if isinstance(n, str) else n for n in shape) for shape in one) for one in first + INPUTS]


# -- functions --------------------------------------------------------------------------------------------------


def _function_rows(names: tuple[str, ...]) -> list[str]:
    """The functions of a file, those of one meaning in one row."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        function = named(name)
        key = (_places(function), _sentence(type(function)), _work(type(function)))
        rows.setdefault(key, []).append(f"`{name}`")
    return [_row(", ".join(found), *key) for key, found in rows.items()]


def _places(function: Any) -> str:
    """Where torch has it."""
    return ", ".join(place for place in ("torch", "functional", "Tensor") if place in function.found_in)


# -- texts ------------------------------------------------------------------------------------------------------


def _row(*cells: str) -> str:
    """A row of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _sentence(kind: Any) -> str:
    """The first sentence of the docstring, without its source."""
    first = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].replace("\n", " ")
    return first.partition(" Source:")[0].strip()


def _work(kind: Any) -> str:
    """The kind of other arithmetic."""
    if issubclass(kind, LayerFunction):
        return "its layer's"
    if kind.work is None:
        return "several"
    return "" if kind.work == "nothing" else str(kind.work)


def _fact(ask: Any) -> str:
    """What a fact answers; a dash where it has no answer in symbols."""
    try:
        with recording():
            return str(ask())
    except (CnncalcError, TypeError, ValueError):
        return DASH


def _zero(macs: Any) -> str:
    """MACs, left out where there are none."""
    return "" if isinstance(macs, int) and macs == 0 else str(macs)


def _shape(shape: Any) -> str:
    """A shape as torch writes it."""
    return f"({', '.join(map(str, shape))})"


def _nested(output: Any) -> str:
    """One shape, or several as torch nests them."""
    if output and (output[0] is None or isinstance(output[0], tuple)):
        return f"({', '.join('None' if part is None else _nested(part) for part in output)})"
    return _shape(output)


def _first_output(axes: Any) -> Any:
    """The maps of the first output."""
    while isinstance(axes, PerOutput):
        axes = axes[0]
    return axes


def _maps(maps: AxisMaps) -> str:
    """The kinds of the maps in the order of the input's axes."""
    if type(maps) is not AxisMaps:
        return type(maps).__name__.strip("_").lower()
    return ", ".join(MAPS.get(type(one).__name__, type(one).__name__.strip("_").lower()) for one in maps.maps)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
