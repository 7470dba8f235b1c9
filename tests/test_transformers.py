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
