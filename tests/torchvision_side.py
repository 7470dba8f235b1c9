"""The real torchvision, the oracle for its own source files.

Its compiled operators do not load beside every build of torch. None of the models here uses them, but importing
torchvision asks for them, so the operators that its registrations name are declared first, without kernels.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module, metadata
from types import ModuleType
from typing import Any, NamedTuple

import pytest

OPERATORS = """
nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor
qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor
roi_align(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, int sampling_ratio,
    bool aligned) -> Tensor
_roi_align_backward(Tensor grad, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, SymInt
    batch_size, SymInt channels, SymInt height, SymInt width, int sampling_ratio, bool aligned) -> Tensor
ps_roi_align(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, int
    sampling_ratio) -> (Tensor, Tensor)
_ps_roi_align_backward(Tensor grad, Tensor rois, Tensor channel_mapping, float spatial_scale, SymInt pooled_height,
    SymInt pooled_width, int sampling_ratio, SymInt batch_size, SymInt channels, SymInt height, SymInt width) -> Tensor
roi_pool(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width) -> (Tensor, Tensor)
_roi_pool_backward(Tensor grad, Tensor rois, Tensor argmax, float spatial_scale, SymInt pooled_height, SymInt
    pooled_width, SymInt batch_size, SymInt channels, SymInt height, SymInt width) -> Tensor
ps_roi_pool(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width) -> (Tensor,
    Tensor)
_ps_roi_pool_backward(Tensor grad, Tensor rois, Tensor channel_mapping, float spatial_scale, SymInt pooled_height,
    SymInt pooled_width, SymInt batch_size, SymInt channels, SymInt height, SymInt width) -> Tensor
qroi_align(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, int
    sampling_ratio, bool aligned) -> Tensor
deform_conv2d(Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, SymInt stride_h, SymInt stride_w,
    SymInt pad_h, SymInt pad_w, SymInt dilation_h, SymInt dilation_w, SymInt groups, SymInt offset_groups, bool
    use_mask) -> Tensor
_deform_conv2d_backward(Tensor grad, Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, SymInt
    stride_h, SymInt stride_w, SymInt pad_h, SymInt pad_w, SymInt dilation_h, SymInt dilation_w, SymInt groups, SymInt
    offset_groups, bool use_mask) -> (Tensor, Tensor, Tensor, Tensor, Tensor)
"""
#: Kept alive: an operator goes with the library that declares it.
_DECLARED = []


@cache
def torchvision() -> ModuleType:
    """The package, imported. Skips the test where it is not installed."""
    import torch

    try:
        listed = metadata.files("torchvision") or ()
    except metadata.PackageNotFoundError:
        pytest.skip("torchvision is not installed")
    compiled = [str(path.locate()) for path in listed if path.name.startswith("_C.") or path.name == "_C.so"]
    try:
        for path in compiled:
            torch.ops.load_library(path)
    except OSError:
        _DECLARED.append(torch.library.Library("torchvision", "FRAGMENT"))
        for operator in declared():
            # This file may be loaded twice in a process: by a test, and by a script that a test runs.
            if not hasattr(torch.ops.torchvision, operator.partition("(")[0]):
                _DECLARED[0].define(operator)
    return import_module("torchvision")


def declared() -> list[str]:
    """The operators that were declared: none where torchvision's own are loaded."""
    return OPERATORS.replace("\n    ", " ").strip().splitlines() if _DECLARED else []


def on_meta(name: str, **more: Any) -> Any:
    """A model by name, without weights and without memory, in eval mode."""
    import torch

    models = torchvision().models
    # Its widths are computed with tensors, which need numbers.
    params = models.regnet.BlockParams
    from_init_params = params.from_init_params

    def on_cpu(*args, **kwargs):
        with torch.device("cpu"):
            return from_init_params(*args, **kwargs)

    with torch.device("meta"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(params, "from_init_params", on_cpu)
        return models.get_model(name, weights=None, **arguments(name) | more).eval()


def arguments(name: str) -> dict[str, Any]:
    """What a builder has to be told, so that it does not warn of its default, and loads no weights for its backbone."""
    if name in {"googlenet", "inception_v3"}:
        return {"init_weights": False}
    return {"weights_backbone": None} if name.startswith(("fcn_", "deeplabv3_", "lraspp_")) else {}


class Told(NamedTuple):
    """What torchvision's model says of itself: shapes by module, tensors by name, elements, and torch's count of flops."""

    output: Any
    given: dict[str, Any]
    tensors: dict[str, tuple[int, ...]]
    params: int
    buffers: int
    flops: int

    def compare(self, report: Any) -> None:
        """Assert that a report says the same."""
        assert report.output_shape == self.output
        assert {path: report[path].output_shape for path in self.given} == self.given
        assert report.tensors == self.tensors
        assert report.params == report.trainable == self.params
        assert report.buffers == self.buffers
        assert report.macs * 2 == self.flops


def told(name: str, shape: tuple[int, ...], **more: Any) -> Told:
    """What the model of that name says for an input of that shape."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    model = on_meta(name, **more)
    given: dict[str, Any] = {}
    for path, module in model.named_modules():
        module.register_forward_hook(lambda _, __, output, path=path: given.__setitem__(path, shapes_in(output)))
    counter = FlopCounterMode(display=False)
    with counter:
        output = model(torch.zeros(shape, device="meta"))
    return Told(
        shapes_in(output),
        given,
        {path: tuple(tensor.shape) for path, tensor in model.state_dict().items()},
        sum(parameter.numel() for parameter in model.parameters()),
        sum(buffer.numel() for buffer in model.buffers()),
        counter.get_total_flops(),
    )


def shapes_in(nested: Any) -> Any:
    """Tensors as shapes."""
    if nested is None:
        return None
    if isinstance(nested, dict):
        return {key: shapes_in(item) for key, item in nested.items()}
    return tuple(map(shapes_in, nested)) if isinstance(nested, (tuple, list)) else tuple(nested.shape)
