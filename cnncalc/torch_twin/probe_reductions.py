"""What stands in for functions that take cells along axes together, in the gradient probe: plain sums over the same axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from cnncalc.torch_twin.running import torch_function

if TYPE_CHECKING:
    from collections.abc import Callable


def summed(name: str, tensor: torch.Tensor, *arguments: Any, **call: Any) -> Any:
    """The sum over the axes that the function takes together; its places, where it gives them, are its own."""
    second = call.get("other", arguments[0] if arguments else None)
    if isinstance(second, torch.Tensor):
        return tensor + second
    behind = arguments[1:] if name == "norm" else arguments
    dim = call.get("dim", behind[0] if behind else None)
    dims = None if dim is None or isinstance(dim, bool) or dim in ((), []) else dim
    own = torch_function(name)(tensor.detach(), *arguments, **call)
    values = own if isinstance(own, torch.Tensor) else own[0]
    total = tensor.sum() if dims is None else tensor.sum(dims)
    total = total.reshape(values.shape)
    return total if isinstance(own, torch.Tensor) else type(own)((total, own[1]))


def so_far(name: str, tensor: torch.Tensor, dim: int, **_: Any) -> torch.Tensor:
    """The sum so far, for products too."""
    del name
    return tensor.cumsum(dim)


def places(name: str, tensor: torch.Tensor, *arguments: Any, **call: Any) -> torch.Tensor:
    """The function itself: no gradient flows through the place of a cell."""
    own: torch.Tensor = torch_function(name)(tensor.detach(), *arguments, **call)
    return own


def compared(name: str, x1: torch.Tensor, x2: torch.Tensor, *arguments: Any, **call: Any) -> torch.Tensor:
    """Both tensors along the axis that is compared: dim, or the last one."""
    own = torch_function(name)(x1.detach(), x2.detach(), *arguments, **call)
    dim = call.get("dim", arguments[0] if arguments else 1) if name == "cosine_similarity" else -1
    total: torch.Tensor = (x1 + x2).sum(dim).reshape(own.shape)
    return total


def comparing(layer: Any, x1: torch.Tensor, x2: torch.Tensor) -> torch.Tensor:
    """A layer of this kind, by its axis."""
    own = layer(x1.detach(), x2.detach())
    total: torch.Tensor = (x1 + x2).sum(getattr(layer, "dim", -1)).reshape(own.shape)
    return total


COMPARING: dict[type[torch.nn.Module], Callable[..., Any]] = {
    torch.nn.CosineSimilarity: comparing,
    torch.nn.PairwiseDistance: comparing,
}
REDUCTIONS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(["mean", "sum", "nansum", "prod", "amax", "amin", "max", "min", "var", "std", "norm", "logsumexp"], summed),
    **dict.fromkeys(["cumsum", "cumprod"], so_far),
    **dict.fromkeys(["cosine_similarity", "pairwise_distance"], compared),
    **dict.fromkeys(["argmax", "argmin"], places),
}
