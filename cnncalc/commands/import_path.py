"""A network by its import path, `package.module:name`, as a user types it in the terminal; nothing else is ever imported.

The name may be a torch module, a network of cnncalc, or a class or function that makes one without arguments. It is made
on torch's meta device where it can be, so that no weights are drawn.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
from contextlib import nullcontext, redirect_stdout
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cnncalc.errors import CnncalcError, MissingExtraError, SpecError

if TYPE_CHECKING:
    from cnncalc.module import Module

_PATH = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\Z", re.ASCII)


def is_import_path(text: str) -> bool:
    """Whether a text is written as an import path."""
    return _PATH.match(text) is not None


def imported(text: str) -> Module:
    """The network of an import path. Raises SpecError where there is none, MissingExtraError where it needs torch."""
    match = _PATH.match(text)
    if match is None:
        raise SpecError("an import path is written package.module:name", got=repr(text[:60]))
    file, name = match.groups()
    # What the module prints is no part of our output.
    with redirect_stdout(sys.stderr):
        found = _found(file, name, text)
        if not _is_network(found):
            found = _made(found, text)
    from cnncalc.adopting import adopted

    network: Module = adopted(found)
    return network


def _found(file: str, name: str, text: str) -> Any:
    """What an import path points to; modules in the current folder are found, too."""
    folder = os.getcwd()  # noqa: PTH109 - a string is what the import system takes
    if folder not in sys.path:
        sys.path.append(folder)
    try:
        found: Any = import_module(file)
    except ImportError as error:
        if error.name == "torch":
            raise MissingExtraError(
                "torch is needed for this and can't be imported", where=text[:60], remedy='pip install "cnncalc[torch]"'
            ) from None
        raise SpecError("the module can't be imported", where=text[:60], got=_line(error)) from None
    except Exception as error:  # noqa: BLE001 - it is the user's own module
        raise SpecError("the module can't be imported", where=text[:60], got=_line(error)) from None
    for part in name.split("."):
        if not hasattr(found, part):
            from cnncalc.layers import did_you_mean

            raise SpecError(f"{file} has no {name}", where=text[:60], remedy=did_you_mean(part, dir(found)))
        found = getattr(found, part)
    return found


def _is_network(found: Any) -> bool:
    """Whether something is a network by itself."""
    from cnncalc.module import Module

    torch = sys.modules.get("torch")
    return isinstance(found, Module) or (torch is not None and isinstance(found, torch.nn.Module))


def _made(found: Any, text: str) -> Any:
    """The network that a class or a function makes."""
    if not callable(found):
        raise SpecError("this is no network, and nothing that makes one", where=text[:60], got=type(found).__name__)
    try:
        inspect.signature(found).bind()
    except TypeError as error:
        raise SpecError(
            "it is called without arguments, and needs some",
            where=text[:60],
            got=_line(error),
            remedy="name a function of your own that makes it: def net(): return …",
        ) from None
    except ValueError:
        # A signature that can't be read: the call will tell.
        pass
    torch = sys.modules.get("torch")
    places = [nullcontext()] if torch is None else [torch.device("meta"), nullcontext()]
    for place in places:
        try:
            with place:
                made = found()
            break
        except CnncalcError:
            raise
        except Exception as error:  # noqa: BLE001 - it is the user's own code
            # Some models need numbers while they are made, which the meta device has none of.
            if place is places[-1]:
                raise SpecError("making the network fails", where=text[:60], got=_line(error)) from None
    if not _is_network(made):
        raise SpecError("what it gives is no network", where=text[:60], got=type(made).__name__)
    return made


def _line(error: BaseException) -> str:
    """An error in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:120] if lines else ''}"
