"""The JSON form of networks: lossless, and read without evaluating anything."""

from __future__ import annotations

import json
from typing import Any

from cnncalc.containers import Sequential
from cnncalc.errors import SpecError
from cnncalc.graph import trace
from cnncalc.layers.layer import Layer
from cnncalc.module import Module
from cnncalc.program import Program, program_of
from cnncalc.spec.document_reader import Reader
from cnncalc.spec.document_writer import Writer

FORMAT = "cnncalc.network/1"
MAX_CHARACTERS = 50_000_000


def dumps(network: Module, *shapes: Any) -> str:
    """A network as JSON text.

    Layers, Sequentials and programs are written as they are. A Module with a forward of its own is recorded first, and
    needs the shapes of its inputs for that.
    """
    if not isinstance(network, Module):
        raise SpecError("a network is a layer, a Sequential or a Module", got=type(network).__name__)
    if not all(map(_is_plain, network.modules())):
        if not shapes:
            raise SpecError(
                "a Module with a forward of its own must be recorded first",
                where=type(network).__name__,
                remedy="give the shapes of its inputs: cnncalc.dumps(net, (1, 3, 224, 224))",
            )
        network = program_of(trace(network, *shapes))
    return json.dumps({"format": FORMAT} | Writer(network).document(), ensure_ascii=False)


def _is_plain(module: Module) -> bool:
    """Whether a module is written as it is: a layer, a Sequential, a program or a container, none of them overridden."""
    if isinstance(module, Layer):
        return type(module).forward is Layer.forward
    return type(module) in {Sequential, Program, Module}


def loads(text: str) -> Module:
    """The network of a JSON text that `dumps` has written. Raises SpecError for anything else."""
    if not isinstance(text, str) or len(text) > MAX_CHARACTERS:
        raise SpecError(f"a document is text of at most {MAX_CHARACTERS:,} characters")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SpecError("the document is not JSON", got=str(error)[:80]) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        found = document.get("format") if isinstance(document, dict) else type(document).__name__
        raise SpecError(f'the document\'s format must be "{FORMAT}"', got=repr(found)[:60])
    return Reader(document.get("tensors", [])).read(document.get("network"), 0)
