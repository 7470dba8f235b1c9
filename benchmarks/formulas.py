"""Symbolic height and width through whole networks, beside torch.export's dynamic shapes, as ratios; and sweeps of a formula."""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from typing import TYPE_CHECKING

import cnncalc as cc
from cnncalc import zoo

if TYPE_CHECKING:
    from collections.abc import Callable

#: Settings of a sweep.
SETTINGS = 10_000_000


def seconds(run: Callable[[], object], runs: int) -> float:
    """The median time of a few runs, after a warm-up."""
    run()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def exported(network: cc.Module) -> Callable[[], object]:
    """torch.export of the twin on the meta device with dynamic height and width."""
    import torch

    twin = cc.to_torch(network, device="meta").eval()
    image = torch.empty(2, 3, 224, 224, device="meta")
    sizes = {2: torch.export.Dim("H", min=64, max=4096), 3: torch.export.Dim("W", min=64, max=4096)}

    def run() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.export.export(twin, (image,), dynamic_shapes=((sizes,),), strict=False)

    return run


def main() -> None:
    """Print a line for each network, then the sweep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    runs = 3 if parser.parse_args().quick else 9
    for name in ("resnet50", "densenet121"):
        network = zoo.ARCHITECTURES[name]()
        ours = seconds(lambda network=network: cc.analyze(network, ("N", 3, "H", "W")), runs)
        try:
            theirs = seconds(exported(network), 1)
        except Exception as error:  # noqa: BLE001 - whatever a version of torch refuses, its first line says
            told = str(error).strip().splitlines()[0][:90]
            print(f"{name}: symbolic report {ours * 1e3:.1f} ms; torch.export refuses: {told}")
            continue
        print(f"{name}: symbolic report {ours * 1e3:.1f} ms, torch.export {theirs:.2f} s: {theirs / ours:.0f} times as long")
    import numpy as np

    params = cc.to_function(cc.analyze(cc.Conv2d("C", "F", "k"), (1, "C", "H", "W")).params)
    draw = np.random.default_rng(0)
    settings = {"C": draw.integers(1, 513, SETTINGS), "F": draw.integers(1, 513, SETTINGS), "k": draw.integers(1, 12, SETTINGS)}
    print(f"{SETTINGS:,} settings of a parameter formula: {seconds(lambda: params(**settings), runs):.2f} s")


if __name__ == "__main__":
    main()
