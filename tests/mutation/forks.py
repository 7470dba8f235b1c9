"""Work done in forked processes, a few at a time, each of which hands back one small answer."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


def forked(tasks: Iterable[tuple[Any, Callable[[], Any]]], jobs: int, *, show: bool = False) -> Iterator[tuple[Any, Any]]:
    """Each name with the answer of its task, as they come; None for a process that died."""
    waiting = iter(tasks)
    running: dict[int, tuple[Any, Any]] = {}
    while True:
        while len(running) < jobs and (task := next(waiting, None)) is not None:
            name, work = task
            answer = tempfile.TemporaryFile("w+")  # noqa: SIM115 - it outlives this function's turn
            sys.stdout.flush()
            child = os.fork()
            if not child:
                _answer(work, answer, show=show)
            running[child] = name, answer
        if not running:
            return
        child, _ = os.wait()
        name, answer = running.pop(child)
        with answer:
            answer.seek(0)
            text = answer.read()
        yield name, json.loads(text) if text else None


def _answer(work: Callable[[], Any], answer: Any, *, show: bool) -> None:
    """Do a piece of work, write its answer, and end the process."""
    try:
        if not show:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
        json.dump(work(), answer)
        answer.flush()
    except BaseException:  # noqa: BLE001 - whatever stops it: there is no answer
        import traceback

        traceback.print_exc()
        answer.seek(0)
        answer.truncate()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
