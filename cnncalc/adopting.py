"""The entries that take a torch module as readily as a network of cnncalc: it is followed as `from_torch` does.

torch is not imported for that: who hands over a torch module has done so.
"""

from __future__ import annotations

import sys
from functools import wraps
from importlib import import_module
from typing import Any

#: Where the functions stand whose first arguments are networks.
PLACES = {
    "all_fields": "analyses.all_fields",
    "analyze": "analyses.analyze",
    "diff": "analyses.diff",
    "explain": "analyses.explain",
    "explain_field": "analyses.explain_fields",
    "formula": "analyses.formula",
    "path_counts": "analyses.path_counts",
    "plot_field": "plotting",
    "projective_field": "analyses.projective",
    "receptive_field": "analyses.receptive",
    "to_source": "spec.source",
    "verify": "torch_twin",
}


def __getattr__(name: str) -> Any:
    """One of these functions, made to take a torch module, too; loaded on first use (PEP 562)."""
    place = PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    function = getattr(import_module(f"cnncalc.{place}"), name)

    @wraps(function)
    def adopting(*given: Any, **options: Any) -> Any:
        return function(*map(adopted, given), **options)

    globals()[name] = adopting
    return adopting


def adopted(network: Any) -> Any:
    """A network as it is, a torch module as a network."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(network, torch.nn.Module):
        from cnncalc.torch_twin import from_torch

        return from_torch(network)
    return network
