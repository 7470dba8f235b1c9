"""Work done in child processes with bounded time and memory, so that one hostile item harms no other.

Children are forked, not spawned: a fork of a light process takes about a millisecond. Each takes a few items and reports
after every one. Where a child dies, the item it was at has failed, and the rest go to a new child.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import time
import warnings
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

MEBIBYTE = 1 << 20
_BLOCK = 1 << 16


class Limits(NamedTuple):
    """What one item may take: seconds of processor time, seconds in all, mebibytes beyond what the process has already."""

    cpu: float = 2.0
    wall: float = 20.0
    memory: int = 512
    #: The most that may be reported for one item, in mebibytes.
    report: int = 64


class Outcome(NamedTuple):
    """What came of the item of that number: its results, and why it failed ("" where not): "time", "memory" or "crash"."""

    item: int
    results: list[Any]
    failure: str = ""


def cores() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def each(
    items: Sequence[Any],
    work: Callable[[Any], Iterable[Any]],
    *,
    jobs: int = 0,
    chunk: int = 16,
    limits: Limits | None = None,
) -> Iterator[Outcome]:
    """Run `work` on every item in children, and give each item's results as they come, in no particular order.

    `work` gives data that JSON can carry. With one item per `chunk`, each has a process of its own. Children are ended
    when the iterator is closed.
    """
    if not hasattr(os, "fork"):
        raise UnsupportedError("grading needs a system that can fork processes", remedy="use Linux or macOS")
    pool = _Pool(items, work, jobs or cores(), limits or Limits())
    pool.queue.extend(list(range(start, min(start + chunk, len(items)))) for start in range(0, len(items), chunk))
    try:
        yield from pool.run()
    finally:
        pool.end()


class _Child:
    """A child process, what it was given, and what it has said so far."""

    def __init__(self, pid: int, indices: list[int]) -> None:
        self.pid = pid
        self.indices = deque(indices)
        self.buffer = b""
        self.results: list[Any] = []
        self.size = 0
        self.heard = time.monotonic()
        self.killed = ""
        self.retired = False


class _Pool:
    """Children at work on a queue of items."""

    def __init__(self, items: Sequence[Any], work: Callable[[Any], Iterable[Any]], jobs: int, limits: Limits) -> None:
        self._items = items
        self._work = work
        self._jobs = jobs
        self._limits = limits
        self._children: dict[int, _Child] = {}
        self.queue: deque[list[int]] = deque()

    def run(self) -> Iterator[Outcome]:
        """Start children, listen to them, and give what they report."""
        # What exists already is shared with the children: the collector must not touch it, or it would be copied.
        gc.freeze()
        try:
            while self.queue or self._children:
                while self.queue and len(self._children) < self._jobs:
                    self._start(self.queue.popleft())
                ready, _, _ = select.select(list(self._children), [], [], 1.0)
                for descriptor in ready:
                    yield from self._listen(descriptor)
                self._stop_the_silent()
        finally:
            gc.unfreeze()

    def _start(self, indices: list[int]) -> None:
        reading, writing = os.pipe()
        with warnings.catch_warnings():
            # The children run no thread and take no lock that another thread may hold.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            # Whatever happens, the child never returns into the parent's code.
            try:
                os.close(reading)
                self._in_child(indices, writing)
            finally:
                os._exit(0)
        os.close(writing)
        self._children[reading] = _Child(pid, indices)

    def _in_child(self, indices: list[int], writing: int) -> None:
        """What a child does: one item after the other, each under its own limit of time."""
        for number in (signal.SIGINT, signal.SIGTERM):
            # The parent ends its children itself.
            signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        gc.disable()
        _close_off()
        _limit_resources(self._limits)
        with os.fdopen(writing, "wb") as pipe:
            for index in indices:
                signal.setitimer(signal.ITIMER_PROF, self._limits.cpu)
                try:
                    for result in self._work(self._items[index]):
                        pipe.write(json.dumps(["result", result]).encode() + b"\n")
                except MemoryError:
                    message = ["failed", "memory"]
                except Exception:  # noqa: BLE001 - one item's fault is reported and harms no other
                    message = ["failed", "crash"]
                else:
                    message = ["done", ""]
                signal.setitimer(signal.ITIMER_PROF, 0)
                pipe.write(json.dumps(message).encode() + b"\n")
                pipe.flush()
                if message[1] == "memory":
                    # Who has run out of memory once leaves the rest to another.
                    pipe.write(b'["retired", ""]\n')
                    return

    def _listen(self, descriptor: int) -> Iterator[Outcome]:
        """What a child has written since; at its end, what became of it."""
        child = self._children[descriptor]
        block = os.read(descriptor, _BLOCK)
        if not block:
            yield from self._bury(descriptor)
            return
        child.heard = time.monotonic()
        child.size += len(block)
        *lines, child.buffer = (child.buffer + block).split(b"\n")
        for line in lines:
            kind, data = json.loads(line)
            if kind == "result":
                child.results.append(data)
            elif kind == "retired":
                child.retired = True
            elif child.indices:
                yield Outcome(child.indices.popleft(), child.results, data)
                child.results, child.size = [], 0
        if child.size > self._limits.report * MEBIBYTE:
            self._kill(child, "memory")

    def _bury(self, descriptor: int) -> Iterator[Outcome]:
        """A child has ended: what it left undone goes on elsewhere, apart from what it died of."""
        child = self._children.pop(descriptor)
        os.close(descriptor)
        _, status = os.waitpid(child.pid, 0)
        if child.indices and not child.retired:
            yield Outcome(child.indices.popleft(), [], child.killed or _cause(status))
        if child.indices:
            self.queue.appendleft(list(child.indices))

    def _stop_the_silent(self) -> None:
        now = time.monotonic()
        for child in self._children.values():
            if now - child.heard > self._limits.wall:
                self._kill(child, "time")

    @staticmethod
    def _kill(child: _Child, reason: str) -> None:
        child.killed = reason
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)

    def end(self) -> None:
        """End the children that are left."""
        for descriptor, child in self._children.items():
            self._kill(child, "crash")
            os.close(descriptor)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child.pid, 0)
        self._children.clear()


def _cause(status: int) -> str:
    """What a child died of."""
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in {signal.SIGPROF, signal.SIGXCPU}:
        return "time"
    return "memory" if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL else "crash"


def _close_off() -> None:
    """Leave a child nothing to read from or to print on."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)


def _limit_resources(limits: Limits) -> None:
    """Bound what this process may still take, and keep it from writing files."""
    import resource

    taken = _address_space()
    bounds = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)]
    if taken:
        bounds.append((resource.RLIMIT_AS, taken + limits.memory * MEBIBYTE))
    for kind, bound in bounds:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (bound, bound))


def _address_space() -> int:
    """Bytes of address space that this process has already; 0 where that can't be said."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - a file of the kernel
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
