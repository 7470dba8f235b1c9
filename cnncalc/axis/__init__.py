"""Axis maps: how an output axis follows from an input axis.

One object knows both how long the output axis is (`length`) and which input cells a set of output cells reads
(`reads`, bit sets of cnncalc.cells), so a shape and a receptive field can never disagree.

`stencil` describes a map on an endless axis (cnncalc.stencil); it is None for a map that has no such description.

The maps of resampling stand in `cnncalc.axis.resample`, which only the layers that resample load.
"""

from cnncalc.axis.adaptive import Adaptive
from cnncalc.axis.base import EACH, AxisMap, Chain, Each, equal_maps_shared
from cnncalc.axis.mixing import EVERYTHING, Everything, Groups, Prefix
from cnncalc.axis.moving import Pad, Picked, Select, Tiled
from cnncalc.axis.transposed import Transposed
from cnncalc.axis.undescribed import Undescribed
from cnncalc.axis.windows import Window

__all__ = [
    "EACH",
    "EVERYTHING",
    "Adaptive",
    "AxisMap",
    "Chain",
    "Each",
    "Everything",
    "Groups",
    "Pad",
    "Picked",
    "Prefix",
    "Select",
    "Tiled",
    "Transposed",
    "Undescribed",
    "Window",
    "equal_maps_shared",
]
