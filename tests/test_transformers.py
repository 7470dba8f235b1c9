"""Stacks of transformer layers, and the networks that are built on them, against torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch_side

import cnncalc as cc

torch = pytest.importorskip("torch")
LAYER = {"dim_feedforward": 16, "batch_first": True}


class VisionTransformer(cc.Module):
    """Patches, a class token, positions, a stack of layers and a head."""

    def __init__(self, **arguments: Any) -> None:
        """Take arguments of the layers."""
        super().__init__()
        self.patch = cc.Conv2d(3, 8, 4, 4)
        self.token = cc.Parameter(shape=(1, 1, 8))
        self.positions = cc.Parameter(shape=(1, 17, 8))
        layer = cc.TransformerEncoderLayer(8, 2, **LAYER, **arguments)
        self.encoder = cc.TransformerEncoder(layer, 2, norm=cc.LayerNorm(8))
        self.head = cc.Linear(8, 10)

    def forward(self, x: Any) -> Any:
        """Classify."""
        y = self.patch(x).flatten(2).transpose(1, 2)
        y = cc.cat([self.token.expand(y.size(0), -1, -1), y], dim=1) + self.positions
        return self.head(self.encoder(y)[:, 0])


@pytest.mark.parametrize("arguments", [{}, {"norm_first": True}, {"activation": "gelu", "bias": False}])
def test_a_vision_transformer_is_torchs_in_every_figure(arguments):
    found = cc.verify(VisionTransformer(**arguments), (2, 3, 16, 16))
    assert found.agrees, str(found)


def test_an_activation_may_be_a_function_or_a_layer():
    for activation in (cc.gelu, cc.silu, cc.GELU()):
        layer = cc.TransformerEncoderLayer(8, 2, **LAYER, activation=activation)
        assert cc.analyze(layer, (2, 5, 8)).output_shape == (2, 5, 8)
    found = cc.verify(cc.Sequential(cc.TransformerEncoderLayer(8, 2, **LAYER, activation=cc.silu)), (2, 5, 8))
    assert found.agrees, str(found)


def test_a_decoder_looks_at_its_memory():
    class Translator(cc.Module):
        def __init__(self) -> None:
            super().__init__()
            self.decoder = cc.TransformerDecoder(cc.TransformerDecoderLayer(8, 2, **LAYER), 2)

        def forward(self, target: Any, memory: Any) -> Any:
            return self.decoder(target, memory)

    found = cc.verify(Translator(), (2, 5, 8), (2, 7, 8))
    assert found.agrees, str(found)


@pytest.mark.parametrize(
    ("name", "layer"), [("TransformerEncoder", "TransformerEncoderLayer"), ("TransformerDecoder", "TransformerDecoderLayer")]
)
def test_a_stack_owns_copies(name, layer):
    ours = getattr(cc, name)(getattr(cc, layer)(8, 2, 16), 3, cc.LayerNorm(8))
    with torch_side.quiet():
        theirs = getattr(torch.nn, name)(getattr(torch.nn, layer)(8, 2, 16), 3, torch.nn.LayerNorm(8))
    assert ours.parameters() == {key: tuple(tensor.shape) for key, tensor in theirs.state_dict().items()}
    assert [path for path, _ in ours.named_modules()] == [path for path, _ in theirs.named_modules()]


def test_a_stack_of_something_else_is_refused():
    with pytest.raises(cc.ArgumentError, match="a stack takes a layer and the number of its copies"):
        cc.TransformerEncoder(cc.TransformerEncoderLayer, 2)
    with pytest.raises(cc.ArgumentError, match=r"^TransformerEncoderLayer.self_attn: embed_dim must be divisible"):
        cc.TransformerEncoderLayer(8, 3)


@pytest.mark.parametrize("arguments", [{}, {"batch_first": True, "norm_first": True}, {"bias": False, "activation": "gelu"}])
def test_a_whole_transformer_is_torchs(arguments):
    call = {"d_model": 8, "nhead": 2, "num_encoder_layers": 2, "num_decoder_layers": 1, "dim_feedforward": 16, **arguments}
    source, target = ((2, 5, 8), (2, 7, 8)) if arguments.get("batch_first") else ((5, 2, 8), (7, 2, 8))
    found = cc.verify(cc.Transformer(**call), source, target)
    assert found.agrees, str(found)
    with torch_side.quiet():
        theirs = torch.nn.Transformer(**call)
    assert list(cc.Transformer(**call).parameters().items()) == [(k, tuple(t.shape)) for k, t in theirs.state_dict().items()]
    with pytest.raises(cc.ShapeError, match="source and target must have equally many samples"):
        cc.analyze(cc.Transformer(**call), source, tuple(3 if n == 2 else n for n in target))
    with pytest.raises(cc.ShapeError, match="the features must be d_model"):
        cc.analyze(cc.Transformer(**call), source, (*target[:-1], 9))
