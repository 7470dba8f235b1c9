"""Every named architecture, and torchvision's models by import, written down and read back: as source code and as JSON.

    python benchmarks/round_trips.py [NAME …]

Needs torch and torchvision. The source is read back by cnncalc as the same graph, and run by torch on the meta device: the
same `state_dict` and output shape; the JSON document is read back as the same graph. Prints a line for each that is not.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from source_side import check_document, check_source
from torchvision_side import arguments, on_meta, torchvision

import cnncalc as cc
from cnncalc.zoo import ARCHITECTURES
from cnncalc.zoo.published import CHANNELS, PAPERS, TORCHVISION

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIP = (1, 3, 16, 224, 224)


def networks() -> Iterator[tuple[str, Any, tuple[int, ...]]]:
    """Name, network and shape of the input."""
    for name in ARCHITECTURES:
        side = (TORCHVISION | PAPERS)[name].side
        yield f"zoo {name}", ARCHITECTURES[name](), (1, CHANNELS.get(name, 3), side, side)
    import torch

    package = torchvision().models
    for name in package.list_models():
        builder = package.get_model_builder(name)
        place = builder.__module__.split(".")[2:-1]
        if place not in ([], ["segmentation"]):
            continue
        try:
            with torch.device("meta"):
                model = builder(weights=None, weights_backbone=None).eval() if place else on_meta(name)
        except (RuntimeError, NotImplementedError, TypeError, ValueError):
            model = builder(weights=None, **arguments(name)).eval()
        side = TORCHVISION[name].side if name in TORCHVISION and not name.startswith(("vit", "maxvit", "swin")) else 224
        yield f"torchvision {name}", cc.from_torch(model), CLIP if name == "mvit_v1_b" else (1, 3, side, side)


def main() -> None:
    """Check all, or those that are named."""
    tried = failed = 0
    warnings.simplefilter("ignore")
    for name, network, shape in networks():
        if len(sys.argv) > 1 and not set(sys.argv[1:]) & set(name.split()):
            continue
        tried += 1
        try:
            check_source(network, shape)
            check_document(network, shape)
        except (cc.CnncalcError, AssertionError) as error:
            failed += 1
            print(f"{name}: {type(error).__name__}: {str(error)[:200]}")
    print(f"{tried - failed} of {tried} come back")


if __name__ == "__main__":
    main()
