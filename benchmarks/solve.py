"""Inverse questions beside trying: torch on the meta device, and the numeric algebra, for every size in question, as ratios."""

from __future__ import annotations

import argparse
import time
from itertools import product
from typing import TYPE_CHECKING

import cnncalc as cc
from cnncalc import zoo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: The sizes that are tried; the exact answer covers those beyond, too.
LAST = 2000


def best(run: Callable[[], object], runs: int) -> float:
    """The shortest time of a few runs."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def tried(accepts: Callable[[int], bool], sizes: Iterable[int]) -> set[int]:
    """The sizes that are accepted, each tried."""
    return {n for n in sizes if accepts(n)}


def sizes_of(name: str, channels: int, step: int, runs: int) -> None:
    """All input sizes of a network, beside trying every step-th up to `LAST`; the time of all is told."""
    import torch

    network = zoo.ARCHITECTURES[name]()
    twin = cc.to_torch(network, device="meta").eval()

    def by_torch(n: int) -> bool:
        try:
            with torch.no_grad():
                twin(torch.empty(1, channels, n, n, device="meta"))
        except Exception:  # noqa: BLE001 - whatever torch raises is a refusal
            return False
        return True

    def by_numbers(n: int) -> bool:
        try:
            cc.trace(network, (1, channels, n, n))
        except cc.CnncalcError:
            return False
        return True

    found = cc.solve.valid_sizes(network, (1, channels, "n", "n"))["n"]
    ours = best(lambda: cc.solve.valid_sizes(network, (1, channels, "n", "n")), runs)
    some = range(1, LAST + 1, step)
    for who, accepts in (("torch", by_torch), ("the numeric algebra", by_numbers)):
        if tried(accepts, some) != {n for n in some if n in found}:
            raise AssertionError(f"{who} disagrees about {name}")
        theirs = best(lambda accepts=accepts: tried(accepts, some), 1) * LAST / len(some)
        print(f"{name}: all sizes in {ours * 1e3:.0f} ms; {who}, {LAST:,} sizes: {theirs:.1f} s, {theirs / ours:.0f} times that")


def layers_of(runs: int) -> None:
    """Which convolutions take 224 to 112, beside trying each in torch."""
    import torch

    ranges = (range(1, 12), range(1, 5), range(6), range(1, 3))

    def by_torch() -> list[tuple[int, ...]]:
        found = []
        for k, s, p, d in product(*ranges):
            try:
                length = torch.nn.Conv1d(1, 1, k, s, p, d, device="meta")(torch.empty(1, 1, 224, device="meta")).shape[2]
            except RuntimeError:
                continue
            if length == 112:  # noqa: PLR2004 - the length asked for
                found.append((k, s, p, d))
        return found

    def ours() -> list[tuple[int, ...]]:
        answers = cc.solve.layers(224, 112, kernel_size=ranges[0], stride=ranges[1], padding=ranges[2], dilation=ranges[3])
        return [(a.kernel_size, a.stride, a.padding, a.dilation) for a in answers]

    if sorted(ours()) != by_torch():
        raise AssertionError("torch disagrees about the convolutions")
    mine, theirs = best(ours, runs), best(by_torch, runs)
    print(
        f"convolutions from 224 to 112: {mine * 1e3:.1f} ms; torch, each: {theirs * 1e3:.0f} ms, {theirs / mine:.0f} times that"
    )


def widths_of(runs: int) -> None:
    """The widest network within a budget by its formula, beside trying one width after the other."""

    def network(width: object) -> cc.Module:
        return cc.Sequential(cc.Conv2d(3, width, 3), cc.Conv2d(width, width, 3), cc.Conv2d(width, 64, 1))

    budget = 50_000_000

    def by_numbers() -> int:
        width = 1
        while cc.analyze(network(width + 1), (1, 3, 32, 32)).params <= budget:
            width += 1
        return width

    def ours() -> int:
        return int(cc.solve.widest(network("w"), (1, 3, 32, 32), budget=budget).size or 0)

    if ours() != by_numbers():
        raise AssertionError("trying disagrees about the width")
    mine, theirs = best(ours, runs), best(by_numbers, 1)
    print(f"the widest of {ours():,}: {mine * 1e3:.1f} ms; trying each: {theirs:.2f} s, {theirs / mine:.0f} times that")


def main() -> None:
    """Print a line for each question; what was tried must agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs and sizes; times are scaled up to all sizes")
    is_quick = parser.parse_args().quick
    runs, step = (2, 50) if is_quick else (5, 1)
    for name, channels in (("unet", 1), ("alexnet", 3), ("densenet121", 3)):
        sizes_of(name, channels, max(step, 10 if name == "densenet121" else 1), runs)
    layers_of(runs)
    widths_of(runs)


if __name__ == "__main__":
    main()
