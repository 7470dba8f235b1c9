"""Assertions for engineers: they pass where they should, and fail with a message that names the layer."""

from __future__ import annotations

import pytest
from pytest_runs import run

import cnncalc as cc
from cnncalc import testing

NET = "conv1 = Conv2d(3, 8, 5, stride=2, padding=1) -> pool = MaxPool2d(2) -> conv2 = Conv2d(8, 8, 3)"
IMAGE = (1, 3, 32, 32)


def failing(assertion, *arguments, **options):
    with pytest.raises(AssertionError) as caught:
        assertion(*arguments, **options)
    return str(caught.value)


# -- shapes -------------------------------------------------------------------------------------------------------


def test_a_right_shape_passes():
    testing.assert_shape(NET, IMAGE, (1, 8, 5, 5))
    testing.assert_shape(NET, IMAGE, [1, 8, 7, 7], at="pool")
    testing.assert_shape(cc.parse(NET), [IMAGE], (1, 8, 5, 5))
    testing.assert_shape("resnet18", ("N", 3, 224, 224), ("N", 1000))
    testing.assert_shape("Conv2d(3, 8, 3, padding=1)", (1, 3, "H", "W"), (1, 8, "H", "W"))


def test_a_wrong_shape_names_the_layers_on_the_way():
    assert failing(testing.assert_shape, NET, IMAGE, (1, 8, 6, 6)) == (
        "the output is (1, 8, 5, 5), not (1, 8, 6, 6)\n"
        "  conv1 (Conv2d): (1, 3, 32, 32) → (1, 8, 15, 15)\n"
        "  pool (MaxPool2d): (1, 8, 15, 15) → (1, 8, 7, 7)\n"
        "  conv2 (Conv2d): (1, 8, 7, 7) → (1, 8, 5, 5)"
    )
    assert failing(testing.assert_shape, NET, IMAGE, (1,), at="pool").startswith("the output of pool is (1, 8, 7, 7), not (1,)")


def test_an_input_that_is_refused_names_the_layer():
    message = failing(testing.assert_shape, NET, (1, 4, 32, 32), (1, 8, 5, 5))
    assert message.startswith("the model refuses (1, 4, 32, 32): conv1 (Conv2d): the input's channels must equal in_channels")


# -- fields -------------------------------------------------------------------------------------------------------


def test_a_right_field_passes():
    # By hand: 5; 5 + 1·2 = 7; 7 + 2·4 = 15.
    testing.assert_field(NET, 15)
    testing.assert_field(NET, (15, 15), input_shape=IMAGE)
    testing.assert_field(NET, 7, at="pool")
    # torchvision's ResNet-50, whose stride stands in the 3×3 convolution: the trunk's field, before the global pool.
    testing.assert_field("resnet50", 427)


def test_a_wrong_field_names_the_layers_that_widen_it():
    assert failing(testing.assert_field, NET, 36) == (
        "the field behind conv2 is 15×15, not 36×36\n  conv1 (Conv2d): 5×5\n  pool (MaxPool2d): 7×7\n  conv2 (Conv2d): 15×15"
    )


def test_a_field_that_is_the_whole_input_has_no_size():
    message = failing(testing.assert_field, "Conv2d(3, 8, 3) -> AdaptiveAvgPool2d(1)", 3, at="1")
    assert message == "the field behind 1 has no single size, so it is not 3"


def test_a_model_without_convolutions_needs_a_shape():
    with pytest.raises(cc.CnncalcError, match="pass input_shape"):
        testing.assert_field("ReLU()", 1)
    testing.assert_field("ReLU()", 1, input_shape=IMAGE)


# -- parameters ---------------------------------------------------------------------------------------------------


def test_right_counts_pass():
    # 8·3·25 + 8 = 608; 8·8·9 + 8 = 584.
    testing.assert_params(NET, 1192)
    testing.assert_params(NET, max=1192, min=1192)
    testing.assert_params("LazyConv2d(8, 5)", 608, input_shape=IMAGE)


def test_wrong_counts_name_the_largest_layers():
    assert failing(testing.assert_params, NET, max=1000) == (
        "the model has 1,192 parameters, more than 1,000; its largest layers:\n  conv1: 608\n  conv2: 584"
    )
    assert "less than 2,000" in failing(testing.assert_params, NET, min=2000)
    assert "not 1,191" in failing(testing.assert_params, NET, 1191)


def test_a_count_of_nothing_is_an_error():
    with pytest.raises(cc.CnncalcError, match="needs a number, max or min"):
        testing.assert_params(NET)


def test_a_module_of_torch_is_counted():
    torch = pytest.importorskip("torch")
    testing.assert_params(torch.nn.Linear(3, 4), 16)
    assert "not 17" in failing(testing.assert_params, torch.nn.Linear(3, 4), 17)


# -- sameness -----------------------------------------------------------------------------------------------------


def test_equal_architectures_pass():
    testing.assert_same_architecture(NET, NET, input_shape=IMAGE)
    testing.assert_same_architecture("resnet18", "resnet18")


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (NET.replace("stride=2", "stride=1"), "conv1: Conv2d(3, 8, 5, stride=2, padding=1) in the first model, Conv2d(3, 8, 5, "),
        (NET + " -> ReLU()", "3: ReLU() is in the second model only"),
        (NET.replace("pool =", "down ="), "pool: MaxPool2d(2) is in the first model only"),
    ],
)
def test_the_first_difference_is_named(other, message):
    assert failing(testing.assert_same_architecture, NET, other).startswith(message)


def test_layers_joined_otherwise_differ_only_where_an_input_is_given():
    first = "x = input\na = ReLU()(x)\nb = Sigmoid()(x)\ny = a + b"
    second = "x = input\na = ReLU()(x)\nb = Sigmoid()(a)\ny = a + b"
    testing.assert_same_architecture(first, second)
    assert "b: " in failing(testing.assert_same_architecture, first, second, input_shape=IMAGE)


def test_a_module_of_torch_beside_one_of_ours():
    nn = pytest.importorskip("torch").nn
    model = nn.Sequential(nn.Conv2d(3, 8, 5), nn.BatchNorm2d(8))
    testing.assert_same_architecture(model, "Conv2d(3, 8, 5) -> BatchNorm2d(8)")
    assert failing(testing.assert_same_architecture, model, "Conv2d(3, 8, 3) -> BatchNorm2d(8)") == (
        "0.weight: a tensor of (8, 3, 5, 5) in the first model, a tensor of (8, 3, 3, 3) in the second"
    )


def test_other_things_are_no_models():
    with pytest.raises(cc.CnncalcError, match="a model is a module"):
        testing.assert_params(3, 4)


# -- as fixtures --------------------------------------------------------------------------------------------------


def test_the_plugin_gives_them_as_fixtures(tmp_path):
    (tmp_path / "test_net.py").write_text(
        "def test_net(assert_shape, assert_field, assert_params, assert_same_architecture):\n"
        "    net = 'Conv2d(3, 8, 3)'\n"
        "    assert_shape(net, (1, 3, 8, 8), (1, 8, 6, 6))\n"
        "    assert_field(net, 3)\n"
        "    assert_params(net, max=224)\n"
        "    assert_same_architecture(net, net)\n"
        "    assert_field(net, 5)\n"
    )
    done = run(tmp_path, "test_net.py")
    assert done.returncode == 1
    assert "is 3×3, not 5×5" in done.stdout
