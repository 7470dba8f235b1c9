"""What a source is held to: read back by cnncalc it is the same graph, run by torch it has the same tensors and shapes."""

from __future__ import annotations

import torch  # noqa: TID253 - imported by tests that need it

import cnncalc as cc

IMPORTS = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
OURS = "import cnncalc.nn.functional as F\nfrom cnncalc import drop_in as torch\nfrom cnncalc import nn\n"


def run(source):
    """The network that a source of ours makes."""
    space = {}
    exec(source, space)  # noqa: S102 - written by the function under test, a moment ago
    return space["network"]


def flow(graph):
    """Each call of a graph: name, kind, what it reads, what it gives, and whether it was written as an operator."""
    return [
        (
            node.path,
            node.kind,
            [(value.node.index, value.index) for value in node.values],
            node.output,
            getattr(node.operation, "is_operator", False),
        )
        for node in graph.nodes
    ]


def shapes_of(nested):
    """Nested tensors as shapes."""
    if isinstance(nested, torch.Tensor):
        return tuple(nested.shape)
    if isinstance(nested, dict):
        return {key: shapes_of(value) for key, value in nested.items()}
    return tuple(map(shapes_of, nested))


def check_source(network, *shapes):
    """Read the source of a network back both ways, and give it."""
    source = cc.to_source(network, *shapes)
    assert source.startswith(IMPORTS)
    again = run(source.replace(IMPORTS, OURS))
    assert flow(cc.trace(again, *shapes)) == flow(cc.trace(network, *shapes))
    report = cc.analyze(network, *shapes)
    _same_totals(cc.analyze(again, *shapes), report)
    with torch.device("meta"):
        twin = run(source).eval()
        assert _state(twin) == _state(cc.to_torch(network, device="meta"))
        assert sum(p.numel() for p in twin.parameters() if p.requires_grad) == report.trainable
        assert shapes_of(twin(*map(torch.empty, shapes))) == report.output_shape
    return source


def check_document(network, *shapes):
    """Read the JSON form of a network back, and give it."""
    document = cc.dumps(network, *shapes)
    again = cc.loads(document)
    assert flow(cc.trace(again, *shapes)) == flow(cc.trace(network, *shapes))
    _same_totals(cc.analyze(again, *shapes), cc.analyze(network, *shapes))
    assert cc.dumps(again, *shapes) == document
    return document


def _state(module):
    """Name, shape and type of each tensor of a torch module."""
    return {name: (tuple(tensor.shape), tensor.dtype) for name, tensor in module.state_dict().items()}


def _same_totals(found, report):
    """The same tensors and totals."""
    assert found.tensors == report.tensors
    assert (found.params, found.trainable, found.buffers, found.macs) == (
        report.params,
        report.trainable,
        report.buffers,
        report.macs,
    )
    assert found.output_shape == report.output_shape
