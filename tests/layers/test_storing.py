"""Which tensors share memory and which are laid out anew: chains of calls, against torch's storages."""

from __future__ import annotations

from itertools import product

import pytest
import torch_side

torch = pytest.importorskip("torch")

from test_tensor_methods import Applied  # noqa: E402 - it needs torch

import cnncalc as cc  # noqa: E402
from cnncalc.analyses.memory import Storages  # noqa: E402

#: Calls that give a part of a tensor, or its axes in another way, or its cells in another shape.
STEPS = {
    "transpose": lambda x: x.transpose(0, 1),
    "last transposed": lambda x: x.transpose(-1, -2),
    "permute": lambda x: x.permute(*reversed(range(len(x.shape)))),
    "in order": lambda x: x.permute(*range(len(x.shape))),
    "movedim": lambda x: x.movedim(0, -1),
    "first rows": lambda x: x[1:],
    "later columns": lambda x: x[:, 1:],
    "one row": lambda x: x[0],
    "one column": lambda x: x[:, 0],
    "last": lambda x: x[..., 0],
    "chunk": lambda x: x.chunk(2, 0)[0],
    "chunk of columns": lambda x: x.chunk(2, 1)[1],
    "split": lambda x: x.split(1, -1)[0],
    "unbind": lambda x: x.unbind(0)[1],
    "narrow": lambda x: x.narrow(1, 0, 2),
    "unsqueeze": lambda x: x.unsqueeze(1),
    "squeeze": lambda x: x.squeeze(),
    "flatten": lambda x: x.flatten(),
    "flatten the last": lambda x: x.flatten(-2),
    "reshape": lambda x: x.reshape(-1),
    "reshape pairs": lambda x: x.reshape(x.shape[0], -1),
    "unflatten": lambda x: x.unflatten(0, (1, -1)),
    "ravel": lambda x: x.ravel(),
    "every other row": lambda x: x[::2],
    "every other column": lambda x: x[:, ::2],
    "expand": lambda x: x[:1].expand(3, *(-1,) * (len(x.shape) - 1)),
    "expand before": lambda x: x.expand(2, *x.shape),
    "expand within": lambda x: x.unsqueeze(1).expand(-1, 2, *(-1,) * (len(x.shape) - 1)),
    "expand to its own": lambda x: x.expand(*x.shape),
    "relu": lambda x: x.relu(),
    "sum": lambda x: x.sum(0),
    "flip": lambda x: x.flip(0),
    "roll": lambda x: x.roll(1, 0),
    "repeat": lambda x: x.repeat(*(2,) * len(x.shape)),
    "added": lambda x: x + 1,
    "in place": lambda x: x.add_(1),
}


SHAPES = ((3, 4, 2), (1, 4, 2))


def torchs(names, shape):
    """Whether torch's output lies in the memory of its input, and whether a tensor on the way has its cells out of order."""
    x = y = torch.zeros(shape)
    out_of_order = False
    for name in names:
        y = STEPS[name](y)
        out_of_order |= not y.is_contiguous() or name in PARTS
    return y.untyped_storage()._cdata == x.untyped_storage()._cdata, out_of_order


def told(names, shape):
    """Whether ours does."""

    def code(x):
        for name in names:
            x = STEPS[name](x)
        return x

    graph = cc.trace(Applied(code), shape)
    storages = Storages(graph)
    return storages.root[storages.number(graph.output)] == storages.root[0]


#: They take a part of an axis behind the first, were it all of it.
PARTS = ("later columns", "one column", "chunk of columns", "narrow", "last", "split")
RESHAPES = ("reshape", "reshape pairs", "flatten the last", "flatten", "unflatten", "ravel")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("first", sorted(STEPS))
def test_chains_share_memory_as_torchs_do(first, shape):
    """A reshape of cells that are out of order is taken to be a copy, which torch can do without for some shapes."""
    for rest in [(), *product(STEPS), *product(sorted(STEPS), RESHAPES[:3])]:
        try:
            with torch_side.quiet():
                expected, out_of_order = torchs((first, *rest), shape)
        except (RuntimeError, IndexError, ValueError):
            continue
        found = told((first, *rest), shape)
        if out_of_order and (first in RESHAPES or set(rest) & set(RESHAPES)):
            assert expected or not found, (first, *rest)
        else:
            assert found == expected, (first, *rest)


def test_one_axis_laid_out_as_one_is_no_copy():
    class Turned(cc.Module):
        def __init__(self):
            super().__init__()
            self.flatten = cc.Flatten(1, 1)

        def forward(self, x):
            """Axes exchanged, and one of them flattened."""
            return self.flatten(x.transpose(0, 1))

    graph = cc.trace(Turned(), (3, 4, 2))
    storages = Storages(graph)
    x = torch.zeros(3, 4, 2)
    assert torch.nn.Flatten(1, 1)(x.transpose(0, 1)).untyped_storage()._cdata == x.untyped_storage()._cdata
    assert storages.root[storages.number(graph.output)] == storages.root[0]


@pytest.mark.parametrize("p", [0.0, 0.5])
def test_dropout_shares_memory_but_in_training(p):
    """It gives its input, and in training mode another tensor, where it drops anything."""
    for layer in (cc.Dropout(p), cc.Dropout2d(p), cc.AlphaDropout(p)):
        storing = cc.trace(cc.Sequential(layer), (1, 2, 3, 3)).nodes[1].facts.storing
        twin = getattr(torch.nn, type(layer).__name__)(p)
        x = torch.ones(1, 2, 3, 3, requires_grad=True)
        assert storing.is_view
        assert storing.drops == bool(p)
        with torch_side.quiet():
            assert (twin.eval()(x).untyped_storage()._cdata == x.untyped_storage()._cdata) is True


def kept_by_torch(module, shape, *, training):
    """What autograd keeps of the input and the output of a layer, and what else."""
    x = torch.rand(shape, requires_grad=True).clone()
    found = []

    def pack(tensor):
        found.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        y = module.train(training)(x)
    storages = {x.untyped_storage()._cdata: "input"} | {y.untyped_storage()._cdata: "output"}
    kinds = {"indices" if t.dtype == torch.int64 else storages.get(t.untyped_storage()._cdata, "other") for t in found}
    return kinds if found else set()


IMAGE = (2, 4, 4, 4)
KEEPING = (
    *(kind() for kind in (cc.ReLU, cc.SiLU, cc.Sigmoid, cc.Tanh, cc.Hardtanh, cc.LeakyReLU, cc.ELU, cc.GELU)),
    cc.Identity(), cc.Flatten(),
    *(kind(inplace=True) for kind in (cc.ReLU, cc.SiLU, cc.Hardtanh, cc.LeakyReLU, cc.ELU, cc.Hardswish, cc.Mish)),
    cc.AvgPool2d(2), cc.AvgPool2d(4), cc.AdaptiveAvgPool2d(1), cc.AdaptiveAvgPool2d(2), cc.AdaptiveAvgPool2d((1, 2)),
    cc.MaxPool2d(2), cc.Softmax(1), cc.PixelShuffle(2), cc.Upsample(scale_factor=2), cc.Dropout(0.5), cc.Dropout(0.0),
    cc.Unflatten(1, (2, 2)),
)  # fmt: skip


@pytest.mark.parametrize("layer", KEEPING, ids=repr)
def test_what_is_kept_for_training_is_what_autograd_keeps(layer):
    saves = cc.trace(cc.Sequential(layer), IMAGE).nodes[1].facts.storing.saves
    named_so = {"other" if part in {"copy", "mask"} else part for part in saves}
    assert named_so == kept_by_torch(cc.to_torch(layer), IMAGE, training=True)


@pytest.mark.parametrize("code", [lambda x: x.cumsum(1), lambda x: x.prod(), lambda x: x.logsumexp(1)])
def test_what_is_kept_of_a_call_may_not_be_known(code):
    network = cc.Sequential(cc.Linear(3, 3), Applied(code))
    with pytest.raises(cc.UnsupportedError, match="for the backward pass is not known to cnncalc"):
        int(cc.analyze(network, (2, 3)).memory.saved)


@pytest.mark.parametrize("cut", [lambda x: x.unbind(1), lambda x: x.split((), 1), lambda x: x.tensor_split(2, 1)])
def test_an_empty_axis_may_give_no_tensor(cut):
    network = Applied(lambda x: (cut(x), x + 1)[1])
    assert cc.analyze(network, (2, 0)).memory.peak == 0
