"""Draw the pictures of docs/receptive-field.md. Run it after a picture's look or a network in it was changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cnncalc as cc
from cnncalc.zoo import unet

if TYPE_CHECKING:
    from cnncalc.plots.picture import Picture

FOLDER = Path(__file__).with_name("pictures")
#: The version whose letters and lines the pictures in the repository have; another one may set a letter elsewhere.
MATPLOTLIB = "3.11.2"


def homework() -> cc.Sequential:
    """Question 2 of the homework: three times convolution, pool, ReLU."""
    layers = []
    for channels in (3, 16, 16):
        layers += [cc.Conv2d(channels, 16, 5, padding=2), cc.MaxPool2d(2), cc.ReLU()]
    return cc.Sequential(*layers)


def dilated() -> cc.Sequential:
    """Three convolutions of dilation 2."""
    return cc.Sequential(*(cc.Conv2d(1, 1, 3, padding=2, dilation=2) for _ in range(3)))


def pictures() -> dict[str, Picture]:
    """Each picture by the name of its file."""
    return {
        "border.svg": cc.plot_field(homework(), (1, 3, 128, 128), at=(1, 8)),
        "dilated.svg": cc.plot_field(dilated(), (1, 1, 21, 29)),
        "layers.svg": cc.plot_field(homework(), (1, 3, 128, 128), kind="layers"),
        "paths.svg": cc.plot_field(homework(), (1, 3, 64, 64), kind="paths"),
        "phases.svg": cc.plot_field(unet(), (1, 1, 572, 572), kind="phases"),
        "layers-fa.svg": cc.plot_field(homework(), (1, 3, 128, 128), kind="layers", language="fa"),
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, picture in pictures().items():
        picture.save(FOLDER / name)
        print(name)
