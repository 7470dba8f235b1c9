"""Every model of torchvision and the convolutional ones of timm, by import, against torch: writes docs/coverage.md.

    python benchmarks/coverage.py [--per-family N] [--family NAME …] [--dry]

Needs torch, torchvision and timm. A model is equal where every module that runs gives torch's shape, the `state_dict` has
torch's names and shapes, every leaf owns torch's number of parameters, and the totals (parameters, trained ones,
multiply-accumulates by the flop counter) are torch's. Everything runs on the meta device.
"""

from __future__ import annotations

import argparse
import gc
import sys
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any

TOP = Path(__file__).parent.parent
sys.path.insert(0, str(TOP / "tests"))

from followed_side import asked_of_torch, differences  # noqa: E402 - the tests' own helpers
from torchvision_side import arguments, on_meta, torchvision  # noqa: E402

import cnncalc as cc  # noqa: E402

#: timm's files whose models are convolutional, or convolutions with a few blocks of attention between.
TIMM = [
    "byoanet", "byobnet", "convmixer", "convnext", "cspnet", "cspnext", "csatv2", "densenet", "dla", "dpn",
    "edgenext", "efficientformer", "efficientformer_v2", "efficientnet", "efficientvit_mit", "fasternet", "fastvit",
    "focalnet", "ghostnet", "hardcorenas", "hgnet", "hrnet", "inception_next", "inception_resnet_v2", "inception_v3",
    "inception_v4", "lcnetv2", "levit", "mambaout", "maxxvit", "metaformer", "mobilenetv3", "mobilenetv5",
    "mobilevit", "nasnet", "nextvit", "nfnet", "pnasnet", "rdnet", "regnet", "repghost", "repvit", "res2net",
    "resnest", "resnet", "resnetv2", "rexnet", "selecsls", "senet", "shvit", "sknet", "starnet", "swiftformer",
    "tresnet", "vgg", "visformer", "vovnet", "xception", "xception_aligned",
]  # fmt: skip
#: Inputs of torchvision's kinds of models: images, and clips of sixteen frames.
IMAGE, CLIP = (1, 3, 224, 224), (1, 3, 16, 224, 224)


class Family:
    """What was found for the models of one family."""

    def __init__(self) -> None:
        """Start with none."""
        self.equal = 0
        self.partial: list[str] = []
        self.refused: list[str] = []
        self.different: list[str] = []

    @property
    def tried(self) -> int:
        """How many models were made."""
        return self.equal + len(self.partial) + len(self.refused) + len(self.different)


def compare(name: str, model: Any, shape: tuple[int, ...], family: Family) -> None:
    """Compare one model, and note how that went."""
    try:
        torchs = asked_of_torch(model, shape)
    except Exception as error:  # noqa: BLE001 - what torch can't run on the meta device is no case
        print(f"{name}: not run by torch on the meta device: {str(error).splitlines()[0][:100]}", file=sys.stderr)
        return
    try:
        report = cc.analyze(model, shape)
    except cc.CnncalcError as error:
        family.refused.append(f"`{name}`: {error}")
        return
    found = differences(report, torchs)
    if report.partial:
        gap = report.not_carried[0]
        # What is not carried may have products: MACs are not compared.
        found = [line for line in found if not line.startswith("macs: ")]
        if not found:
            family.partial.append(f"`{name}`: {gap.operation} in {gap.where}: {gap.reason}")
    elif not found:
        family.equal += 1
    if found:
        family.different.append(f"`{name}`: {found[0]}")


def torchvision_models(families: dict[str, Family]) -> None:
    """All models of torchvision that can be made without data."""
    import torch

    package = torchvision().models
    places = {"": IMAGE, "segmentation": IMAGE, "quantization": None, "video": CLIP, "optical_flow": None, "detection": None}
    for name in package.list_models():
        builder = package.get_model_builder(name)
        place = builder.__module__.split(".")[2:-1]
        kind = place[0] if place else ""
        shape = places[kind]
        label = f"torchvision {kind or 'classification'}"
        if shape is None:
            continue
        try:
            if kind:
                with torch.device("meta"):
                    model = builder(weights=None, **({"weights_backbone": None} if kind == "segmentation" else {})).eval()
            else:
                model = on_meta(name)
        except (RuntimeError, NotImplementedError, TypeError, ValueError):
            model = builder(weights=None, **arguments(name)).eval()
        size = {"inception_v3": (1, 3, 299, 299), "vit_h_14": IMAGE, "mvit_v1_b": CLIP}.get(name, shape)
        compare(name, model, size, families[label])


def timm_models(families: dict[str, Family], per_family: int, only: list[str]) -> None:
    """Models of timm's convolutional files, evenly from each file's list."""
    import timm
    import torch
    from timm.models import _registry

    of_file = defaultdict(list)
    for name in timm.list_models():
        of_file[_registry._model_to_module[name]].append(name)
    for file in TIMM:
        if only and file not in only:
            continue
        names = of_file[file]
        step = max(1, len(names) // per_family)
        for name in names[::step][:per_family]:
            with torch.device("meta"):
                model = timm.create_model(name, pretrained=False).eval()
            compare(name, model, (1, *model.default_cfg.get("input_size", IMAGE[1:])), families[f"timm {file}"])
        print(file, families[f"timm {file}"].tried, file=sys.stderr, flush=True)
        gc.collect()


def page(families: dict[str, Family]) -> str:
    """The page."""
    from importlib import metadata

    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("torch", "torchvision", "timm"))
    lines = [
        "# Coverage",
        "",
        "Models of torchvision and timm as they are imported, against torch itself on the meta device. *Equal*: every module",
        "that runs gives torch's shape, the `state_dict` has torch's names and shapes, every leaf owns torch's number of",
        "parameters, and parameters, trained ones and multiply-accumulates (half of what torch's flop counter counts) are",
        "torch's to the last digit. *Partial*: an operation is not known; all but MACs was compared, and equal. *Refused*: an",
        "error says why.",
        "",
        f"Written by `benchmarks/coverage.py`, with {versions}.",
        "",
        "| family | models | equal | partial | refused | different |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for source in ("torchvision", "timm"):
        own = {name: family for name, family in families.items() if name.startswith(source) and family.tried}
        lines += [_row(name, [family]) for name, family in own.items()]
        lines.append(_row(f"**{source} in all**", list(own.values())))
    for heading, kind in (("Partial", "partial"), ("Refused", "refused"), ("Different", "different")):
        notes = [note for family in families.values() for note in getattr(family, kind)]
        if notes:
            lines += ["", f"## {heading}", "", *(f"- {note}" for note in notes)]
    return "\n".join(lines) + "\n"


def _row(name: str, families: list[Family]) -> str:
    """A row of the table."""
    counts = [sum(family.tried for family in families), sum(family.equal for family in families)]
    counts += [sum(len(getattr(family, kind)) for family in families) for kind in ("partial", "refused", "different")]
    return f"| {name} | {' | '.join(map(str, counts))} |"


def main() -> None:
    """Run what is asked for, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--per-family", type=int, default=8, help="how many models of each of timm's files (default: 8)")
    parser.add_argument("--family", action="append", default=[], help="only these files of timm")
    parser.add_argument("--dry", action="store_true", help="print the page, and leave docs/coverage.md as it is")
    given = parser.parse_args()
    families: dict[str, Family] = defaultdict(Family)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torchvision()
        if not given.family:
            torchvision_models(families)
        timm_models(families, given.per_family, given.family)
    if given.dry:
        print(page(families))
    else:
        (TOP / "docs" / "coverage.md").write_text(page(families), encoding="utf-8")


if __name__ == "__main__":
    main()
