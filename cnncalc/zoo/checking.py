"""Arguments of architectures, checked before anything is built: a spec may come from a stranger."""

from __future__ import annotations

from functools import wraps
from math import isfinite
from typing import TYPE_CHECKING, Any

from cnncalc.errors import ArgumentError
from cnncalc.layers.checking import binding_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: Torchvision's arguments for values.
WEIGHTS = ("weights", "weights_backbone")
#: Torchvision's arguments that change no number here: initial values, how memory is used, what happens in training alone.
WITHOUT_NUMBERS = {
    "convnext": {"layer_scale"},
    "densenet": {"memory_efficient"},
    "googlenet": {"init_weights"},
    "inception": {"init_weights"},
    "maxvit": {"attention_dropout"},
    "resnet": {"zero_init_residual"},
    "swin": {"attention_dropout"},
    "vgg": {"init_weights"},
}
#: Torchvision's arguments that take classes or tables of torchvision's own; None is what the network has anyway.
CLASSES = {
    "convnext": {"block", "norm_layer"},
    "efficientnet": {"norm_layer"},
    "googlenet": {"blocks"},
    "inception": {"inception_blocks"},
    "maxvit": {"activation_layer", "norm_layer"},
    "mobilenetv2": {"block", "inverted_residual_setting", "norm_layer"},
    "mobilenetv3": {"block", "norm_layer"},
    "regnet": {"activation", "block_type", "norm_layer", "stem_type"},
    "resnet": {"norm_layer"},
    "shufflenetv2": {"inverted_residual"},
    "swin": {"block", "downsample_layer", "norm_layer"},
    "vit": {"conv_stem_configs", "norm_layer"},
}
#: Poolings of a U-Net: no image has so many halvings.
DEEPEST = 16
#: A multiplier of widths.
WIDEST = 1000
#: Layers of a network whose number is an argument.
MOST_LAYERS = 2000


def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """An architecture that takes torchvision's call: `weights=None` is what it is anyway, and `progress` nothing.

    Wrong arguments raise `ArgumentError`, not TypeError; so do weights, which would be downloaded and change no number, and
    classes to build with.
    """
    family = function.__module__.rpartition("._")[2]

    @wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        for name in WEIGHTS:
            if kwargs.pop(name, None) is not None:
                raise ArgumentError(
                    f"{name} can only be None: there are no values here, and no number depends on them",
                    where=function.__name__,
                    remedy=f"leave {name} out",
                )
        for name in {"progress"} | WITHOUT_NUMBERS.get(family, set()):
            kwargs.pop(name, None)
        for name in CLASSES.get(family, ()):
            if kwargs.pop(name, None) is not None:
                raise ArgumentError(
                    f"{name} takes classes of torchvision's, which a spec can't name",
                    where=function.__name__,
                    remedy="hand torchvision's own module over: cnncalc.from_torch(model)",
                )
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            raise binding_error(function, args, kwargs, function.__name__) or error from None

    return checked


def check_whole(where: str, least: int = 1, most: int | None = None, **values: Any) -> None:
    """Refuse what is not a whole number from `least` to `most`."""
    for name, value in values.items():
        if type(value) is not int or value < least or (most is not None and value > most):
            bounds = f"from {least} on" if most is None else f"from {least} to {most}"
            raise ArgumentError(f"{name} must be a whole number {bounds}", where=where, got=f"{name}={value!r:.60}")


def check_each_whole(where: str, **values: Any) -> None:
    """Refuse what is not a tuple of whole numbers from 1 on, at least one and together not too many."""
    for name, value in values.items():
        fits = isinstance(value, (tuple, list)) and value and all(type(item) is int and item >= 1 for item in value)
        if not fits or sum(value) > MOST_LAYERS:
            raise ArgumentError(
                f"{name} must be whole numbers from 1 on, together at most {MOST_LAYERS}",
                where=where,
                got=f"{name}={value!r:.60}",
            )


def check_positive(where: str, most: float | None = None, **values: Any) -> None:
    """Refuse what is not a number above 0, and at most `most`."""
    for name, value in values.items():
        is_number = type(value) in {int, float} and isfinite(value) and value > 0
        if not is_number or (most is not None and value > most):
            bounds = "above 0" if most is None else f"above 0 and at most {most:g}"
            raise ArgumentError(f"{name} must be a number {bounds}", where=where, got=f"{name}={value!r:.60}")


def check_known(where: str, known: Iterable[Any], **values: Any) -> None:
    """Refuse what is not among the known values."""
    *others, last = known
    for name, value in values.items():
        if not any(type(value) is type(one) and value == one for one in (*others, last)):
            raise ArgumentError(
                f"{name} must be {', '.join(map(str, others))} or {last}", where=where, got=f"{name}={value!r:.60}"
            )
