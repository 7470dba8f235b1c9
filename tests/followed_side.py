"""A torch module against what cnncalc says of it: the module itself is run on the meta device, hooked and counted."""

from __future__ import annotations

from typing import Any

import cnncalc as cc


def shapes_in(nested: Any) -> Any:
    """Tensors as shapes; what is no tensor stays."""
    if isinstance(nested, dict):
        return {key: shapes_in(item) for key, item in nested.items()}
    if isinstance(nested, (tuple, list)):
        return tuple(map(shapes_in, nested))
    return tuple(nested.shape) if hasattr(nested, "shape") else nested


def asked_of_torch(module: Any, *shapes: tuple[int, ...]) -> dict[str, Any]:
    """Every figure by torch: what each module that ran gave, the tensors and their counts, multiply-accumulates."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from cnncalc.torch_twin.counting import _LEFT_OUT

    given: dict[str, Any] = {}
    hooks = [
        part.register_forward_hook(lambda _, __, output, path=path: given.__setitem__(path, shapes_in(output)))
        for path, part in module.named_modules()
    ]
    counter = FlopCounterMode(display=False, custom_mapping=dict(_LEFT_OUT))
    try:
        with counter:
            output = module(*(torch.zeros(shape, device="meta") for shape in shapes))
    finally:
        for hook in hooks:
            hook.remove()
    return {
        "output": shapes_in(output),
        "given": given,
        "tensors": {path: tuple(tensor.shape) for path, tensor in _once(module)},
        "own": _owned(module),
        "params": sum(parameter.numel() for parameter in module.parameters()),
        "trainable": sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad),
        "macs": counter.get_total_flops() // 2,
    }


def _once(module: Any) -> Any:
    """Name and tensor of the `state_dict`, a shared one once."""
    seen: set[int] = set()
    for path, tensor in module.state_dict(keep_vars=True).items():
        if id(tensor) not in seen:
            seen.add(id(tensor))
            yield path, tensor


def _owned(module: Any) -> dict[str, int]:
    """How many parameters each module itself owns, a shared one counted where it is first."""
    own = dict.fromkeys((path for path, _ in module.named_modules()), 0)
    for name, parameter in module.named_parameters():
        own[name.rpartition(".")[0]] += parameter.numel()
    return own


def differences(report: cc.Report, torchs: dict[str, Any]) -> list[str]:
    """Where a report and torch differ, in words."""
    found = []
    ours = {
        "output": report.output_shape,
        "given": {path: report[path].output_shape if path in report else None for path in torchs["given"]},
        "tensors": report.tensors,
        "params": int(report.params),
        "trainable": int(report.trainable),
        "macs": int(report[""].macs),
    }
    for what, figure in ours.items():
        theirs = torchs[what]
        if what in {"given", "tensors"}:
            found += [
                f"{what} of {path}: {figure.get(path)}, torch {theirs.get(path)}"
                for path in figure | theirs
                if figure.get(path) != theirs.get(path)
            ]
        elif figure != theirs:
            found.append(f"{what}: {figure}, torch {theirs}")
    # Leaves own what they own; containers own also what is inside them.
    found += [
        f"parameters of {path}: {report[path].params}, torch {own}"
        for path, own in torchs["own"].items()
        if path in report and report[path].own and not any(other.startswith(f"{path}.") for other in torchs["own"])
        if report[path].params != own
    ]
    return found
