"""Named architectures: specs, never results. Names and arguments are those of torchvision's functions.

`CATALOGUE` says which family defines which names; its file, the family's name behind an underscore so that no function
shares a file's name, is loaded when one of its names is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnncalc.module import Module

CATALOGUE: dict[str, tuple[str, ...]] = {
    "alexnet": ("alexnet",),
    "attention_unet": ("attention_unet",),
    "convnext": ("convnext_tiny", "convnext_small", "convnext_base", "convnext_large"),
    "densenet": ("densenet", "densenet121", "densenet161", "densenet169", "densenet201", "densenet264"),
    "efficientnet": (
        "efficientnet_b0",
        "efficientnet_b1",
        "efficientnet_b2",
        "efficientnet_b3",
        "efficientnet_b4",
        "efficientnet_b5",
        "efficientnet_b6",
        "efficientnet_b7",
        "efficientnet_v2_s",
        "efficientnet_v2_m",
        "efficientnet_v2_l",
    ),
    "fcn": ("fcn8s",),
    "googlenet": ("googlenet",),
    "inception": ("inception_v3",),
    "lenet": ("lenet",),
    "maxvit": ("maxvit_t",),
    "mnasnet": ("mnasnet0_5", "mnasnet0_75", "mnasnet1_0", "mnasnet1_3"),
    "mobilenetv1": ("mobilenet_v1",),
    "mobilenetv2": ("mobilenet_v2",),
    "mobilenetv3": ("mobilenet_v3_large", "mobilenet_v3_small"),
    "regnet": (
        "regnet_y_400mf",
        "regnet_y_800mf",
        "regnet_y_1_6gf",
        "regnet_y_3_2gf",
        "regnet_y_8gf",
        "regnet_y_16gf",
        "regnet_y_32gf",
        "regnet_y_128gf",
        "regnet_x_400mf",
        "regnet_x_800mf",
        "regnet_x_1_6gf",
        "regnet_x_3_2gf",
        "regnet_x_8gf",
        "regnet_x_16gf",
        "regnet_x_32gf",
    ),
    "resnet": (
        "resnet18",
        "resnet34",
        "resnet50",
        "resnet101",
        "resnet152",
        "resnext50_32x4d",
        "resnext101_32x8d",
        "resnext101_64x4d",
        "wide_resnet50_2",
        "wide_resnet101_2",
    ),
    "segmentation": (
        "aspp",
        "fcn_resnet50",
        "fcn_resnet101",
        "deeplabv3_resnet50",
        "deeplabv3_resnet101",
        "deeplabv3_mobilenet_v3_large",
        "lraspp_mobilenet_v3_large",
    ),
    "shufflenetv2": ("shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "shufflenet_v2_x1_5", "shufflenet_v2_x2_0"),
    "squeezenet": ("squeezenet1_0", "squeezenet1_1"),
    "swin": ("swin_t", "swin_s", "swin_b", "swin_v2_t", "swin_v2_s", "swin_v2_b"),
    "unet": ("unet",),
    "unet_plus_plus": ("unet_plus_plus",),
    "vgg": ("vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn"),
    "vit": ("vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32", "vit_h_14"),
}
_FILE_OF = {name: file for file, names in CATALOGUE.items() for name in names}
__all__ = sorted(_FILE_OF)  # noqa: PLE0605 - the catalogue is the one list of names


def __getattr__(name: str) -> Any:
    """Load an architecture on first use (PEP 562)."""
    file = _FILE_OF.get(name)
    if file is None:
        raise AttributeError(f"module 'cnncalc.zoo' has no attribute {name!r}")
    from cnncalc.zoo.checking import guarded

    function = globals()[name] = guarded(getattr(import_module(f"cnncalc.zoo._{file}"), name))
    return function


class Architectures:
    """The catalogue as a mapping from names to functions, for the parser: nothing is loaded until it is called for."""

    def __contains__(self, name: object) -> bool:
        """Whether an architecture has that name."""
        return name in _FILE_OF

    def __getitem__(self, name: str) -> Callable[..., Module]:
        """The function that makes an architecture."""
        function: Callable[..., Module] = globals().get(name) or __getattr__(str(name))
        return function

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(__all__)


ARCHITECTURES = Architectures()
