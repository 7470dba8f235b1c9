"""torch's layers as layers of cnncalc: the arguments are read off the module, so what was changed after it was made counts.

There is no bridge per layer: an argument is the attribute of its name, and the few that torch keeps otherwise stand in
`_READ`. A module whose arguments can't all be read, or whose tensors then have other shapes, is no layer here: its
`forward` is followed instead.
"""

from __future__ import annotations

import inspect
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.modules.lazy import LazyModuleMixin

from cnncalc.errors import CnncalcError
from cnncalc.layers import LAYER_NAMES, named

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.layers.layer import Layer

#: Arguments that decide nothing here: where tensors lie, what they hold, old names of other arguments.
_IGNORED = frozenset(["device", "dtype", "_weight", "_freeze", "init", "min_value", "max_value", "process_group"])
#: Methods that a subclass may have of its own without working in another way.
_HARMLESS = frozenset(["extra_repr", "reset_parameters", "_reset_parameters", "train", "eval", "_get_name"])
#: Calls of a module that are not its forward.
_HOOKS = ("_forward_hooks", "_forward_pre_hooks")


class _Unread(Exception):  # noqa: N818 - never leaves this file
    """An argument that can't be read off a module."""


def layer_of(module: Any) -> Layer | None:
    """The layer that a module of torch, or of a user's subclass that works in the same way, is; None for any other."""
    kind: Any = type(module)
    base = base_of(kind)
    lazy = isinstance(module, LazyModuleMixin)
    if base is None or "forward" in module.__dict__ or (not lazy and any(getattr(module, hooks) for hooks in _HOOKS)):
        return None
    try:
        made: Layer = _class_for(kind, base)(**_arguments(module, base))
    except (CnncalcError, _Unread):
        return None
    if lazy:
        return made
    inside = {path: getattr(base_of(part.__class__), "__name__", "") for path, part in module.named_modules() if path}
    if inside != {path: part.torch_name for path, part in made.named_modules() if path}:  # type: ignore[attr-defined]
        return None
    held = {name: tuple(tensor.shape) for name, tensor in _tensors(module).items()}
    tensors = made.parameters() | made.buffers()
    return made if all(held.get(name) == shape for name, shape in tensors.items()) else None


@cache
def base_of(kind: Any) -> Any:
    """The class of torch.nn that a class is, or inherits all it does from; None for any other."""
    own: set[str] = set()
    for base in kind.__mro__:
        name = base.__name__
        if getattr(torch.nn, name, None) is base:
            if name not in LAYER_NAMES:
                return None
            changed = {attribute for attribute in own & set(dir(base)) if not attribute.startswith("__")} - _HARMLESS
            return None if changed or "__call__" in own else base
        own |= {attribute for attribute, value in vars(base).items() if callable(value) or isinstance(value, property)}
    return None


@cache
def _class_for(kind: Any, base: Any) -> Any:
    """Our class of a name of torch; for a user's subclass, a subclass of that name."""
    ours = named(base.__name__)
    return ours if kind is base or kind.__name__.startswith("NonDynamically") else type(kind.__name__, (ours,), {})


def _tensors(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Parameters and buffers by qualified name."""
    return dict(module.named_parameters(remove_duplicate=False)) | dict(module.named_buffers(remove_duplicate=False))


def _arguments(module: Any, base: Any) -> dict[str, Any]:
    """The constructor's arguments as the module has them now, without those that are as torch's default."""
    found: dict[str, Any] = {}
    read = _READ_OF.get(base.__name__, {})
    for name, parameter in inspect.signature(named(base.__name__).__init__).parameters.items():
        if name == "self" or name in _IGNORED or parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            continue
        how = read.get(name) or _READ.get(name)
        if how is not None:
            value = how(module)
        elif hasattr(module, name):
            value = getattr(module, name)
        elif name == "_random_samples" and module._random_samples is None:
            continue
        else:
            raise _Unread(name)
        if isinstance(value, torch.Tensor):
            raise _Unread(name)
        value = tuple(value) if isinstance(value, torch.Size) else value
        default = parameter.default
        plain = value[0] if isinstance(value, tuple) and value and len(set(map(repr, value))) == 1 else value
        if default is parameter.empty or not any(type(item) is type(default) and item == default for item in (value, plain)):
            found[name] = value
    return found


def _has(name: str) -> Callable[[torch.nn.Module], bool]:
    """Whether a module has a tensor of a name."""
    return lambda module: getattr(module, name) is not None


def _bias(module: torch.nn.Module) -> bool:
    """Whether there is a bias; recurrent layers keep the flag itself."""
    bias = module.bias
    return bias if isinstance(bias, bool) else bias is not None


def _activation(module: torch.nn.Module) -> str:
    """The activation of a transformer layer, by name."""
    for name in ("relu", "gelu"):
        if module.activation is getattr(torch.nn.functional, name):
            return name
    raise _Unread("activation")


def _norm_bias(module: torch.nn.Module) -> bool:
    """Whether a LayerNorm has a bias, or would have one if it were affine."""
    return module.weight is None or module.bias is not None


#: How an argument is read that is no attribute of its name.
_READ: dict[str, Callable[[Any], Any]] = {"bias": _bias}
_TRANSFORMER: dict[str, Callable[[Any], Any]] = {
    "d_model": lambda module: module.self_attn.embed_dim,
    "nhead": lambda module: module.self_attn.num_heads,
    "dim_feedforward": lambda module: module.linear1.out_features,
    "dropout": lambda module: module.dropout.p,
    "activation": _activation,
    "layer_norm_eps": lambda module: module.norm1.eps,
    "batch_first": lambda module: module.self_attn.batch_first,
    "bias": lambda module: module.linear1.bias is not None,
}
#: The same for single layers.
_READ_OF: dict[str, dict[str, Callable[[Any], Any]]] = {
    "LayerNorm": {"bias": _norm_bias},
    "PairwiseDistance": {"p": lambda module: module.norm},
    "MultiheadAttention": {"bias": _has("in_proj_bias"), "add_bias_kv": _has("bias_k")},
    "TransformerEncoderLayer": _TRANSFORMER,
    "TransformerDecoderLayer": _TRANSFORMER,
}
