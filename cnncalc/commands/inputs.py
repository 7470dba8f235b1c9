"""What commands share of their arguments: the network, the shapes of its inputs, a cell, a number."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from cnncalc.errors import SpecError

if TYPE_CHECKING:
    from cnncalc.module import Module

NET_HELP = (
    'a named architecture (resnet50), a file with a spec or an ONNX model, a spec such as "Conv2d(3, 16, 5) -> ReLU()", or '
    "the import path of a torch module or of what makes one (torchvision.models:resnet50)"
)


def add_network(parser: argparse.ArgumentParser) -> None:
    """NET, --input and --format, which most commands about one network take."""
    parser.add_argument("net", metavar="NET", help=NET_HELP)
    add_shapes(parser)
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")


def add_shapes(parser: argparse.ArgumentParser) -> None:
    """--input, once for each input of the network."""
    parser.add_argument(
        "--input",
        action="append",
        metavar="SHAPE",
        help="as 1x3x224x224; names are symbols, as in Nx3xHxW; once for each input (default: of a named architecture the "
        "image that it was published for, in questions about symbols with N, H and W)",
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


def shapes(inputs: list[str] | None, *nets: str, symbolic: bool = False) -> list[Any]:
    """The shapes given with --input, or else the one that the named architectures `nets` were published for.

    `symbolic` is for questions about symbols: batch, height and width are some, then. Standard error says what was taken.
    """
    from cnncalc.spec import parse_shape

    if inputs is None:
        inputs = [_own_input(nets, symbolic=symbolic)]
        print(f"cnncalc: --input {inputs[0]} is taken", file=sys.stderr)
    return [parse_shape(text) for text in inputs]


def _own_input(nets: tuple[str, ...], *, symbolic: bool) -> str:
    """The input of named architectures, as --input takes it."""
    from cnncalc.zoo import ARCHITECTURES
    from cnncalc.zoo.published import published_input

    for net in nets:
        if net not in ARCHITECTURES:
            raise SpecError(
                "--input is needed: of a named architecture alone the size of the image is known",
                got=repr(net[:60]),
                remedy="add the shape, as in --input 1x3x224x224",
            )
    known = list(dict.fromkeys(published_input(net) for net in nets))
    if len(known) > 1:
        raise SpecError(
            "--input is needed: the two are published for different inputs",
            got=" and ".join(map(str, known)),
            remedy="add a shape that both take",
        )
    sizes = ("N", known[0][1], "H", "W") if symbolic else known[0]
    return "x".join(map(str, sizes))


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
