"""Vision Transformer: an image as a sequence of patches.

Source: An image is worth 16x16 words: transformers for image recognition at scale, ICLR 2021, arXiv:2010.11929, table 1.
"""

from __future__ import annotations

from typing import Any

from cnncalc.containers import Sequential
from cnncalc.errors import ArgumentError
from cnncalc.held import Parameter
from cnncalc.layers.activation import GELU
from cnncalc.layers.attention import MultiheadAttention
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.layer_normalization import LayerNorm
from cnncalc.layers.linear import Linear
from cnncalc.layers.merging import cat
from cnncalc.module import Module
from cnncalc.sizes import require
from cnncalc.zoo.checking import check_whole


class EncoderBlock(Module):
    """Attention beside a shortcut, then two fully connected layers beside a shortcut, a norm before each."""

    def __init__(self, num_heads: int, hidden_dim: int, mlp_dim: int) -> None:
        """Build a block for tokens of `hidden_dim` values."""
        super().__init__()
        self.ln_1 = LayerNorm(hidden_dim, eps=1e-6)
        self.self_attention = MultiheadAttention(hidden_dim, num_heads, batch_first=True)
        self.dropout = Dropout(0.0)
        self.ln_2 = LayerNorm(hidden_dim, eps=1e-6)
        self.mlp = Sequential(Linear(hidden_dim, mlp_dim), GELU(), Dropout(0.0), Linear(mlp_dim, hidden_dim), Dropout(0.0))

    def forward(self, x: Any) -> Any:
        """Tokens look at each other, then each by itself."""
        y = self.ln_1(x)
        y, _ = self.self_attention(y, y, y, need_weights=False)
        x = self.dropout(y) + x
        return x + self.mlp(self.ln_2(x))


class Encoder(Module):
    """A value of its own for each place, the blocks, and a last norm."""

    def __init__(self, seq_length: int, num_layers: int, num_heads: int, hidden_dim: int, mlp_dim: int) -> None:
        """Build the encoder for sequences of one length."""
        super().__init__()
        self.pos_embedding = Parameter(shape=(1, seq_length, hidden_dim))
        self.dropout = Dropout(0.0)
        blocks = {f"encoder_layer_{i}": EncoderBlock(num_heads, hidden_dim, mlp_dim) for i in range(num_layers)}
        self.layers = Sequential(blocks)
        self.ln = LayerNorm(hidden_dim, eps=1e-6)

    def forward(self, x: Any) -> Any:
        """Places, blocks, norm."""
        return self.ln(self.layers(self.dropout(x + self.pos_embedding)))


class VisionTransformer(Module):
    """Patches by a strided convolution, a token for the class, the encoder, and a fully connected layer."""

    def __init__(
        self,
        patch_size: int,
        num_layers: int,
        num_heads: int,
        hidden_dim: int,
        mlp_dim: int,
        num_classes: int,
        image_size: int,
    ) -> None:
        """Build the network for images of one size."""
        super().__init__()
        check_whole("vit", image_size=image_size)
        if image_size % patch_size:
            raise ArgumentError(
                "image_size must be a multiple of the patch size",
                where="vit",
                got=f"image_size={image_size}, patches of {patch_size}",
                remedy=f"take {max(1, image_size // patch_size) * patch_size}",
            )
        self.image_size = image_size
        self.conv_proj = Conv2d(3, hidden_dim, patch_size, stride=patch_size)
        self.class_token = Parameter(shape=(1, 1, hidden_dim))
        places = (image_size // patch_size) ** 2 + 1
        self.encoder = Encoder(places, num_layers, num_heads, hidden_dim, mlp_dim)
        self.heads = Sequential({"head": Linear(hidden_dim, num_classes)})

    def forward(self, x: Any) -> Any:
        """The class, read from its token."""
        for n in x.shape[2:]:
            require(n == self.image_size, "the image must have the size that the network is made for", "{}", x.shape[2:])
        tokens = self.conv_proj(x).flatten(2).permute(0, 2, 1)
        token = self.class_token.expand(tokens.shape[0], -1, -1)
        return self.heads(self.encoder(cat([token, tokens], dim=1))[:, 0])


def vit_b_16(num_classes: int = 1000, image_size: int = 224) -> VisionTransformer:
    """ViT-B/16."""
    return VisionTransformer(16, 12, 12, 768, 3072, num_classes, image_size)


def vit_b_32(num_classes: int = 1000, image_size: int = 224) -> VisionTransformer:
    """ViT-B/32."""
    return VisionTransformer(32, 12, 12, 768, 3072, num_classes, image_size)


def vit_l_16(num_classes: int = 1000, image_size: int = 224) -> VisionTransformer:
    """ViT-L/16."""
    return VisionTransformer(16, 24, 16, 1024, 4096, num_classes, image_size)


def vit_l_32(num_classes: int = 1000, image_size: int = 224) -> VisionTransformer:
    """ViT-L/32."""
    return VisionTransformer(32, 24, 16, 1024, 4096, num_classes, image_size)


def vit_h_14(num_classes: int = 1000, image_size: int = 224) -> VisionTransformer:
    """ViT-H/14."""
    return VisionTransformer(14, 32, 16, 1280, 5120, num_classes, image_size)
