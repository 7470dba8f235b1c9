"""The real torchvision, the oracle for its own source files.

Its compiled operators do not load beside every build of torch. None of the models here uses them, but importing
torchvision asks for them, so the operators that its registrations name are declared first, without kernels.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module, metadata
from types import ModuleType
from typing import Any

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
        for operator in OPERATORS.replace("\n    ", " ").strip().splitlines():
            _DECLARED[0].define(operator)
    return import_module("torchvision")


def on_meta(name: str) -> Any:
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
        return models.get_model(name, weights=None, **arguments(name)).eval()


def arguments(name: str) -> dict[str, Any]:
    """What a builder has to be told, so that it does not warn of its default."""
    return {"init_weights": False} if name in {"googlenet", "inception_v3"} else {}
