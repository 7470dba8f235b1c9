"""The tools whose totals can be told, one file each: rules that were read in the source of the version named here.

Each is compared with the tool itself in tests/analyses/test_conventions.py, on every class of layers and on networks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnncalc.analyses.tools.calflops import calflops
from cnncalc.analyses.tools.fvcore import fvcore
from cnncalc.analyses.tools.ptflops import ptflops
from cnncalc.analyses.tools.thop import thop
from cnncalc.analyses.tools.torchinfo import torchinfo
from cnncalc.analyses.tools.torchvision import torchvision

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.graph import Graph
    from cnncalc.sizes import Size


class Tool(NamedTuple):
    """A tool: the version whose rules these are, its unit, why its total differs from our MACs, and the fold."""

    version: str
    unit: str
    why: str
    total: Callable[[Graph], Size]


TOOLS: dict[str, Tool] = {
    "torchinfo": Tool(
        "1.8.0",
        "mult-adds",
        "parameters of layers, biases and norms included, × output positions; transposed convolutions at their output, all "
        "but convolutions × the first axis alone, functions not at all",
        torchinfo,
    ),
    "fvcore": Tool(
        "0.1.5",
        "flops, one for a multiply-add",
        "products, and 2 per value of a norm with running statistics (without: 4 or 5), 1 or 4 per value of 2-D upsampling, 1 "
        "per value into AdaptiveAvgPool2d; none for padding as text",
        fvcore,
    ),
    "ptflops": Tool(
        "0.7.5",
        "MACs",
        "products, biases, and 1 or 2 per value of norms, activations and pools, the latter two twice where torch's function "
        "is counted beside the layer; hooks divided by the batch",
        ptflops,
    ),
    "thop": Tool(
        "0.1.1",
        "MACs",
        "products, transposed convolutions at their output, and 2 per value of a norm (4 with affine), average pools, "
        "upsampling, Softmax and PReLU; functions not at all",
        thop,
    ),
    "calflops": Tool(
        "0.3.2",
        "MACs",
        "products alone; too few for an even kernel with padding as text and for grouped transposed convolutions, none for "
        "Bilinear, mm, bmm and the operator @",
        calflops,
    ),
    "torchvision": Tool(
        "0.28",
        "MACs",
        "half of what torch's FlopCounterMode counts: our products without Bilinear",
        torchvision,
    ),
}
