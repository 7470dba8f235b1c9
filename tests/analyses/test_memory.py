"""Memory against torch's own: storages alive while a network runs, and tensors that autograd saves."""

from __future__ import annotations

from typing import Any

import pytest
from torchvision_side import torchvision

import cnncalc as cc
import cnncalc.nn

torch = pytest.importorskip("torch")
fx, nn = torch.fx, torch.nn


class Watching(fx.Interpreter):
    """Runs a network operation by operation, drops what is not used again, and keeps the most that was alive."""

    def __init__(self, network: nn.Module) -> None:
        """Trace the network."""
        super().__init__(fx.symbolic_trace(network), garbage_collect_values=True)
        self.held = {tensor.untyped_storage()._cdata for tensor in (*network.parameters(), *network.buffers())}
        self.peak = 0

    def run_node(self, n: fx.Node) -> object:
        """Run one operation, and add up the storages that are alive behind it."""
        result = super().run_node(n)
        alive: dict[int, int] = {}
        fx.node.map_aggregate((tuple(self.env.values()), result), lambda item: self._note(alive, item))
        self.peak = max(self.peak, sum(alive.values()))
        return result

    def _note(self, alive: dict[int, int], item: object) -> object:
        if isinstance(item, torch.Tensor) and item.untyped_storage()._cdata not in self.held:
            alive[item.untyped_storage()._cdata] = item.untyped_storage().nbytes()
        return item


def torch_peak(network: nn.Module, shape: tuple[int, ...]) -> int:
    """Bytes alive at the worst moment, weights apart, on the meta device."""
    watching = Watching(network.eval().to("meta"))
    with torch.no_grad():
        watching.run(torch.empty(shape, device="meta"))
    return watching.peak


def torch_saved(network: nn.Module, shape: tuple[int, ...]) -> int:
    """Bytes that autograd saves in training mode, each storage once, weights and what is as small as statistics apart."""
    kept: dict[int, int] = {}
    alive = []
    owned = {tensor.untyped_storage()._cdata for tensor in (*network.parameters(), *network.buffers())}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in owned and tensor.dim() > 1 and tensor.numel() > 4:
            kept[storage._cdata] = storage.nbytes()
            alive.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        result = network.train()(torch.rand(shape))
    del result
    return sum(kept.values())


IMAGES = (2, 3, 64, 64)
NAMES = ["resnet50", "densenet121", "mobilenet_v2", "squeezenet1_1", "shufflenet_v2_x1_0", "mobilenet_v3_small"]


@pytest.mark.parametrize("name", [*NAMES, "efficientnet_b0", "regnet_y_400mf"])
def test_the_peak_is_that_of_torchvisions_model_run_operation_by_operation(name: str) -> None:
    network = getattr(torchvision().models, name)()
    assert cc.analyze(network, IMAGES).memory.peak == torch_peak(network, IMAGES)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_saved_is_what_autograd_saves(name: str) -> None:
    network = getattr(torchvision().models, name)()
    assert cc.analyze(network, IMAGES).memory.saved == torch_saved(network, IMAGES)


SINGLE = [
    *(nn.ReLU, nn.ReLU6, nn.SELU, nn.SiLU, nn.Mish, nn.Hardswish, nn.Hardsigmoid, nn.LeakyReLU, nn.Hardtanh, nn.ELU, nn.CELU),
    *(nn.Sigmoid, nn.Tanh, nn.GELU, nn.Softplus, nn.PReLU, nn.Dropout, nn.Identity),
]
LAYERS = [
    *(kind() for kind in SINGLE),
    *(kind(inplace=True) for kind in (*SINGLE[:11], nn.Dropout)),
    nn.Softmax(1),
    nn.GroupNorm(2, 4),
    nn.LayerNorm([4, 9, 9]),
    nn.BatchNorm2d(4),
    nn.MaxPool2d(2),
    nn.AvgPool2d(2),
    nn.AdaptiveAvgPool2d(1),
    nn.AdaptiveAvgPool2d((1, 3)),
    nn.AdaptiveAvgPool2d(3),
    nn.AdaptiveMaxPool2d(2),
    nn.ConvTranspose2d(4, 4, 2, stride=2),
    nn.ZeroPad2d(1),
    nn.Upsample(scale_factor=2),
    nn.Upsample(scale_factor=2, mode="bilinear"),
    nn.PixelShuffle(1),
]


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_each_layer_saves_what_autograd_saves_of_it(layer: nn.Module) -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), layer, nn.Conv2d(4, 2, 1))
    shape = (2, 3, 11, 11)
    assert cc.analyze(network, shape).memory.saved == torch_saved(network, shape)
    assert cc.analyze(network, shape).memory.peak == torch_peak(network, shape)


FUNCTIONS: dict[str, tuple[float | bool, ...]] = {
    **dict.fromkeys(("relu", "relu6", "selu", "silu", "mish", "hardswish", "hardsigmoid"), ()),
    "leaky_relu": (0.1,),
    "elu": (1.0,),
    "celu": (1.0,),
    "hardtanh": (-1.0, 1.0),
    "threshold": (0.1, 20.0),
    "dropout": (0.5, True),
}


def applying(library: Any, name: str, given: tuple[object, ...], named: dict[str, object]) -> Any:
    """A function between two convolutions, with its arguments as they are given: torch's, or cnncalc's of the same name."""

    class Applying(library.Module):
        def __init__(self) -> None:
            super().__init__()
            self.before, self.after = library.Conv2d(3, 4, 3), library.Conv2d(4, 2, 1)

        def forward(self, x: Any) -> Any:
            return self.after(getattr(library.functional, name)(self.before(x), *given, **named))

    return Applying()


@pytest.mark.parametrize("by_name", [False, True])
@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_saves_what_autograd_saves_of_it_in_place_or_not(name: str, *, inplace: bool, by_name: bool) -> None:
    call = (name, FUNCTIONS[name], {"inplace": inplace}) if by_name else (name, (*FUNCTIONS[name], inplace), {})
    network, shape = applying(nn, *call), (2, 3, 11, 11)
    saved = torch_saved(network, shape)
    # Dropout that is told to drop does so in eval mode, too.
    peak = None if name == "dropout" else torch_peak(network, shape)
    for written in (network, applying(cnncalc.nn, *call)):
        found = cc.analyze(written, shape).memory
        assert found.saved == saved
        assert peak in {None, found.peak}
