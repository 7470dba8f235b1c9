"""What commands share of their arguments: the network, the shapes of its inputs, a cell, a number."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from cnncalc.errors import SpecError

if TYPE_CHECKING:
    from cnncalc.module import Module

NET_HELP = (
    'a named architecture (resnet50), a file with a spec or an ONNX model, a spec such as "Conv2d(3, 16, 5) -> ReLU()", or '
    "the import path of a torch module or of what makes one (torchvision.models:resnet50)"
)


def add_network(parser: argparse.ArgumentParser) -> None:
    """NET, --input and --format, which every command about one network takes."""
    parser.add_argument("net", metavar="NET", help=NET_HELP)
    add_shapes(parser)
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")


def add_shapes(parser: argparse.ArgumentParser) -> None:
    """--input, once for each input of the network."""
    parser.add_argument(
        "--input",
        action="append",
        required=True,
        metavar="SHAPE",
        help="as 1x3x224x224; names are symbols, as in Nx3xHxW; once for each input",
    )


def network(text: str) -> Module:
    """The network that a name, a file or an inline spec stands for."""
    from cnncalc.spec import parse
    from cnncalc.zoo import ARCHITECTURES

    if text in ARCHITECTURES:
        return ARCHITECTURES[text]()
    is_spec = "(" in text or "\n" in text or "->" in text
    if is_spec or len(text) > 1000:  # noqa: PLR2004 - longer than any sane path
        return parse(text, ARCHITECTURES)
    from cnncalc.commands.import_path import imported, is_import_path

    return imported(text) if is_import_path(text) else _in_file(text)


def _in_file(name: str) -> Module:
    """The network in a file: JSON where the name ends so, else a written spec."""
    from pathlib import Path

    from cnncalc.layers import LAYER_NAMES, did_you_mean
    from cnncalc.spec import loads, parse
    from cnncalc.spec.document import MAX_CHARACTERS
    from cnncalc.zoo import ARCHITECTURES

    path = Path(name)
    try:
        if not path.is_file():
            raise SpecError(
                "NET is a named architecture, a file, or a spec such as 'Conv2d(3, 16, 5) -> ReLU()'",
                got=repr(name[:60]),
                remedy=did_you_mean(name, [*ARCHITECTURES, *LAYER_NAMES]) or "cnncalc list shows all names",
            )
        if path.suffix != ".onnx" and path.stat().st_size > MAX_CHARACTERS:
            raise SpecError("the file is too large", where=path.name, got=f"{path.stat().st_size:,} bytes")
        if path.suffix == ".onnx":
            from cnncalc.importers import from_onnx

            return from_onnx(path)
        content = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise SpecError("the file can't be read as text in UTF-8", where=name[:60], got=str(error)[:80]) from None
    return loads(content) if path.suffix == ".json" else parse(content, ARCHITECTURES)


def shapes(inputs: list[str]) -> list[Any]:
    """The shapes given with --input."""
    from cnncalc.spec import parse_shape

    return [parse_shape(text) for text in inputs]


def cell(text: str | None) -> tuple[int, ...] | None:
    """The cell given with --at."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and len(part) <= 18 for part in parts):  # noqa: PLR2004 - digits of a 64-bit number
        raise SpecError("--at takes indices joined by commas", got=repr(text[:40]), remedy="write for example --at 3,3")
    return tuple(int(part) for part in parts)


def count(text: str) -> int:
    """A small whole number from 1 on."""
    if not (text.isdecimal() and 0 < len(text) < 4 and int(text)):  # noqa: PLR2004 - nobody has 1000 processors for this
        raise argparse.ArgumentTypeError("must be a whole number from 1 to 999")
    return int(text)
