"""Receptive fields against gradient probing, against the network's own forward pass and against other tools, as ratios.

One thread, warm: the network is traced anew in every run, the axis maps of its layers are kept by nothing. The two sides are
taken in turn; a figure is the median of several runs.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import time
from typing import TYPE_CHECKING

import torch  # noqa: TID253 - the other side of the comparison

import cnncalc as cc
from cnncalc import zoo

if TYPE_CHECKING:
    from collections.abc import Callable

#: The networks of the issue, the shapes of their inputs, a row with a map, and one of its cells.
NETWORKS = (
    ("ResNet-50, 224", zoo.resnet50, (1, 3, 224, 224), "layer4", (3, 3)),
    ("DenseNet-121, 224", zoo.densenet121, (1, 3, 224, 224), "features", (3, 3)),
    ("U-Net, 572", zoo.unet, (1, 1, 572, 572), "head", (190, 190)),
)


def median_ms(run: Callable[[], object], runs: int) -> float:
    """The median of some runs after one that warms up, in milliseconds."""
    run()
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return 1e3 * statistics.median(times)


def probe_ms(make: Callable[[], cc.Module], shape: tuple[int, ...], of: str, at: tuple[int, ...]) -> float:
    """One cell by gradients: one run forward in double precision, one backward, as everybody writes it."""
    twin = cc.to_torch(make()).double().eval()
    kept: list[torch.Tensor] = []
    twin.get_submodule(of).register_forward_hook(lambda _module, _inputs, output: kept.append(output))

    def run() -> None:
        kept.clear()
        image = torch.ones(shape, dtype=torch.float64, requires_grad=True)
        twin(image)
        kept[0][(0, slice(None), *at)].sum().backward()
        for parameter in twin.parameters():
            parameter.grad = None

    return median_ms(run, 1)


def forward_ms(make: Callable[[], cc.Module], shape: tuple[int, ...]) -> float:
    """The network's own forward pass."""
    twin = cc.to_torch(make()).eval()
    image = torch.zeros(shape)
    with torch.no_grad():
        return median_ms(lambda: twin(image), 3)


def against_torch(runs: int) -> None:
    """Our figures for the networks, and how many times as long torch takes."""
    for name, make, shape, of, at in NETWORKS:
        network = make()
        one = median_ms(lambda: cc.receptive_field(network, shape, of=of, at=at), runs)  # noqa: B023 - called at once
        every = median_ms(lambda: cc.all_fields(network, shape), runs)  # noqa: B023 - called at once
        paths = median_ms(lambda: cc.path_counts(network, shape, of=of, at=at), 1)  # noqa: B023 - called at once
        probe, forward = probe_ms(make, shape, of, at), forward_ms(make, shape)
        print(f"{name}: one cell {one:.1f} ms; all fields of all cells {every:.1f} ms; number of paths {paths:.0f} ms")
        print(f"  times as long as one cell: probing it by gradients {probe / one:.0f}, a forward pass {forward / one:.0f}")
        print(f"  times as long as all cells of all rows: {probe / every:.0f} and {forward / every:.0f}")


def growth(runs: int) -> None:
    """All fields of all cells with the length of the image: twice the image, twice the time. The least of several runs."""
    for name, make, channels in (("ResNet-50", zoo.resnet50, 3), ("U-Net", lambda: zoo.unet(padding=1), 1)):
        network, before = make(), 0.0
        print(f"{name}:", end="")
        for side in (512, 1024, 2048, 4096, 8192):
            times = []
            for _ in range(runs):
                begin = time.process_time()
                cc.all_fields(network, (1, channels, side, side))
                times.append(1e3 * (time.process_time() - begin))
            spent = min(times)
            print(f"  {side}: {spent:.1f} ms" + (f" ({spent / before:.1f} times)" if before else ""), end="", flush=True)
            before = spent
        print()


class Chain(torch.nn.Module):
    """Convolutions and mean pools, as the tool wants them: with the maps that it asks in an attribute."""

    def __init__(self) -> None:
        """Make the layers of `chain`."""
        super().__init__()
        self.layers = cc.to_torch(chain())
        self.feature_maps: list[torch.Tensor] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Run them and keep the map."""
        self.feature_maps = [self.layers(x)]
        return self.feature_maps[0]


def chain() -> cc.Module:
    """Three times a convolution and a mean pool."""
    blocks = [(cc.Conv2d(c, 8, 5, padding=2), cc.AvgPool2d(2)) for c in (3, 8, 8)]
    return cc.Sequential(*(layer for block in blocks for layer in block))


def against_tools(runs: int) -> None:
    """The tool for any torch network that still installs: receptivefield 0.5.0, which probes by gradients; one map of a chain."""
    try:
        from receptivefield.pytorch import PytorchReceptiveField
    except ImportError:
        print("receptivefield (with matplotlib) is not installed: no other tool is compared")
        return
    logging.getLogger("receptivefield").setLevel(logging.ERROR)
    network, shape = chain(), (1, 3, 128, 128)
    ours = median_ms(lambda: cc.receptive_field(network, shape), runs)
    theirs = median_ms(lambda: PytorchReceptiveField(Chain).compute(input_shape=[128, 128, 3]), 3)
    print(f"three convolutions and pools: receptivefield 0.5.0 takes {theirs / ours:.0f} times as long for one map's figures")


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    runs = 3 if parser.parse_args().quick else 15
    torch.set_num_threads(1)
    against_torch(runs)
    growth(3)
    against_tools(runs)


if __name__ == "__main__":
    main()
