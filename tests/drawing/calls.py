"""Constructor calls with an input shape: valid ones drawn constructively, and wild ones that break one or two things.

A wild case is a valid one in which up to two arguments, or the input shape, were replaced by anything a user may write.
So most wild cases are one step from valid: refused or accepted for one reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

if TYPE_CHECKING:
    import inspect

#: Single numbers of NumPy, which torch takes in most places.
OTHERS_NUMBERS = (np.int64(2), np.int32(-1), np.int64(0))
OTHERS_REALS = (*OTHERS_NUMBERS, np.float32(0.5), np.float64(2.0))
WRONG_TYPES = (2.0, 2.5, "3", "same ish", None, b"2", {})


@dataclass(frozen=True)
class Case:
    """A layer's constructor call and the shape (or shapes, nested) it is called on."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    shape: Any
    wrong_type: bool = field(default=False)
    #: What else the call is given by name, as the output_size of a ConvTranspose2d.
    call: dict[str, Any] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The shape of each input: several are nested."""
        return self.shape if self.shape and isinstance(self.shape[0], tuple) else (self.shape,)

    def __repr__(self) -> str:
        """The call in torch syntax, to be pasted."""
        shown = [repr(value) for value in self.args] + [f"{key}={value!r}" for key, value in self.kwargs.items()]
        called = ", ".join([str(self.shape), *(f"{key}={value!r}" for key, value in self.call.items())])
        return f"{self.name}({', '.join(shown)}) on {called}"


@dataclass(frozen=True)
class FunctionCase:
    """A call of a function: positional inputs, shapes in place of tensors, and arguments by name."""

    name: str
    inputs: tuple[Any, ...]
    call: dict[str, Any]


@dataclass(frozen=True)
class Sampler:
    """How cases of one class are drawn.

    `valid` draws (arguments by name, shape); the argument "call" holds what the call itself is given by name. `wild` has
    for each argument name a strategy of anything a user may write; `shapes` draws wild input shapes from a valid one.
    """

    name: str
    valid: st.SearchStrategy[tuple[dict[str, Any], Any]]
    wild: dict[str, st.SearchStrategy[Any]]
    signature: inspect.Signature | None = None


def whole(low: int, high: int) -> st.SearchStrategy[int]:
    """A whole number."""
    return st.integers(low, high)


WILD_WHOLE = st.one_of(st.integers(-2, 9), st.sampled_from((*WRONG_TYPES, *OTHERS_NUMBERS)), st.booleans(), st.just((2,)))
WILD_SMALL = st.one_of(st.integers(-2, 7), st.integers(0, 3), st.sampled_from((*WRONG_TYPES, *OTHERS_NUMBERS)), st.booleans())
WILD_FLAG = st.one_of(st.booleans(), st.sampled_from((0, 1, None, "x", 2.5)))
WILD_FLOAT = st.sampled_from((0, 1, 0.5, -1.0, 2.0, 0.0, 1e-5, True, *OTHERS_REALS))


def wild_per_axis(axes: int) -> st.SearchStrategy[Any]:
    """Anything for an argument with one value per axis: numbers, tuples and lists of every length, wrong types."""
    item = st.integers(-1, 6)
    return st.one_of(
        item,
        st.integers(1, 3),
        st.sampled_from((*WRONG_TYPES, *OTHERS_NUMBERS)),
        st.lists(item, min_size=0, max_size=axes + 1),
        st.lists(item, min_size=1, max_size=axes + 1).map(tuple),
        st.lists(st.integers(1, 3), min_size=axes, max_size=axes).map(tuple),
        st.tuples(*(st.one_of(item, st.sampled_from((*WRONG_TYPES, *OTHERS_NUMBERS))) for _ in range(axes))),
    )


@st.composite
def one_or_per_axis(draw: Any, values: list[int]) -> Any:
    """The same values per axis as a tuple, a list, or one number (or a tuple of one) where they are equal."""
    forms: list[Any] = [tuple(values), tuple(values), list(values)]
    if len(set(values)) == 1:
        forms += [values[0], values[0], values[0]]
    return draw(st.sampled_from(forms))


@st.composite
def optional(draw: Any, arguments: dict[str, Any], **choices: st.SearchStrategy[Any]) -> dict[str, Any]:
    """The arguments with some of the optional ones added."""
    for name, values in choices.items():
        if draw(st.booleans()):
            arguments[name] = draw(values)
    return arguments


@st.composite
def lead(draw: Any, channels: int) -> tuple[int, ...]:
    """The axes before space: batch and channels, or channels alone; a batch may be empty."""
    return draw(st.sampled_from(((1, channels), (2, channels), (channels,), (0, channels))))


@st.composite
def wild_shape(draw: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape one step from the given one: an axis more, less, empty, longer, shorter; or any small shape."""
    kind = draw(st.sampled_from(("less", "more", "axis", "axis", "axis", "any", "tiny")))
    if kind == "any" or not shape:
        return tuple(draw(st.lists(st.integers(0, 5), max_size=6)))
    index = draw(st.integers(0, len(shape) - 1))
    if kind == "less":
        return shape[:index] + shape[index + 1 :]
    if kind == "more":
        return (*shape[:index], draw(st.integers(0, 3)), *shape[index:])
    if kind == "tiny":
        return (*shape[:2], *(draw(st.integers(1, 2)) for _ in shape[2:]))
    changed = draw(st.one_of(st.sampled_from((0, 1, shape[index] + 1, max(shape[index] - 1, 0))), st.integers(0, 9)))
    return (*shape[:index], changed, *shape[index + 1 :])


PER_AXIS = {"kernel_size", "stride", "padding", "dilation", "output_size", "size"}
STRICT_FLAGS = {"ceil_mode", "count_include_pad"}
#: Arguments that torch looks at itself, so that a wrong type is no reason to be lenient.
AS_TORCH = {"output_ratio", "scale_factor", "mode", "align_corners", "recompute_scale_factor"}
REALS = {
    "eps",
    "momentum",
    "alpha",
    "beta",
    "k",
    "negative_slope",
    "lambd",
    "threshold",
    "value",
    "lower",
    "upper",
    "min_val",
    "max_val",
    "p",
}
TRUTH_VALUES = {"call", "return_indices", "bias", "affine", "track_running_stats", "inplace", "elementwise_affine"}


def is_wrong_type(name: str, value: Any) -> bool:
    """Whether an argument is, or holds, something of another type than torch documents."""
    if name in TRUTH_VALUES or name in AS_TORCH:
        return False
    if name in REALS:
        return not isinstance(value, (int, float, np.number))
    if name in STRICT_FLAGS:
        return not isinstance(value, bool)
    if name in PER_AXIS and isinstance(value, (tuple, list)):
        return any(is_no_int(item) for item in value)
    return is_no_int(value)


def is_no_int(value: Any) -> bool:
    """Whether it is no whole number, also of NumPy."""
    return type(value) is not int and not isinstance(value, np.integer)


@st.composite
def written(draw: Any, sampler: Sampler, arguments: dict[str, Any], shape: Any, *, wrong_type: bool = False) -> Case:
    """The arguments as a call: a leading run by position, the others by keyword in any order."""
    arguments = dict(arguments)
    call = arguments.pop("call", {})
    names = list(arguments)
    leading = 0
    if sampler.signature is not None:
        order = [name for name in sampler.signature.parameters if name != "self"]
        while leading < len(order) and order[leading] in arguments:
            leading += 1
        names = [name for name in order if name in arguments]
    by_position = draw(st.integers(0, leading))
    args = tuple(arguments[name] for name in names[:by_position])
    rest = names[by_position:]
    if len(rest) > 1 and draw(st.booleans()):
        rest = rest[::-1]
    return Case(sampler.name, args, {name: arguments[name] for name in rest}, shape, wrong_type, call)


@st.composite
def valid_cases(draw: Any, sampler: Sampler) -> Case:
    """A case that torch accepts."""
    arguments, shape = draw(sampler.valid)
    return draw(written(sampler, arguments, shape))


@st.composite
def wild_cases(draw: Any, sampler: Sampler) -> Case:
    """A case with up to two things changed, that torch may accept or refuse."""
    arguments, shape = draw(sampler.valid)
    arguments = dict(arguments)
    wrong_type = False
    for _ in range(draw(st.integers(0, 2))):
        choices = [*sampler.wild, "input shape", "input shape", "remove"]
        chosen = draw(st.sampled_from(choices))
        if chosen == "input shape":
            shape = draw(wild_shapes(shape))
        elif chosen == "remove":
            if arguments:
                arguments.pop(draw(st.sampled_from(list(arguments))))
        else:
            arguments[chosen] = draw(sampler.wild[chosen])
            wrong_type = wrong_type or is_wrong_type(chosen, arguments[chosen])
    case: Case = draw(written(sampler, arguments, shape))
    return replace(case, wrong_type=wrong_type)


@st.composite
def wild_shapes(draw: Any, shape: Any) -> Any:
    """A wild shape; where several tensors go in, one of them changes."""
    if shape and isinstance(shape[0], tuple):
        index = draw(st.integers(0, len(shape) - 1))
        if not isinstance(shape[index], tuple):
            return shape
        return (*shape[:index], draw(wild_shapes(shape[index])), *shape[index + 1 :])
    return draw(wild_shape(shape))
