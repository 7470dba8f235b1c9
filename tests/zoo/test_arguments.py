"""Arguments of architectures: what is refused, and in which words; a stranger's spec builds nothing without end."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc import zoo
from cnncalc.zoo import ARCHITECTURES

REFUSED = {
    "resnet50(num_class=3)": "got an unexpected keyword argument 'num_class'",
    "resnet50(groups=0)": "(ResNet): groups must be a whole number from 1 on; got groups=0",
    "resnet50(width_per_group=-4)": "(ResNet): width_per_group must be a whole number from 1 on; got width_per_group=-4",
    "resnet50(stride_in_1x1=1)": "(ResNet): stride_in_1x1 must be False or True; got stride_in_1x1=1",
    "resnet50(replace_stride_with_dilation=(True,))": (
        "(ResNet): replace_stride_with_dilation must be three truth values, one for each stage with a stride; got "
        "replace_stride_with_dilation=(True,)"
    ),
    "resnet50(replace_stride_with_dilation=True)": "got replace_stride_with_dilation=True",
    "mobilenet_v1(width_mult=0)": "(mobilenet_v1): width_mult must be a number above 0 and at most 1000; got width_mult=0",
    "mobilenet_v2(width_mult=-1)": "(mobilenet_v2): width_mult must be a number above 0 and at most 1000; got width_mult=-1",
    'mobilenet_v3_small(width_mult=float("inf"))': "width_mult must be a number above 0 and at most 1000; got width_mult=inf",
    "densenet(2, (0,))": "(densenet): block_config must be whole numbers from 1 on, together at most 2000; got block_config=(0,)",
    "densenet(2, ())": "got block_config=()",
    "densenet(2, 3)": "got block_config=3",
    "densenet(2, (1000000000,))": "got block_config=(1000000000,)",
    "densenet(compression=0)": "(densenet): compression must be a number above 0 and at most 1; got compression=0",
    "densenet(compression=1.5)": "got compression=1.5",
    "densenet(bn_size=0)": "(densenet): bn_size must be a whole number from 1 on; got bn_size=0",
    'densenet(drop_rate="x")': "p must be a number from 0 to 1; got p='x'",
    "densenet(drop_rate=-1)": "p must lie in 0 … 1; got p=-1",
    "unet(depth=1000000)": "(unet): depth must be a whole number from 1 to 16; got depth=1000000",
    "unet(padding=True)": "(unet): padding must be 0 or 1; got padding=True",
    "unet_plus_plus(depth=0)": "(unet_plus_plus): depth must be a whole number from 1 to 16; got depth=0",
    'unet_plus_plus(up="no")': "(unet_plus_plus): up must be transposed, nearest or bilinear; got up='no'",
    "attention_unet(base=0)": "(attention_unet): base must be a whole number from 1 on; got base=0",
    "vit_b_16(image_size=100)": "(vit): image_size must be a multiple of the patch size; got image_size=100, patches of 16",
    "maxvit_t(input_size=(224, 448))": "(maxvit): input_size must be two equal sizes; got input_size=(224, 448)",
    "maxvit_t(input_size=(100, 100))": "(maxvit): input_size must be such that every map falls into windows of 7×7; got 100",
    "maxvit_t(mlp_ratio=0)": "(maxvit): mlp_ratio must be a whole number from 1 on; got mlp_ratio=0",
    "maxvit_t(squeeze_ratio=-1)": "(maxvit): squeeze_ratio must be a number above 0; got squeeze_ratio=-1",
    'vit_b_16(image_size="n")': "(vit): image_size must be a whole number from 1 on; got image_size='n'",
    'aspp(3, "x")': "(aspp): atrous_rates must be whole numbers from 1 on, together at most 2000; got atrous_rates='x'",
}


@pytest.mark.parametrize("spec", REFUSED)
def test_wrong_arguments_are_refused_in_one_line(spec):
    start = time.perf_counter()
    with pytest.raises(cc.CnncalcError) as refused:
        cc.parse(spec, ARCHITECTURES)
    assert REFUSED[spec] in str(refused.value)
    assert "\n" not in str(refused.value)
    assert time.perf_counter() - start < 1


def test_python_callers_get_the_same_errors_with_the_signature():
    with pytest.raises(cc.ArgumentError) as refused:
        zoo.alexnet(num_class=3)
    assert str(refused.value) == (
        "alexnet: got an unexpected keyword argument 'num_class'; it takes (num_classes=1000, dropout=0.5)"
    )


def test_torchvisions_call_without_weights_is_taken():
    network = zoo.fcn_resnet50(weights=None, weights_backbone=None, progress=False, num_classes=3)
    assert network.parameters() == zoo.fcn_resnet50(3).parameters()
    with pytest.raises(cc.ArgumentError) as refused:
        zoo.resnet18(weights="DEFAULT")
    assert str(refused.value) == (
        "resnet18: weights can only be None: there are no values here, and no number depends on them; leave weights out"
    )


@pytest.mark.parametrize("name", sorted(ARCHITECTURES))
@pytest.mark.parametrize("classes", [0, "K", -1, 1.5, None])
def test_any_number_of_classes_is_taken_or_refused(name, classes):
    """As torch's last layer does: whole numbers from 0 on, and symbols."""
    argument = "out_channels" if name in {"unet", "unet_plus_plus", "attention_unet", "aspp"} else "num_classes"
    if classes in {0, "K"}:
        ARCHITECTURES[name](**{argument: classes})
    else:
        with pytest.raises(cc.CnncalcError):
            ARCHITECTURES[name](**{argument: classes})


@given(
    name=st.sampled_from(["unet", "unet_plus_plus", "attention_unet", "densenet", "mobilenet_v1", "vit_b_32", "aspp"]),
    values=st.lists(
        st.one_of(st.integers(-3, 40), st.floats(), st.none(), st.booleans(), st.text(max_size=2), st.tuples(st.integers(-1, 3))),
        max_size=4,
    ),
)
def test_nothing_but_our_errors_is_raised(name, values):
    try:
        made = ARCHITECTURES[name](*values)
    except cc.CnncalcError:
        return
    assert isinstance(made, cc.Module)


def test_symbols_are_taken_for_channels_and_classes():
    report = cc.analyze(zoo.unet("C", "K", base=2, depth=1, padding=1), (1, "C", 8, 8))
    assert [str(size) for size in report.output_shape] == ["1", "K", "8", "8"]
