"""Vision Transformer: an image as a sequence of patches.

Source: An image is worth 16x16 words: transformers for image recognition at scale, ICLR 2021, arXiv:2010.11929, table 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.containers import Sequential
from cnncalc.errors import ArgumentError
from cnncalc.held import Parameter
from cnncalc.layers.activation import GELU, Tanh
from cnncalc.layers.attention import MultiheadAttention
from cnncalc.layers.convolution import Conv2d
from cnncalc.layers.dropout import Dropout
from cnncalc.layers.layer_normalization import LayerNorm
from cnncalc.layers.linear import Linear
from cnncalc.layers.merging import cat
from cnncalc.module import Module
from cnncalc.sizes import require
from cnncalc.zoo.checking import check_whole

if TYPE_CHECKING:
    from collections.abc import Callable


class EncoderBlock(Module):
    """Attention beside a shortcut, then two fully connected layers beside a shortcut, a norm before each."""

    def __init__(self, num_heads: int, hidden_dim: int, mlp_dim: int, dropout: float, attention_dropout: float) -> None:
        """Build a block for tokens of `hidden_dim` values."""
        super().__init__()
        self.ln_1 = LayerNorm(hidden_dim, eps=1e-6)
        self.self_attention = MultiheadAttention(hidden_dim, num_heads, attention_dropout, batch_first=True)
        self.dropout = Dropout(dropout)
        self.ln_2 = LayerNorm(hidden_dim, eps=1e-6)
        layers = (Linear(hidden_dim, mlp_dim), GELU(), Dropout(dropout), Linear(mlp_dim, hidden_dim), Dropout(dropout))
        self.mlp = Sequential(*layers)

    def forward(self, x: Any) -> Any:
        """Tokens look at each other, then each by itself."""
        y = self.ln_1(x)
        y, _ = self.self_attention(y, y, y, need_weights=False)
        x = self.dropout(y) + x
        return x + self.mlp(self.ln_2(x))


class Encoder(Module):
    """A value of its own for each place, the blocks, and a last norm."""

    def __init__(
        self, seq_length: int, num_layers: int, num_heads: int, hidden_dim: int, mlp_dim: int, dropouts: tuple[float, float]
    ) -> None:
        """Build the encoder for sequences of one length."""
        super().__init__()
        self.pos_embedding = Parameter(shape=(1, seq_length, hidden_dim))
        self.dropout = Dropout(dropouts[0])
        blocks = {f"encoder_layer_{i}": EncoderBlock(num_heads, hidden_dim, mlp_dim, *dropouts) for i in range(num_layers)}
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
        dropout: float,
        attention_dropout: float,
        representation_size: int | None,
    ) -> None:
        """Build the network for images of one size; with `representation_size` one more layer stands before the last."""
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
        self.encoder = Encoder(places, num_layers, num_heads, hidden_dim, mlp_dim, (dropout, attention_dropout))
        heads: dict[str, Module] = {}
        if representation_size is not None:
            heads = {"pre_logits": Linear(hidden_dim, representation_size), "act": Tanh()}
            hidden_dim = representation_size
        self.heads = Sequential(heads | {"head": Linear(hidden_dim, num_classes)})

    def forward(self, x: Any) -> Any:
        """The class, read from its token."""
        for n in x.shape[2:]:
            require(n == self.image_size, "the image must have the size that the network is made for", "{}", x.shape[2:])
        tokens = self.conv_proj(x).flatten(2).permute(0, 2, 1)
        token = self.class_token.expand(tokens.shape[0], -1, -1)
        return self.heads(self.encoder(cat([token, tokens], dim=1))[:, 0])


def _named(name: str, text: str, shape: tuple[int, int, int, int, int]) -> Callable[..., VisionTransformer]:
    """A network of the paper by its name: size of a patch, layers, heads, and widths of tokens and inside of blocks."""

    def made(
        num_classes: int = 1000,
        image_size: int = 224,
        dropout: float = 0.0,
        attention_dropout: float = 0.0,
        representation_size: int | None = None,
    ) -> VisionTransformer:
        return VisionTransformer(*shape, num_classes, image_size, dropout, attention_dropout, representation_size)

    made.__name__ = made.__qualname__ = name
    made.__doc__ = text
    return made


vit_b_16 = _named("vit_b_16", "ViT-B/16.", (16, 12, 12, 768, 3072))
vit_b_32 = _named("vit_b_32", "ViT-B/32.", (32, 12, 12, 768, 3072))
vit_l_16 = _named("vit_l_16", "ViT-L/16.", (16, 24, 16, 1024, 4096))
vit_l_32 = _named("vit_l_32", "ViT-L/32.", (32, 24, 16, 1024, 4096))
vit_h_14 = _named("vit_h_14", "ViT-H/14.", (14, 32, 16, 1280, 5120))
