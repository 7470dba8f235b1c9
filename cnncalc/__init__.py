"""cnncalc: shapes, parameters, MACs and receptive fields of convolutional networks, exact and explained.

    >>> import cnncalc as cc
    >>> conv = cc.Conv2d(3, 16, 5, stride=2, padding=1)
    >>> conv.output_shape((1, 3, 128, 128))
    (1, 16, 63, 63)

Importing cnncalc is light: a name is loaded when it is first used, and neither torch nor sympy is imported.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cnncalc.layers import FAMILIES, FUNCTIONS

if TYPE_CHECKING:
    from cnncalc import drop_in as drop_in
    from cnncalc import nn as nn
    from cnncalc import solve as solve
    from cnncalc import zoo as zoo
    from cnncalc.analyses.all_fields import all_fields as all_fields
    from cnncalc.analyses.analyze import analyze as analyze
    from cnncalc.analyses.diff import diff as diff
    from cnncalc.analyses.explain import explain as explain
    from cnncalc.analyses.explain_fields import explain_field as explain_field
    from cnncalc.analyses.formula import Formula as Formula
    from cnncalc.analyses.formula import Formulas as Formulas
    from cnncalc.analyses.formula import formula as formula
    from cnncalc.analyses.levels import levels as levels
    from cnncalc.analyses.path_counts import path_counts as path_counts
    from cnncalc.analyses.projective import projective_field as projective_field
    from cnncalc.analyses.put_in import put_in as put_in
    from cnncalc.analyses.receptive import receptive_field as receptive_field
    from cnncalc.containers import ModuleDict as ModuleDict
    from cnncalc.containers import ModuleList as ModuleList
    from cnncalc.containers import ParameterDict as ParameterDict
    from cnncalc.containers import ParameterList as ParameterList
    from cnncalc.containers import Sequential as Sequential
    from cnncalc.errors import ArgumentError as ArgumentError
    from cnncalc.errors import CnncalcError as CnncalcError
    from cnncalc.errors import DisagreementError as DisagreementError
    from cnncalc.errors import MissingExtraError as MissingExtraError
    from cnncalc.errors import ShapeError as ShapeError
    from cnncalc.errors import SpecError as SpecError
    from cnncalc.errors import UndecidedError as UndecidedError
    from cnncalc.errors import UnknownNameError as UnknownNameError
    from cnncalc.errors import UnsupportedError as UnsupportedError
    from cnncalc.field import ReceptiveField as ReceptiveField
    from cnncalc.formulas import simplify as simplify
    from cnncalc.formulas import to_function as to_function
    from cnncalc.graph import trace as trace
    from cnncalc.held import Parameter as Parameter
    from cnncalc.importers import from_onnx as from_onnx
    from cnncalc.layers.activation import *
    from cnncalc.layers.adaptive_pooling import *
    from cnncalc.layers.arithmetic import *
    from cnncalc.layers.attention import *
    from cnncalc.layers.bilinear import *
    from cnncalc.layers.convolution import *
    from cnncalc.layers.dot_product_attention import *
    from cnncalc.layers.dropout import *
    from cnncalc.layers.elementwise import *
    from cnncalc.layers.embedding import *
    from cnncalc.layers.folding import *
    from cnncalc.layers.fractional_pooling import *
    from cnncalc.layers.functional_activation import *
    from cnncalc.layers.functional_convolution import *
    from cnncalc.layers.functional_dropout import *
    from cnncalc.layers.functional_embedding import *
    from cnncalc.layers.functional_normalization import *
    from cnncalc.layers.functional_pooling import *
    from cnncalc.layers.functional_resampling import *
    from cnncalc.layers.gating import *
    from cnncalc.layers.indexing import *
    from cnncalc.layers.instance_normalization import *
    from cnncalc.layers.layer_normalization import *
    from cnncalc.layers.linear import *
    from cnncalc.layers.merging import *
    from cnncalc.layers.normalization import *
    from cnncalc.layers.padding import *
    from cnncalc.layers.pooling import *
    from cnncalc.layers.power_pooling import *
    from cnncalc.layers.products import *
    from cnncalc.layers.recurrent import *
    from cnncalc.layers.recurrent_cells import *
    from cnncalc.layers.reducing import *
    from cnncalc.layers.reordering import *
    from cnncalc.layers.resampling import *
    from cnncalc.layers.reshaping import *
    from cnncalc.layers.response_normalization import *
    from cnncalc.layers.shaping import *
    from cnncalc.layers.shuffling import *
    from cnncalc.layers.similarity import *
    from cnncalc.layers.splitting import *
    from cnncalc.layers.stretching import *
    from cnncalc.layers.summation import *
    from cnncalc.layers.transformer import *
    from cnncalc.layers.transposed_convolution import *
    from cnncalc.layers.turning import *
    from cnncalc.layers.unpooling import *
    from cnncalc.module import Module as Module
    from cnncalc.plotting import plot_field as plot_field
    from cnncalc.report import Report as Report
    from cnncalc.sizes import expression as expression
    from cnncalc.sizes import symbol as symbol
    from cnncalc.spec import dumps as dumps
    from cnncalc.spec import loads as loads
    from cnncalc.spec import parse as parse
    from cnncalc.spec.source import to_source as to_source
    from cnncalc.torch_twin import from_torch as from_torch
    from cnncalc.torch_twin import to_torch as to_torch
    from cnncalc.torch_twin import verify as verify
    from cnncalc.transformers import Transformer as Transformer
    from cnncalc.transformers import TransformerDecoder as TransformerDecoder
    from cnncalc.transformers import TransformerEncoder as TransformerEncoder

__version__ = "0.1.0"

_PLACES: dict[str, tuple[str, ...]] = {
    "adopting": (
        "all_fields",
        "analyze",
        "diff",
        "explain",
        "explain_field",
        "formula",
        "path_counts",
        "plot_field",
        "projective_field",
        "receptive_field",
        "to_source",
        "verify",
    ),
    "analyses.formula": ("Formula", "Formulas"),
    "analyses.put_in": ("put_in",),
    "analyses.levels": ("levels",),
    "errors": (
        "ArgumentError",
        "CnncalcError",
        "DisagreementError",
        "MissingExtraError",
        "ShapeError",
        "SpecError",
        "UndecidedError",
        "UnknownNameError",
        "UnsupportedError",
    ),
    "field": ("ReceptiveField",),
    "containers": ("ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"),
    "formulas": ("simplify", "to_function"),
    "graph": ("trace",),
    "importers": ("from_onnx",),
    "held": ("Parameter",),
    "module": ("Module",),
    "report": ("Report",),
    "sizes": ("expression", "symbol"),
    "spec": ("dumps", "loads", "parse"),
    "torch_twin": ("from_torch", "to_torch"),
    "transformers": ("Transformer", "TransformerDecoder", "TransformerEncoder"),
    **{f"layers.{file}": (*FAMILIES.get(file, ()), *FUNCTIONS.get(file, ())) for file in FAMILIES | FUNCTIONS},
}
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names}

_ROOMS = ("drop_in", "nn", "solve", "zoo")

__all__ = sorted([*_PLACE_OF, *_ROOMS, "__version__"])  # noqa: PLE0605 - the catalogue is the one list of names


def __getattr__(name: str) -> Any:
    """Load a public name from its place on first use (PEP 562)."""
    if name in _ROOMS:
        return import_module(f"cnncalc.{name}")
    place = _PLACE_OF.get(name)
    if place is None:
        raise AttributeError(f"module 'cnncalc' has no attribute {name!r}")
    value = getattr(import_module(f"cnncalc.{place}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """All public names, loaded or not."""
    return __all__
