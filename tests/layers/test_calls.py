"""How the arguments of a call reach a fact, and those of a constructor its layer: what is checked, changed, kept and refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cnncalc as cc
from cnncalc.axes import AxisMaps
from cnncalc.layers import FUNCTION_NAMES, LAYER_NAMES, named, patterns
from cnncalc.layers.functional import Applied, LayerFunction
from cnncalc.layers.layer import Layer, constructor
from cnncalc.layers.operation import Function, Number
from cnncalc.sizes import Shape, symbol


def make_echo() -> Any:
    """A function that gives what reaches it, of a class made anew."""

    class Echo(Function):
        """A function that gives what reaches it."""

        torch_name = "echo"
        other_names = {"old": "note"}  # noqa: RUF012 - as the class has it

        def output_shape(
            self,
            one: Shape,
            maybe: Shape | None = None,
            many: tuple[Shape, ...] = (),
            either: Shape | Number = 1,
            plain: Any = None,
            *,
            by_name: Shape | None = None,
            note: Any = None,
            device: Any = None,
        ) -> Any:
            """All of it."""
            del device
            return one, maybe, many, either, plain, by_name, note

        def macs(self, one: Shape, *, note: Any = None) -> Any:
            """What it names."""
            return one, note

        def axes(self, maybe: Shape | None = None, by_name: Shape | None = None) -> Any:
            """What it names."""
            return maybe, by_name

        def arithmetic(self, *shapes: Shape, **call: Any) -> Any:
            """Anything."""
            return shapes, call

    return Echo()


def make_several() -> Any:
    """A function of any number of tensors, of a class made anew."""

    class Several(Function):
        """A function of any number of tensors."""

        torch_name = "several"

        def output_shape(self, first: Any, *tensors: Shape, dim: int = 0) -> Any:
            """All of it."""
            return first, tensors, dim

        def macs(self, first: Any) -> Any:
            """What it names."""
            return first

    return Several()


MADE = {"echo": make_echo, "several": make_several}
N = symbol("N")


def test_tensors_arrive_as_tuples_of_sizes_and_everything_else_as_it_is():
    echo, several = make_echo(), make_several()
    assert echo.output_shape([1, "N"]) == ((1, N), None, (), 1, None, None, None)
    assert echo.output_shape((1, np.int64(2)), ["N"], [[1], ("N", 2)], [3], [4]) == (
        (1, 2),
        (N,),
        ((1,), (N, 2)),
        (3,),
        [4],
        None,
        None,
    )
    assert echo.output_shape(one=(), by_name=["N"], note=["N"], plain=(1, 2.5)) == ((), None, (), 1, (1, 2.5), (N,), ["N"])
    assert echo.output_shape((0, 1), many=((1,), None, [[2], None])) == (
        (0, 1),
        None,
        ((1,), None, ((2,), None)),
        1,
        None,
        None,
        None,
    )
    for number in (2, 0.5, 1j, N, True):
        assert echo.output_shape((), either=number)[3] is number
    assert several.output_shape([1], [2], ["N"], (), dim=[3]) == ([1], ((2,), (N,), ()), [3])
    assert several.output_shape("x") == ("x", (), 0)


#: The arguments of the function above; a device is nothing to think of.
SHOWN = r"\(one, maybe=None, many=\(\), either=1, plain=None, by_name=None, note=None\)"


@pytest.mark.parametrize(
    ("inputs", "call", "rule"),
    [
        ((None,), {}, "one tensor is expected, not none; got None"),
        ((((1,), (2,)),), {}, r"one tensor is expected, not several; got \(\(1,\), \(2,\)\)"),
        (([[1], [2]],), {}, "one tensor is expected, not several"),
        (((None, (1,)),), {}, r"one tensor is expected, not several; got \(None, \(1,\)\)"),
        (((), (None, (1,))), {}, "one tensor is expected, not several; got"),
        (((), ((1,), (2,))), {}, "one tensor is expected, not several; got"),
        (((),), {"by_name": ((1,), (2,))}, "one tensor is expected, not several; got"),
        (((), None, (), ((1,), (2,))), {}, "one tensor is expected, not several; got"),
        ((3,), {}, "a shape is a tuple of sizes; got 3"),
        ((2.5,), {}, "a shape is a tuple of sizes; got 2.5"),
        (("NCHW",), {}, "a shape is a tuple of sizes; got 'NCHW'"),
        (((), 3), {}, "a shape is a tuple of sizes; got 3"),
        (((1, -1),), {}, r"a size can't be negative; got -1 in \(1, -1\)"),
        (((1, True),), {}, "a size is a whole number, or a string with a symbol; got True"),
        (((1, 2.0),), {}, "a size is a whole number, or a string with a symbol; got 2.0"),
        (((1, (2,)),), {}, "a size is a whole number, or a string with a symbol"),
        (((), None, ((1,), 2)), {}, "a size is a whole number, or a string with a symbol"),
        ((), {}, rf"missing a required argument: 'one'; it takes {SHOWN}"),
        (((), None, (), 1, None, None), {}, r"too many positional arguments; it takes \(one, maybe=None"),
        (((),), {"one": ()}, r"multiple values for argument 'one'; it takes"),
        (((),), {"other": ()}, r"got an unexpected keyword argument 'other'; it takes"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(inputs, call, rule):
    with pytest.raises(cc.CnncalcError, match=f"^echo: {rule}"):
        make_echo().output_shape(*inputs, **call)


def test_a_fact_of_one_tensor_is_held_to_the_same():
    class Same(cc.ReLU):
        def output_shape(self, input: Shape) -> Any:  # noqa: A002 - as layers write it
            return input

    same = Same()
    assert same.output_shape([1, "N"]) == same.output_shape(input=(1, "N")) == (1, N)
    assert same.output_shape(()) == ()
    for given in (None, ((1,), (2,)), ([1],), (None, (1,))):
        for call in (lambda given=given: same.output_shape(given), lambda given=given: same.output_shape(input=given)):
            with pytest.raises(cc.ShapeError, match=r"^ReLU: one tensor is expected, not (several|none)"):
                call()
    for inputs, call in (((), {}), (((1,), (2,)), {}), (((1,),), {"input": (1,)}), (((1,),), {"more": 1})):
        with pytest.raises(cc.ArgumentError, match=r"^ReLU: .*; it takes \(input\)"):
            same.output_shape(*inputs, **call)
    with pytest.raises(cc.ArgumentError, match=r"^ReLU: a size can't be negative"):
        same.output_shape((1, -1))


def test_a_class_of_this_library_is_torchs_class_of_its_name():
    def made(name: str, module: str, base: Any = Layer) -> Any:
        return type(name, (base,), {"__module__": module, "output_shape": lambda self, input: input})  # noqa: A006, ARG005

    ours, hidden, theirs = made("Mish2", "cnncalc.layers.mish"), made("_Mish", "cnncalc.layers.mish"), made("Mine", "somewhere")
    assert [kind.torch_name for kind in (ours, hidden, theirs)] == ["Mish2", "", ""]
    assert [kind.is_ours for kind in (ours, hidden, theirs)] == [True, True, False]
    assert made("Deeper", "somewhere", ours).torch_name == "Mish2"
    assert vars(ours)["output_shape"].takes == ("input",)
    for base in (Function, LayerFunction, Layer):
        with pytest.raises(TypeError, match="takes no keyword arguments"):
            type("Odd", (base,), {}, unknown=1)


def test_a_fact_that_names_less_is_called_with_all():
    echo, several = make_echo(), make_several()
    given = ((1,), ["N"], ((2,),), 3, "plain")
    assert echo.macs(*given, by_name=[4], note=5) == ((1,), 5)
    assert echo.macs([1]) == ((1,), None)
    assert echo.macs(one=(1,), plain=2) == ((1,), None)
    assert echo.axes(*given, by_name=[4], note=5) == ((N,), (4,))
    assert echo.axes((1,)) == (None, None)
    every = {"one": (1,), "maybe": ["N"], "many": (), "either": 1, "plain": 2, "by_name": [4], "note": 5, "device": 6}
    assert (echo.macs(**every), echo.axes(**every)) == (((1,), 5), ((N,), (4,)))
    # One that takes anything is given all of it.
    assert echo.arithmetic([1], ["N"], by_name=[4], note=5) == (((1,), (N,)), {"by_name": [4], "note": 5})
    assert several.macs([1]) == [1]
    for wrong, call in ((((),) * 6, {}), (((),), {"one": ()}), (((),), {"other": ()}), ((), {})):
        with pytest.raises(cc.ArgumentError, match=r"^echo: .*it takes \((one|maybe=None)"):
            echo.macs(*wrong, **call)


def test_an_error_inside_a_fact_names_the_operation_once():
    class Failing(Function):
        torch_name = "failing"

        def output_shape(self, kind: Any = None) -> Any:
            if kind == "elsewhere":
                raise cc.ShapeError("no", where="elsewhere")
            if kind == "here":
                raise cc.ShapeError("no")
            return 1 + kind

    failing = Failing()
    for kind, text in (("elsewhere", "^elsewhere: no$"), ("here", "^failing: no$")):
        with pytest.raises(cc.ShapeError, match=text):
            failing.output_shape(kind)
    with pytest.raises(cc.ArgumentError, match=r"^failing: an argument is of a type that is not taken here; got unsupported"):
        failing.output_shape("x")
    with pytest.raises(ZeroDivisionError):
        type("Broken", (Function,), {"output_shape": lambda self, one: 1 // 0})().output_shape(())  # noqa: ARG005


def test_named_arguments_come_in_the_order_of_the_signature():
    echo = make_echo()
    assert list(echo.arranged({"note": 1, "by_name": 2, "maybe": 3})) == ["maybe", "by_name", "note"]
    assert echo.arranged({"unknown": 1, "note": 2}) == {"note": 2, "unknown": 1}
    assert list(cc.MultiheadAttention(4, 2).arranged({"attn_mask": 1, "key": 2})) == ["key", "attn_mask"]


def test_a_function_that_does_what_a_layer_does():
    """Its facts are the layer's, with the maps of what the layer does not take; its refusals bear its own name."""

    class Doubled(LayerFunction):
        torch_name = "doubled"

        def applied(self, input: Shape, weight: Shape | None = None, scale: float = 1) -> Applied:  # noqa: A002 - as layers write it
            others = () if weight is None else (AxisMaps.everything(len(weight)),)
            return Applied(self.layer_class(len(input), 3, bias=scale > 1), (input,), others)

    doubled, renamed = Doubled(layer_class=cc.Linear), Doubled("renamed", frozenset({"torch"}), layer_class=cc.Linear)
    assert (doubled.torch_name, doubled.found_in, doubled.is_ours) == ("doubled", {"functional"}, False)
    assert (renamed.torch_name, renamed.found_in) == ("renamed", {"torch"})
    assert doubled.output_shape(["N", 2]) == (N, 3)
    assert (doubled.macs((4, 2)), doubled.arithmetic((4, 2), scale=2)) == (4 * 2 * 3, {"bias": 4 * 3})
    assert [repr(maps) for maps in doubled.axes((4, 2))] == [repr(maps) for maps in cc.Linear(2, 3).axes((4, 2))]
    assert [len(maps.routes) for maps in doubled.axes((4, 2), [5, 6, 7])] == [2, 3]
    for given, rule in (((4, 5), "the last axis must equal in_features"), (((1,),), "one tensor is expected, not several")):
        with pytest.raises(cc.ShapeError, match=f"^renamed: {rule}"):
            renamed.output_shape(given)
    with pytest.raises(cc.ArgumentError, match=r"^doubled: .*; it takes \(input, weight=None, scale=1\)"):
        doubled.output_shape((4, 2), more=1)


# -- inside a forward -------------------------------------------------------------------------------------------


def value():
    """A traced value."""
    return cc.trace(cc.ReLU(), (1, 2)).output


def test_a_tensor_is_taken_where_one_is_asked_and_nowhere_else():
    x, echo = value(), make_echo()
    echo.check_tensors((x, None, [x, x], 2, "plain"), {"by_name": x, "note": [1, slice(1)]})
    echo.check_tensors((x, x, (x, [x]), x), {"by_name": None, "note": None})
    make_several().check_tensors(("first", x, x), {"dim": 1})
    cc.ReLU().check_tensors((x,), {})


@pytest.mark.parametrize(
    ("function", "inputs", "call", "rule"),
    [
        ("echo", lambda _: ((1, 2),), {}, r"one must be one tensor; got one=\(1, 2\)"),
        ("echo", lambda x: ([x],), {}, "one must be one tensor"),
        ("echo", lambda _: ([],), {}, "an empty list is no tensor"),
        ("echo", lambda x: (x, [x]), {}, "maybe must be one tensor"),
        ("echo", lambda x: (x, None, []), {}, r"an empty list is no tensor; got many=\[\]"),
        ("echo", lambda x: (x, None, [x, 3]), {}, "many must be a tensor; got many=3"),
        ("echo", lambda x: (x, None, [x, [3]]), {}, "many must be a tensor; got many=3"),
        ("echo", lambda _: (3,), {}, "one must be a tensor; got one=3"),
        ("echo", lambda x: (x, "x"), {}, "maybe must be a tensor; got maybe='x'"),
        ("echo", lambda x: (x, None, x, "x"), {}, "either must be a tensor; got either='x'"),
        ("echo", lambda x: (x, None, x, [x]), {}, "either must be one tensor"),
        ("echo", lambda x: (x, None, x, 1, x), {}, "plain needs the values of a tensor, which are not known"),
        ("echo", lambda x: (x, None, x, 1, [1, x]), {}, "plain needs the values of a tensor"),
        ("echo", lambda x: (x, None, x, 1, slice(None, x)), {}, "plain needs the values of a tensor"),
        ("echo", lambda x: (x, None, x, 1, slice(x)), {}, "plain needs the values of a tensor"),
        ("echo", lambda x: (x, None, x, 1, slice(1, 2, x)), {}, "plain needs the values of a tensor"),
        ("echo", lambda x: (x,), {"by_name": 3}, "by_name must be a tensor; got by_name=3"),
        ("several", lambda x: (1, x, 3), {}, "argument 3 must be a tensor; got argument 3=3"),
        ("several", lambda x: (1, [x]), {}, "argument 2 must be one tensor"),
        ("several", lambda x: (x,), {}, "first needs the values of a tensor"),
    ],
)
def test_what_is_no_tensor_is_refused_where_one_is_asked(function, inputs, call, rule):
    with pytest.raises(cc.CnncalcError, match=rule):
        MADE[function]().check_tensors(inputs(value()), call)


def test_an_operator_is_the_same_function_written_otherwise():
    made = cc.add.as_operator()
    assert made is cc.add.as_operator()
    assert (made.is_operator, cc.add.is_operator, type(made)) == (True, False, type(cc.add))
    pool = named("max_pool2d")
    assert (pool.as_operator().layer_class, pool.as_operator().torch_name) == (pool.layer_class, "max_pool2d")


def test_a_function_takes_other_names_of_its_arguments():
    class Joined(cc.Module):
        def __init__(self, **call: Any) -> None:
            super().__init__()
            self.call = call

        def forward(self, x: Any) -> Any:
            return cc.cat([x, x], **self.call)

    assert cc.analyze(Joined(axis=1), (2, 3)).output_shape == cc.analyze(Joined(dim=1), (2, 3)).output_shape == (2, 6)
    with pytest.raises(cc.ArgumentError, match=r"^cat: .*unexpected keyword argument 'axes'"):
        cc.analyze(Joined(axes=1), (2, 3))
    with pytest.raises(cc.ArgumentError, match=r"^echo: a function is applied to values inside a forward.*; got int, str$"):
        make_echo()(1, "x")
    with pytest.raises(cc.ArgumentError, match=r"^echo: .*; got no input$"):
        make_echo()(old=1)


# -- constructors -----------------------------------------------------------------------------------------------


def test_a_layer_keeps_its_arguments_as_they_were_given():
    conv = cc.Conv2d(3, 4, (3, 3), stride=2)
    assert conv.arguments == {"in_channels": 3, "out_channels": 4, "kernel_size": (3, 3), "stride": 2}
    assert conv.unnamed_arguments == ()
    identity = cc.Identity(1, "x", more=2)
    assert (identity.arguments, identity.unnamed_arguments) == ({"more": 2}, (1, "x"))
    assert (conv.is_layer, cc.add.is_layer, conv.torch_name) == (True, False, "Conv2d")
    assert all(named(name).is_ours for name in (*LAYER_NAMES, *FUNCTION_NAMES))


def test_a_users_subclass_is_torchs_class():
    class Mine(cc.Conv2d):
        """A user's."""

    layer = Mine(3, 4, 3)
    assert (layer.torch_name, layer.is_ours, layer._pattern) == ("Conv2d", False, None)
    assert layer.output_shape((1, 3, 5, 5)) == (1, 4, 3, 3)
    with pytest.raises(cc.ArgumentError, match=r"^Conv2d: kernel_size must be no array or tensor; got kernel_size=array"):
        Mine(3, 4, np.ones(2))
    with pytest.raises(cc.ArgumentError, match=r"^Conv2d: missing a required argument: 'kernel_size'"):
        Mine(3, 4)


def test_arrays_are_taken_nowhere():
    for arguments, call, name in (
        ((3, 4, np.ones(2, int)), {}, "kernel_size"),
        ((3, 4, 3), {"stride": np.ones(1, int)}, "stride"),
    ):
        with pytest.raises(cc.ArgumentError, match=f"^Conv2d: {name} must be no array or tensor; got {name}="):
            cc.Conv2d(*arguments, **call)
    assert cc.Conv2d(np.int64(3), 4, np.int64(3)).kernel_size == (3, 3)
    assert cc.Embedding(4, 2, _weight=np.ones((4, 2))).weight.shape == (4, 2)


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        (2, "2"),
        (0.5, "0.5"),
        (float("inf"), 'float("inf")'),
        (-float("inf"), 'float("-inf")'),
        ("zeros", '"zeros"'),
        ('a"b', "'a\"b'"),
        ((1,), "(1,)"),
        ((1, 2), "(1, 2)"),
        ([1, "x"], '[1, "x"]'),
        ((), "()"),
        (None, "None"),
        (True, "True"),
        (cc.symbol("p"), 'symbol("p")'),
        (cc.symbol("p", 0), 'symbol("p", 0)'),
        (cc.symbol("p", 2), 'symbol("p", 2)'),
        (2 * cc.symbol("p") + 1, 'expression("2*p + 1")'),
        (2 * cc.symbol("p", 0) + cc.symbol("q"), 'expression("2*p + q", p=0)'),
        ((cc.symbol("p"), [float("inf")]), '(symbol("p"), [float("inf")])'),
    ],
)
def test_a_layer_is_written_as_it_was_called(argument, text):
    assert repr(cc.Identity(argument)) == f"Identity({text})"
    assert repr(cc.Identity(1, more=argument)) == f"Identity(1, more={text})"


def test_tensors_are_added_replaced_and_never_mistaken_for_other_attributes():
    layer = cc.Linear(3, 2)
    layer.register_buffer("mask", (4,))
    layer.register_buffer("nothing", None)
    assert layer.owned() == ({"weight": (2, 3), "bias": (2,)}, {"mask": (4,)})
    layer.register_parameter("scale", cc.Parameter((5,)))
    layer.register_parameter("gone", None)
    assert layer.owned() == ({"weight": (2, 3), "bias": (2,), "scale": (5,)}, {"mask": (4,)})
    assert layer.frozen() == frozenset()
    layer.scale.requires_grad_(requires_grad=False)
    assert layer.frozen() == {"scale"}
    before = layer.weight
    layer.weight = cc.Parameter((2, 3))
    assert layer.weight is not before
    for name, wrong in (("weight", 3), ("in_features", cc.Parameter((2, 3))), ("in_features", 4)):
        with pytest.raises(cc.ArgumentError, match=rf"^Linear.{name}: the attributes of a layer are written once"):
            setattr(layer, name, wrong)
    norm = cc.BatchNorm1d(3)
    assert (norm.running_mean.requires_grad, norm.weight.requires_grad) == (False, True)
    assert norm.frozen() == frozenset()
    assert norm.owned() == (
        {"weight": (3,), "bias": (3,)},
        {"running_mean": (3,), "running_var": (3,), "num_batches_tracked": ()},
    )
    norm.requires_grad_(requires_grad=False)
    assert norm.frozen() == {"weight", "bias"}
    for name in ("_private", "unknown"):
        with pytest.raises(AttributeError, match=f"'Linear' object has no attribute '{name}'"):
            getattr(layer, name)
    with pytest.raises(cc.ArgumentError, match=r"^Linear: the shape of bias follows from .*; make a new layer with bias=False$"):
        layer.bias = None
    with pytest.raises(cc.ArgumentError, match=r"^Linear: the shape of weight follows from .*; make a new layer$"):
        cc.Linear(3, 2).weight = None


def test_an_attribute_may_be_left_empty_before_a_layer_is_made():
    class Early(cc.Linear):
        def __init__(self) -> None:
            self.note = None
            super().__init__(3, 2)

    assert Early().output_shape((1, 3)) == (1, 2)


def test_a_forward_is_no_way_around_a_call():
    assert cc.ReLU().macs((1, 2)) == 0
    with pytest.raises(cc.ArgumentError, match=r"^ReLU: a module is called on values inside a forward; .*; got tuple"):
        cc.ReLU().forward((1, 2))


def test_an_error_of_a_constructor_names_the_layer_once():
    class Failing(Layer):
        torch_name = "Failing"

        @constructor
        def __init__(self, where: str) -> None:
            raise cc.ArgumentError("no", where=where)

    for where, text in (("", "^Failing: no$"), ("elsewhere", "^elsewhere: no$")):
        with pytest.raises(cc.ArgumentError, match=text):
            Failing(where)


def test_no_layer_is_made_of_what_torch_does_not_take():
    for wrong in ((True, 1, 1), (1, 1, 1.0)):
        with pytest.raises(cc.ArgumentError, match=r"^Conv2d: (in_channels|kernel_size) must be a whole number"):
            cc.Conv2d(*wrong)
    with pytest.raises(cc.ArgumentError, match=r"^ReLU: too many positional arguments; it takes"):
        cc.ReLU(1, 2)


def test_a_layer_has_as_many_spatial_axes_as_its_name_says():
    """Its input without a batch has one more: by it a network is seen to take its input so."""
    known = [name for name in LAYER_NAMES if hasattr(named(name), "dimensions")]
    assert {"Conv2d", "MaxPool1d", "InstanceNorm3d", "Softmax2d"} <= set(known)
    for name in known:
        assert f"{named(name).dimensions}d" in name


# -- equal layers -----------------------------------------------------------------------------------------------


def test_what_equal_layers_share():
    """Numbers, texts, flags and tuples of numbers; nothing of a symbol, a list, or a tuple that is no tuple of numbers."""
    shared = [
        lambda: cc.Conv2d(3, 4, 3),
        lambda: cc.Conv2d(3, 4, (3, 3)),
        lambda: cc.Conv2d(3, 4, 3, padding_mode="reflect", bias=False),
        lambda: cc.Conv2d(3, 4, kernel_size=(3, 1), padding="same"),
        lambda: cc.BatchNorm2d(3, momentum=None, eps=0.5),
    ]
    apart = [
        lambda: cc.Conv2d("C", 4, 3),
        lambda: cc.Conv2d(3, 4, [3, 3]),
        lambda: cc.Conv2d(3, 4, ("k", 3)),
        lambda: cc.Conv2d(3, 4, stride=[1, 1], kernel_size=3),
        lambda: cc.Conv2d(np.int64(3), 4, 3),
        lambda: cc.ZeroPad2d(cc.symbol("p")),
        lambda: cc.MultiheadAttention(4, 2),
    ]
    for make in shared:
        first, second = make(), make()
        assert first._pattern is second._pattern is not None
        assert first._pattern.layer._pattern is first._pattern
        assert vars(first) == vars(second)
        assert first.arguments == first._pattern.layer.arguments
    for make in apart:
        assert make()._pattern is None
    assert cc.Conv2d(3, 4, 3)._pattern is not cc.Conv2d(3, 4, 3, bias=False)._pattern
    assert cc.Conv2d(3, 4, 3, padding=1)._pattern is not cc.Conv2d(3, 4, 3, stride=1)._pattern
    assert patterns._made.cache_info().maxsize == 4096
