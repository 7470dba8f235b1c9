"""FCN-8s: VGG-16 as a fully convolutional network, its last map joined with two earlier ones.

Source: Fully convolutional networks for semantic segmentation, CVPR 2015, arXiv:1411.4038, section 4.2 and figure 3; the
names, the padding of 100 and the crops by 5, 9 and 31 cells are those of the networks that its authors published.
"""

from __future__ import annotations

from typing import Any

from cnncalc.containers import Sequential
from cnncalc.layers.activation import ReLU
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.pooling import MaxPool2d
from cnncalc.layers.transposed_convolution import ConvTranspose2d
from cnncalc.module import Module

#: Channels and convolutions of VGG-16's stages: table 1 of its paper, column D.
STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
#: So much zero padding keeps the coarsest map from vanishing, whatever the image; the crops take it off again.
PADDING = 100


class FCN8s(Module):
    """VGG-16 with convolutions for its dense layers; its scores, doubled, meet those of pool4, doubled again those of pool3."""

    def __init__(self, num_classes: int, dropout: float) -> None:
        """Build the network."""
        super().__init__()
        inputs = 3
        for number, (channels, count) in enumerate(STAGES, 1):
            stage: dict[str, Module] = {}
            for index in range(1, count + 1):
                padding = PADDING if number == index == 1 else 1
                stage[f"conv{number}_{index}"] = Conv2d(inputs, channels, 3, padding=padding)
                stage[f"relu{number}_{index}"] = ReLU()
                inputs = channels
            stage[f"pool{number}"] = MaxPool2d(2, stride=2, ceil_mode=True)
            self.add_module(f"stage{number}", Sequential(stage))
        self.fc6 = Sequential(Conv2d(512, 4096, 7), ReLU(), Dropout(dropout))
        self.fc7 = Sequential(Conv2d(4096, 4096, 1), ReLU(), Dropout(dropout))
        self.score_fr = Conv2d(4096, num_classes, 1)
        self.score_pool4 = Conv2d(512, num_classes, 1)
        self.score_pool3 = Conv2d(256, num_classes, 1)
        self.upscore2 = ConvTranspose2d(num_classes, num_classes, 4, stride=2, bias=False)
        self.upscore_pool4 = ConvTranspose2d(num_classes, num_classes, 4, stride=2, bias=False)
        self.upscore8 = ConvTranspose2d(num_classes, num_classes, 16, stride=8, bias=False)

    def forward(self, x: Any) -> Any:
        """A score for each class at each cell of the image."""
        children = self._children
        pool3 = children["stage3"](children["stage2"](children["stage1"](x)))
        pool4 = children["stage4"](pool3)
        scores = self.upscore2(self.score_fr(self.fc7(self.fc6(children["stage5"](pool4)))))
        scores = self.upscore_pool4(scores + _cropped(self.score_pool4(pool4), 5, scores))
        scores = self.upscore8(scores + _cropped(self.score_pool3(pool3), 9, scores))
        return _cropped(scores, 31, x)


def _cropped(scores: Any, offset: int, like: Any) -> Any:
    """As many cells as another map has, from an offset on."""
    height, width = like.shape[-2:]
    return scores[..., offset : offset + height, offset : offset + width]


def fcn8s(num_classes: int = 21, dropout: float = 0.5) -> FCN8s:
    """FCN-8s on VGG-16, the paper's: one score for each cell of an image of any size."""
    return FCN8s(num_classes, dropout)
