"""`cnncalc solve`: the inverse questions, one action each."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any

from cnncalc.commands.inputs import add_network, network, shapes
from cnncalc.commands.outputs import print_json, print_result
from cnncalc.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.module import Module

_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_BUDGET = re.compile(r"(\d{1,18})([kMGT]?)\Z", re.ASCII)
_PART = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?\Z", re.ASCII)
#: No option lists more numbers than this.
_MOST = 100_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The questions, and what each takes."""
    parser.set_defaults(act=lambda _: parser.print_help())
    parser.epilog = 'Ranges are written 3, 1-11, or 1,3,5-9. Answers come in the order in which people choose. "None" is a proof.'
    questions = parser.add_subparsers(metavar="QUESTION")

    def question(name: str, act: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = questions.add_parser(name, help=text, description=text, allow_abbrev=False)
        made.set_defaults(act=act)
        return made

    sizes = question("sizes", _sizes, "All input sizes that a network accepts, or that give an output size.")
    add_network(sizes)
    sizes.add_argument(
        "--output", metavar="SIZE", type=_lengths, help="the last lengths of the output, as 1x1, a star for any: 7x*"
    )
    sizes.add_argument("--of", metavar="ROW", help="the row whose output --output means (default: the network's)")
    sizes.add_argument("--before", metavar="ROW", help="the row whose input --output means")
    sizes.add_argument("--near", metavar="N", type=_one, help="for each symbol the size nearest to this one")

    widest = question("widest", _widest, "The largest integer that a budget allows: a width, a growth rate, a batch, a depth.")
    add_network(widest)
    widest.add_argument("--budget", required=True, metavar="N", type=_budget, help="a number; k, M, G and T are powers of 1000")
    widest.add_argument(
        "--of", choices=["params", "trainable", "macs", "memory", "training"], default="params", help="default: params"
    )
    widest.add_argument("--vary", metavar="ARGUMENT", help="an argument of a named architecture, as growth_rate of densenet")
    widest.add_argument("--over", metavar="RANGE", type=_range, help="the integers (default: all by formula, 1-256 with --vary)")
    _add_questions_of_layers(question)


def _add_questions_of_layers(question: Callable[..., argparse.ArgumentParser]) -> None:
    """The questions that need no network."""
    layer = question("layer", _layer, "All layers that take an axis of FROM cells to TO cells.")
    layer.add_argument("length", metavar="FROM", type=_one)
    layer.add_argument("output", metavar="TO", type=_one)
    _add_kind(layer)
    layer.add_argument("--ceil-mode", action="store_true", help="of pools: round up")
    _add_ranges(layer, padding=True)
    _add_format(layer)

    undo = question("undo", _undo, "The layers that give back the length that a layer took.")
    undo.add_argument("layer", metavar="LAYER", help='as "Conv2d(3, 8, 3, stride=2, padding=1)"')
    undo.add_argument("--length", metavar="N", type=_one, help="the length that the layer took (default: every length)")
    _add_ranges(undo, padding=True)
    _add_format(undo)

    same = question("same", _same, "The padding that keeps a length at stride 1 (and gives ⌈n/s⌉ at stride s).")
    same.add_argument("kernel_size", metavar="KERNEL", type=_one)
    same.add_argument("--dilation", metavar="D", type=_one, default=1, help="default: 1")
    _add_format(same)

    fewest = question("fewest", _fewest, "The fewest layers of a kind from FROM cells to TO cells.")
    fewest.add_argument("length", metavar="FROM", type=_one)
    fewest.add_argument("output", metavar="TO", type=_one)
    _add_kind(fewest)
    fewest.add_argument("--most", metavar="N", type=_one, default=12, help="no more layers than this (default: 12)")
    _add_ranges(fewest, padding=True)
    _add_format(fewest)

    field = question("field", _field, "The chains of layers whose output reads SIZE cells along an axis.")
    field.add_argument("size", metavar="SIZE", type=_one)
    field.add_argument("--depth", metavar="RANGE", type=_range, default=range(1, 33), help="default: 1-32")
    _add_ranges(field, padding=False)
    field.add_argument("--different", action="store_true", help="layers may differ: the shortest chains")
    field.add_argument("--no-holes", action="store_true", help="every cell of the field is read")
    field.add_argument("--at-least", action="store_true", help="SIZE cells or more")
    _add_format(field)


def run(given: argparse.Namespace) -> None:
    """The question that was asked, or the help."""
    given.act(given)


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")


def _add_kind(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kind", choices=["conv", "pool", "transposed"], default="conv", help="default: conv")


def _add_ranges(parser: argparse.ArgumentParser, *, padding: bool) -> None:
    """The ranges that are searched."""
    defaults = {"kernel-size": "1-11", "stride": "1-4", "padding": "0-5", "dilation": "1"}
    if not padding:
        defaults = {"kernel-size": "3", "stride": "1", "dilation": "1"}
    for name, default in defaults.items():
        parser.add_argument(f"--{name}", metavar="RANGE", type=_range, default=_range(default), help=f"default: {default}")


def _sizes(given: argparse.Namespace) -> None:
    """The sizes that a network accepts."""
    from cnncalc.solve import input_sizes, valid_sizes

    if given.output is None and (given.of is not None or given.before is not None):
        raise ArgumentError("--of and --before need --output", where="solve sizes", remedy="give it as --output 1x1")
    net, inputs = network(given.net), shapes(given.input, given.net, symbolic=True)
    if given.output is None:
        found = valid_sizes(net, *inputs)
    else:
        found = input_sizes(net, *inputs, output=given.output, of=given.of, before=given.before)
    near = {name: sizes.nearest(given.near) for name, sizes in found.items() if sizes} if given.near is not None else {}
    if given.format == "json":
        print_json(found.to_dict() | ({"nearest": near} if near else {}))
        return
    print(found)
    if found.refusal:
        print(f"  {found.refusal}")
    for name, size in near.items():
        print(f"nearest to {given.near}: {name} = {size}")


def _layer(given: argparse.Namespace) -> None:
    """The layers from a length to another."""
    from cnncalc.solve import layers

    found = layers(given.length, given.output, kind=given.kind, ceil_mode=given.ceil_mode, **_ranges(given))
    print_result(found, given.format)


def _undo(given: argparse.Namespace) -> None:
    """What gives a length back."""
    from cnncalc.solve import undo

    print_result(undo(network(given.layer), given.length, **_ranges(given)), given.format)


def _same(given: argparse.Namespace) -> None:
    """The padding that keeps a length."""
    from cnncalc.solve import same_padding

    print_result(same_padding(given.kernel_size, given.dilation), given.format)


def _widest(given: argparse.Namespace) -> None:
    """The largest integer within a budget."""
    from cnncalc.solve import widest

    family: Any = network(given.net) if given.vary is None else _family(given.net, given.vary)
    found = widest(family, *shapes(given.input, given.net), budget=given.budget, of=given.of, over=given.over)
    print_result(found, given.format)


def _family(name: str, argument: str) -> Callable[[int], Module]:
    """A named architecture with one argument free."""
    from inspect import signature

    from cnncalc.zoo import ARCHITECTURES

    if name not in ARCHITECTURES:
        raise ArgumentError(
            "--vary needs a named architecture", where="solve widest", got=repr(name[:40]), remedy="see cnncalc list"
        )
    function = ARCHITECTURES[name]
    known = signature(function).parameters
    if argument not in known:
        raise ArgumentError(
            f"{name} has no such argument", where="solve widest", got=repr(argument[:40]), remedy=f"it has {', '.join(known)}"
        )
    return lambda n: function(**{argument: n})


def _fewest(given: argparse.Namespace) -> None:
    """The fewest layers from a length to another."""
    from cnncalc.solve import fewest_layers

    print_result(fewest_layers(given.length, given.output, kind=given.kind, most=given.most, **_ranges(given)), given.format)


def _field(given: argparse.Namespace) -> None:
    """The chains that reach a field."""
    from cnncalc.solve import for_field

    found = for_field(
        given.size,
        depth=given.depth,
        alike=not given.different,
        holes=not given.no_holes,
        at_least=given.at_least,
        kernel_size=given.kernel_size,
        stride=given.stride,
        dilation=given.dilation,
    )
    print_result(found, given.format)


def _ranges(given: argparse.Namespace) -> dict[str, Any]:
    """The ranges, by the names of the library's arguments."""
    return {name: getattr(given, name) for name in ("kernel_size", "stride", "padding", "dilation")}


def _one(text: str) -> int:
    """A whole number from 1 on."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text)):  # noqa: PLR2004 - nine digits
        raise argparse.ArgumentTypeError("must be a whole number from 1 to 999999999")
    return int(text)


def _lengths(text: str) -> tuple[int | None, ...]:
    """Lengths joined by x, a star for any."""
    return tuple(None if part == "*" else _one(part) for part in text.split("x"))


def _budget(text: str) -> int:
    """A whole number, perhaps with a unit."""
    match = _BUDGET.match(text)
    if not match:
        raise argparse.ArgumentTypeError("must be a whole number, as 5000000 or 5M")
    return int(match[1]) * _UNITS[match[2]]


def _range(text: str) -> tuple[int, ...]:
    """Whole numbers: `3`, `1-11`, `1,3,5-9`."""
    found: list[int] = []
    for part in text.split(","):
        match = _PART.match(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, -1)
        if not match or last < first or len(found) + last - first >= _MOST:
            raise argparse.ArgumentTypeError("must be whole numbers, as 3, 1-11 or 1,3,5-9")
        found += range(first, last + 1)
    return tuple(found)
