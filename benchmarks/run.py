"""cnncalc against its peers, as ratios: cold commands and warm analyses, the two sides taken in turn."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import cnncalc as cc
from cnncalc import zoo

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from torchvision_side import declared, torchvision

if TYPE_CHECKING:
    from collections.abc import Callable

COLD_PEER = """
import torch, torchinfo
block = lambda channels: [torch.nn.Conv2d(channels, 16, 5, padding=2), torch.nn.MaxPool2d(2), torch.nn.ReLU()]
torchinfo.summary(torch.nn.Sequential(*block(3), *block(16), *block(16)), (1, 3, 128, 128), verbose=1)
"""
COLD_IMPORTS = """
import torch, torchinfo
{operators}
import torchvision
"""
COLD_RESNET = """
torchinfo.summary(torchvision.models.resnet50(), (1, 3, 224, 224), verbose=1)
"""
#: Where torchvision's compiled operators do not load beside this build of torch, they are declared, without kernels.
DECLARING = """
library = torch.library.Library("torchvision", "FRAGMENT")
for operator in {operators!r}:
    library.define(operator)
"""
#: From nothing to the full report: name and input of a named architecture.
NETWORKS = {"resnet50": 224, "densenet121": 224, "efficientnet_b7": 600, "efficientnet_v2_l": 480}


def cold(*command: str) -> Callable[[], None]:
    """A whole process. With -P it takes what is installed, not what lies in the current folder, and compiled, as installed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run() -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)

    return run


def importing_torchvision() -> str:
    """Source code that imports torch, torchinfo and torchvision."""
    torchvision()
    return COLD_IMPORTS.format(operators=DECLARING.format(operators=declared()) if declared() else "")


def torchinfo_on_meta(network: cc.Module, shape: tuple[int, ...]) -> Callable[[], None]:
    """A summary by torchinfo of the same network on the meta device, which spares it the arithmetic."""
    import torch
    import torchinfo

    twin = cc.to_torch(network, device="meta")
    return lambda: torchinfo.summary(twin, input_data=torch.zeros(shape, device="meta"), verbose=0, device="meta")


def chain(length: int) -> cc.Module:
    """A chain of convolutions."""
    return cc.Sequential(*(cc.Conv2d(8, 8, 3, padding=1) for _ in range(length)))


def full_report(make: Callable[[], cc.Module], shape: tuple[int, ...]) -> Callable[[], None]:
    """From nothing to every number of every row, its field too, and the memory. Equal layers of earlier runs are remembered."""

    def run() -> None:
        report = cc.analyze(make(), shape)
        for row in report:
            field = row.receptive_field
            _ = field and field.size
        report.memory.to_dict()

    return run


def medians(ours: Callable[[], None], theirs: Callable[[], None], runs: int, *, warm: bool) -> tuple[float, float]:
    """The median seconds of both sides, taken in turn after a first run.

    Where they are warm, each comes right after a run of its own that is not timed: else it would pay for what the other one
    left behind, dead cycles and the processor's caches.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for index in range(runs + 1):
        for side, action in enumerate((ours, theirs)):
            if warm and index:
                action()
            start = time.perf_counter()
            action()
            if index:
                times[side].append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def main() -> None:
    """Run every comparison and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    quick = parser.parse_args().quick
    fifty = chain(50)
    comparisons = [
        (
            "cold: cnncalc answer q2 | import torch, torchinfo, the same network",
            cold(sys.executable, "-P", "-m", "cnncalc", "answer", "q2"),
            cold(sys.executable, "-c", COLD_PEER),
            2 if quick else 7,
        ),
        (
            "warm: report of 50 convolutions | torchinfo on the meta device",
            full_report(lambda: fifty, (1, 8, 32, 32)),
            torchinfo_on_meta(fifty, (1, 8, 32, 32)),
            3 if quick else 15,
        ),
        (
            "cold: cnncalc summary resnet50 | importing torch, torchvision and torchinfo, no network yet",
            cold(sys.executable, "-P", "-m", "cnncalc", "summary", "resnet50", "--input", "1x3x224x224"),
            cold(sys.executable, "-c", importing_torchvision()),
            2 if quick else 5,
        ),
        (
            "cold: cnncalc summary resnet50 | the same with torchvision's network built and summarised by torchinfo",
            cold(sys.executable, "-P", "-m", "cnncalc", "summary", "resnet50", "--input", "1x3x224x224"),
            cold(sys.executable, "-c", importing_torchvision() + COLD_RESNET),
            2 if quick else 5,
        ),
        *(
            (
                f"warm: report of {name}, built anew, with its memory | torchinfo on the meta device",
                full_report(zoo.ARCHITECTURES[name], (1, 3, side, side)),
                torchinfo_on_meta(zoo.ARCHITECTURES[name](), (1, 3, side, side)),
                3 if quick else 15,
            )
            for name, side in NETWORKS.items()
        ),
    ]
    for name, ours, theirs, runs in comparisons:
        mine, peer = medians(ours, theirs, runs, warm=name.startswith("warm"))
        print(f"{peer / mine:7.1f}x   {mine * 1000:8.2f} ms against {peer * 1000:8.2f} ms   {name}")
    short, long = (
        statistics.median(timed(full_report(partial(chain, length), (1, 8, 32, 32)), 3)) for length in (10_000, 100_000)
    )
    print(f"{long / short:7.1f}x   {long:8.2f} s for 100,000 layers against {short:.2f} s for 10,000, built anew")


def timed(action: Callable[[], None], runs: int) -> list[float]:
    """The seconds of several runs."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return seconds


if __name__ == "__main__":
    main()
