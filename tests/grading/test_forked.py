"""Work in children: what one item does, no other feels."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from cnncalc.grading.forked import Limits, each

SHORT = Limits(cpu=0.3, wall=1.0, memory=128, report=1)
#: Where memory is what runs out, time must not run out before it, on a busy machine either.
PATIENT = SHORT._replace(cpu=20.0, wall=120.0)


def test_results_come_back_whole():
    found = sorted(each(range(100), lambda n: [n, {"square": n * n}, "متن"], jobs=2))
    assert [one.item for one in found] == list(range(100))
    assert all(one.results == [one.item, {"square": one.item**2}, "متن"] and not one.failure for one in found)
    assert list(each([], lambda n: [n])) == []


def loop(_):
    while True:
        pass


def sleep(_):
    time.sleep(60)
    return []


def fill(_):
    return [len(bytearray(1 << 30))]


def grow(_):
    text = "x"
    while True:
        text += text


def babble(_):
    while True:
        yield "x" * 1000


def die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def leave(_):
    os._exit(3)


def recurse(n):
    return recurse(n) + recurse(n)


def fail(_):
    raise ValueError


def unspeakable(_):
    return [object()]


@pytest.mark.parametrize(
    ("hostile", "failures"),
    [
        (loop, {"time"}),
        (sleep, {"time"}),
        (fill, {"memory"}),
        (grow, {"memory"}),
        (babble, {"memory", "time"}),
        (die, {"memory"}),
        (leave, {"crash"}),
        (recurse, {"crash"}),
        (fail, {"crash"}),
        (unspeakable, {"crash"}),
    ],
)
def test_one_hostile_item_harms_no_neighbour(hostile, failures):
    """Twelve items in chunks of six, the fourth of them hostile: eleven are done."""
    limits = PATIENT if failures == {"memory"} else SHORT
    found = sorted(each(range(12), lambda n: hostile(n) if n == 3 else [n], jobs=2, chunk=6, limits=limits))
    assert [one.item for one in found] == list(range(12))
    assert [one.item for one in found if one.failure] == [3]
    assert found[3].failure in failures
    assert all(one.results == [one.item] for one in found if one.item != 3)


def test_children_write_no_file_and_print_nothing(tmp_path, capfd):
    def work(n):
        sys.stdout.write("printed")
        os.write(2, b"printed")
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        (tmp_path / str(n)).write_text("written")
        return [n]

    (found,) = each([1], work)
    assert found.failure == "crash"
    assert not any(path.read_text() for path in tmp_path.iterdir())
    assert capfd.readouterr() == ("", "")


def test_closing_ends_the_children():
    pids = []
    running = each(range(4), lambda n: [os.getpid()] if n == 0 else loop(n), jobs=2, chunk=1, limits=Limits(cpu=60))
    pids += next(running).results
    running.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
