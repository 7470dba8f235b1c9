"""Stand-ins for resampling in the gradient probe: torch's own weights, each that is not 0 turned into 1.

Cubic weights may be negative, so that sums of them might vanish by accident; and torch's gradient of "nearest" does not
always belong to the cell that its forward copies. So what torch's forward does to single cells is tried on one axis at a
time, and applied as a matrix of zeros and ones.
"""

from __future__ import annotations

from typing import Any

import torch

F = torch.nn.functional
#: A weight below this is rounding: resampling at a whole position gives 1e-16 instead of 0. True weights are far larger.
_TINY = 1e-9


def resampled(
    tensor: torch.Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: Any = None,
    recompute_scale_factor: Any = None,
    antialias: Any = False,  # noqa: FBT002 - torch's signature
) -> torch.Tensor:
    """What `interpolate` reads, summed."""
    options = (mode, align_corners, recompute_scale_factor, antialias)
    axes = tensor.dim() - 2
    if mode.startswith("nearest"):
        matrices = _copied(tensor, size, scale_factor, options)
    else:
        matrices = [
            _weighed(tensor.shape[axis + 2], axis, axes, _of(size, axis), _of(scale_factor, axis), options)
            for axis in range(axes)
        ]
    for axis, matrix in enumerate(matrices):
        tensor = torch.tensordot(tensor, matrix.to(tensor.dtype), dims=([axis + 2], [0])).movedim(-1, axis + 2)
    return tensor


def _of(value: Any, axis: int) -> Any:
    """The value of one axis."""
    return value[axis] if isinstance(value, (tuple, list)) else value


def _copied(tensor: torch.Tensor, size: Any, scale_factor: Any, options: tuple[Any, ...]) -> list[torch.Tensor]:
    """Which cell each output cell is a copy of, per axis: an image of coordinates, as float32 and as large as the real one."""
    matrices = []
    axes = tensor.dim() - 2
    for axis, n in enumerate(tensor.shape[2:]):
        along = [1] * (axes + 2)
        along[axis + 2] = n
        coordinates = torch.arange(n, dtype=torch.float32).view(along).expand(1, 2, *tensor.shape[2:]).contiguous()
        image = F.interpolate(coordinates, size, scale_factor, *options)
        copied = image.movedim(axis + 2, -1).reshape(-1, image.shape[axis + 2])[0].long()
        matrices.append(F.one_hot(copied, n).T)
    return matrices


def _weighed(n: int, axis: int, axes: int, size: Any, scale_factor: Any, options: tuple[Any, ...]) -> torch.Tensor:
    """Which cells have a weight in each output cell: one image per cell, two cells long on every other axis."""
    along = [1] * axes
    along[axis] = n
    images = torch.eye(n, dtype=torch.float64).view(1, n, *along).expand(1, n, *(n if a == axis else 2 for a in range(axes)))
    sizes = None if size is None else [size if a == axis else 2 for a in range(axes)]
    scales = None if scale_factor is None else [scale_factor if a == axis else 1.0 for a in range(axes)]
    weights = F.interpolate(images.contiguous(), sizes, scales, *options)
    return (weights.movedim(axis + 2, -1).reshape(n, -1, weights.shape[axis + 2])[:, 0].abs() > _TINY).double()


def upsample_layer(layer: Any, tensor: torch.Tensor) -> torch.Tensor:
    """`resampled` for a layer."""
    return resampled(tensor, layer.size, layer.scale_factor, layer.mode, layer.align_corners, layer.recompute_scale_factor)


def interpolate_function(name: str, tensor: torch.Tensor, *args: Any, **call: Any) -> torch.Tensor:
    """`resampled` for a function by its name."""
    if name == "upsample_bilinear":
        sizes = dict(zip(("size", "scale_factor"), args, strict=False)) | call
        return resampled(tensor, **sizes, mode="bilinear", align_corners=True)
    return resampled(tensor, *args, **call)
