"""Fixed layers and calls on which every rule of a counting tool shows: no two lengths are equal, so no factor hides another.

Random cases are small, and many of their lengths are 0 or 1, where a wrong factor makes no difference.
"""

from __future__ import annotations

from typing import Any

from drawing.calls import Case, FunctionCase

LINE, IMAGE, BLOCK = (2, 6, 17), (2, 6, 13, 11), (2, 6, 7, 9, 5)
SPACES = {1: LINE, 2: IMAGE, 3: BLOCK}


def layer(name: str, shape: Any, *args: Any, **kwargs: Any) -> Case:
    """A layer on a shape."""
    return Case(name, args, kwargs, shape)


def call(name: str, *inputs: Any, **kwargs: Any) -> FunctionCase:
    """A call of a function."""
    return FunctionCase(name, inputs, kwargs)


LAYERS = (
    *(
        layer(f"{kind}{axes}d", shape, *args, **kwargs)
        for axes, shape in SPACES.items()
        for kind, args, kwargs in (
            ("Conv", (6, 4, 3), {}),
            ("Conv", (6, 4, 3), {"groups": 2, "bias": False, "stride": 2, "padding": 1, "dilation": 2}),
            ("Conv", (6, 4, 4), {"padding": "same", "dilation": 1}),
            ("Conv", (6, 4, 3), {"padding": "valid"}),
            ("Conv", (6, 4, 3), {"padding": 1, "padding_mode": "reflect"}),
            ("Conv", (6, 4, 4), {"padding": "same", "padding_mode": "replicate", "bias": False}),
            ("ConvTranspose", (6, 4, 3), {"stride": 2, "padding": 1, "output_padding": 1}),
            ("ConvTranspose", (6, 8, 2), {"stride": 3, "groups": 2, "bias": False}),
            ("MaxPool", (3,), {"stride": 2, "padding": 1}),
            ("AvgPool", (3,), {"stride": 2}),
            ("AdaptiveAvgPool", (3,), {}),
            ("AdaptiveAvgPool", (1,), {}),
            ("AdaptiveMaxPool", (3,), {}),
            ("LPPool", (2.0, 3), {"stride": 2}),
            ("LPPool", (float("inf"), 3), {}),
            ("LPPool", (float("-inf"), 3), {}),
            ("BatchNorm", (6,), {}),
            ("BatchNorm", (6,), {"affine": False}),
            ("BatchNorm", (6,), {"track_running_stats": False}),
            ("BatchNorm", (6,), {"track_running_stats": False, "affine": False}),
            ("InstanceNorm", (6,), {}),
            ("InstanceNorm", (6,), {"affine": True}),
            ("InstanceNorm", (6,), {"affine": True, "track_running_stats": True}),
        )
    ),
    *(
        layer(name, IMAGE, *args, **kwargs)
        for name, args, kwargs in (
            ("Conv2d", (6, 4, 3), {"stride": (2,)}),
            ("Conv2d", (6, 4, 3), {"padding": (1,)}),
            ("Conv2d", (6, 4, 3), {"dilation": (2,)}),
            ("AdaptiveAvgPool2d", ((None, 3),), {}),
            ("AdaptiveAvgPool2d", ((1, 3),), {}),
            ("AdaptiveAvgPool2d", ((1, 1),), {}),
            ("LayerNorm", ((13, 11),), {}),
            ("LayerNorm", (11,), {"elementwise_affine": False}),
            ("GroupNorm", (3, 6), {}),
            ("GroupNorm", (3, 6), {"affine": False}),
            ("SyncBatchNorm", (6,), {}),
            ("SyncBatchNorm", (6,), {"affine": False}),
            ("RMSNorm", (11,), {}),
            ("LocalResponseNorm", (3,), {}),
            ("CrossMapLRN2d", (3,), {}),
            *(
                (name, (), {})
                for name in ("ReLU", "ReLU6", "ELU", "LeakyReLU", "GELU", "SiLU", "Sigmoid", "Hardswish", "Softplus")
            ),
            ("PReLU", (), {}),
            ("PReLU", (6,), {}),
            ("ReLU", (), {"inplace": True}),
            ("Softmax", (), {}),
            ("Softmax", (1,), {}),
            ("Softmax", (-1,), {}),
            ("LogSoftmax", (1,), {}),
            ("Softmax2d", (), {}),
            ("Linear", (11, 5), {}),
            ("Linear", (11, 5), {"bias": False}),
            ("Upsample", (), {"scale_factor": 2}),
            ("Upsample", ((17, 19),), {}),
            ("Upsample", (), {"scale_factor": (2.0, 3.0), "mode": "bilinear"}),
            ("Upsample", ((17, 19),), {"mode": "bicubic"}),
            ("Upsample", (), {"scale_factor": 1.5, "mode": "bilinear", "align_corners": True}),
            ("UpsamplingNearest2d", (), {"scale_factor": 3}),
            ("UpsamplingBilinear2d", ((17, 19),), {}),
            ("ZeroPad2d", (2,), {}),
            ("Dropout", (), {}),
            ("Flatten", (), {}),
            ("PixelShuffle", (1,), {}),
        )
    ),
    layer("Upsample", LINE, scale_factor=2, mode="linear"),
    layer("Upsample", LINE, scale_factor=2),
    layer("Upsample", BLOCK, scale_factor=2, mode="trilinear"),
    layer("Linear", (2, 7), 7, 5),
    layer("Linear", (2, 3, 7), 7, 5),
    layer("Linear", (7,), 7, 5),
    layer("Conv2d", (6, 13, 11), 6, 4, 3),
    layer("BatchNorm1d", (2, 6), 6),
    layer("RNNCell", ((2, 5),), 5, 3),
    layer("LSTMCell", ((2, 5),), 5, 3),
    layer("GRUCell", ((2, 5),), 5, 3),
    layer("GRUCell", ((5,),), 5, 3),
    layer("RNN", ((4, 2, 5),), 5, 3),
    layer("MultiheadAttention", ((4, 2, 6),) * 3, 6, 2),
    layer("Bilinear", ((2, 5), (2, 3)), 5, 3, 7),
    layer("Embedding", (2, 3), 7, 5),
    *(layer("LayerNorm", (2, 3, 5, 1, 4, 7)[-axes:], 7) for axes in range(1, 7)),
    layer("LocalResponseNorm", (0, 6, 13), 3),
    layer("Linear", (0, 11), 11, 5),
)

CALLS = (
    *(
        call(name, *inputs)
        for name, *inputs in (
            ("matmul", (3, 5), (5, 7)),
            ("matmul", (2, 3, 5), (2, 5, 7)),
            ("matmul", (3, 5), (2, 5, 7)),
            ("matmul", (2, 1, 3, 5), (4, 5, 7)),
            ("matmul", (3, 5), (5,)),
            ("matmul", (5,), (5, 7)),
            ("mm", (3, 5), (5, 7)),
            ("bmm", (2, 3, 5), (2, 5, 7)),
            ("mv", (3, 5), (5,)),
            ("dot", (5,), (5,)),
            ("outer", (3,), (5,)),
            ("addmm", (3, 7), (3, 5), (5, 7)),
            ("addmm", (7,), (3, 5), (5, 7)),
            ("baddbmm", (2, 3, 7), (2, 3, 5), (2, 5, 7)),
            ("linear", (2, 3, 5), (7, 5), (7,)),
            ("linear", (2, 3, 5), (7, 5)),
            ("linear", (3, 5), (5,)),
            ("bilinear", (3, 5), (3, 7), (2, 5, 7)),
            ("conv1d", LINE, (4, 6, 3), (4,)),
            ("conv2d", IMAGE, (4, 6, 3, 2)),
            ("conv3d", BLOCK, (4, 6, 3, 2, 1)),
            ("conv_transpose1d", LINE, (6, 4, 3)),
            ("conv_transpose2d", IMAGE, (6, 4, 3, 2), (4,)),
            ("conv_transpose3d", BLOCK, (6, 4, 3, 2, 1)),
            ("add", IMAGE, IMAGE),
            ("add", IMAGE, (11,)),
            ("mul", (2, 1, 5), (3, 5)),
            ("mul", (2, 3), (2, 3)),
            ("mul", IMAGE, 2),
            ("mul", (5, 3), (2, 7, 5, 3)),
            ("relu_", IMAGE),
            ("scaled_dot_product_attention", *((2, 3, 5),) * 3),
            ("sub", IMAGE, IMAGE),
            ("div", IMAGE, IMAGE),
            *((name, IMAGE) for name in ("relu", "relu6", "elu", "gelu", "silu", "sigmoid", "tanh", "hardswish", "leaky_relu")),
            ("prelu", IMAGE, (6,)),
            ("softmax", IMAGE, 1),
            ("log_softmax", IMAGE, 1),
            ("max_pool1d", LINE, 3),
            ("max_pool2d", IMAGE, 3, 2),
            ("max_pool3d", BLOCK, 3),
            ("avg_pool1d", LINE, 3),
            ("avg_pool2d", IMAGE, 3),
            ("avg_pool3d", BLOCK, 3),
            *((f"adaptive_{kind}_pool{axes}d", SPACES[axes], 3) for kind in ("avg", "max") for axes in (1, 2, 3)),
            ("lp_pool2d", IMAGE, 2.0, 3),
            ("local_response_norm", IMAGE, 3),
            ("batch_norm", IMAGE, (6,), (6,)),
            ("batch_norm", IMAGE, (6,), (6,), (6,), (6,)),
            ("batch_norm", IMAGE, None, None, None, None, True),
            ("instance_norm", IMAGE),
            ("instance_norm", IMAGE, None, None, (6,), (6,)),
            ("layer_norm", IMAGE, (11,)),
            ("layer_norm", IMAGE, (11,), (11,), (11,)),
            ("group_norm", IMAGE, 3),
            ("group_norm", IMAGE, 3, (6,), (6,)),
            ("normalize", IMAGE),
            ("cat", (IMAGE, IMAGE), 1),
            ("mean", IMAGE, (2, 3)),
        )
    ),
    call("conv2d", IMAGE, (4, 3, 3, 2), groups=2, stride=2, padding=(1, 2), dilation=2),
    call("conv2d", IMAGE, (4, 6, 4, 4), padding="same"),
    call("adaptive_avg_pool2d", IMAGE, output_size=3),
    call("adaptive_max_pool2d", IMAGE, output_size=(3, 5)),
    call("conv_transpose2d", IMAGE, (6, 4, 3, 2), groups=2, stride=2),
    *(
        call(name, shape, **kwargs)
        for name in ("interpolate", "upsample")
        for shape, kwargs in (
            (IMAGE, {"scale_factor": 2}),
            (IMAGE, {"scale_factor": (2.0, 3.0)}),
            (IMAGE, {"size": (17, 19)}),
            (IMAGE, {"size": 17, "mode": "bilinear"}),
            (IMAGE, {"scale_factor": 1.5, "mode": "bicubic"}),
            (IMAGE, {"size": (3, 5), "mode": "area"}),
            (LINE, {"scale_factor": 2, "mode": "linear"}),
            (LINE, {"size": 23}),
            (BLOCK, {"scale_factor": 2, "mode": "trilinear"}),
        )
    ),
    call("interpolate", IMAGE, size=(17, 19), mode="bilinear", antialias=True),
    call("upsample_nearest", IMAGE, scale_factor=3),
    call("upsample_bilinear", IMAGE, size=(17, 19)),
)
