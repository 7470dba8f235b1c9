"""torch's own code run on traced values: what `from_torch` rests on.

While a module's `forward` is followed, every tensor in it is a `Carried`: a torch tensor without any memory that stands for
a traced value of cnncalc. torch hands each function that is called to us (`torch.overrides`), and we call cnncalc's
function of that name on the values. So the module's code runs as it stands, loops and branches on shapes included, and no
kernel of torch ever does: one that is reached refuses.

Each module that is called is handed over, too: a layer is recorded as one, and any other module's own code is followed
inside its own scope of names.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import TorchFunctionMode

from cnncalc.constant import Constant, DType
from cnncalc.errors import UnsupportedError
from cnncalc.held import Held, Traced, find_traced
from cnncalc.overwriting import overwritten
from cnncalc.sizes import Expr
from cnncalc.torch_twin.lengths import Length, length, lengths, plain
from cnncalc.torch_twin.nested import as_dicts, holds_tensor, mapped
from cnncalc.torch_twin.patching import patched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnncalc.torch_twin.torch_modules import Tree


class Carried(torch.Tensor):
    """A tensor in the code that is followed: it stands for `value`, a traced value, a parameter or a constant."""

    value: Traced

    @staticmethod
    def of(value: Traced, dtype: torch.dtype, device: torch.device) -> Carried:
        """Make a tensor that has no memory, so that nothing can be computed with it."""
        shape = _latest(value).shape
        if any(isinstance(n, Expr) for n in shape):
            # Torch's own code written in C++ would ask for numbers: it is handed over, and refused.
            made: Carried = torch.Tensor._make_wrapper_subclass(
                Carried, (0,), dtype=dtype, device=device, dispatch_sizes_strides_policy="sizes"
            )
        else:
            made = torch.Tensor._make_wrapper_subclass(Carried, tuple(map(int, shape)), dtype=dtype, device=device)
        made.value = value
        return made

    @classmethod
    def __torch_dispatch__(  # type: ignore[override] # torch switches it off
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """A kernel was called by a way that torch does not hand over, such as a TorchScript function."""
        run = _running.get()
        if run is None:
            raise UnsupportedError("a tensor of followed code can't be used outside of it", got=str(func))
        return run.kernel(func, args, kwargs or {})

    @property
    def shape(self) -> Any:  # type: ignore[override] # it is never written
        """The shape of the value, symbols as torch's code takes them."""
        return lengths(_latest(self.value).shape)

    @property
    def ndim(self) -> int:  # type: ignore[override] # it is never written
        """The number of axes."""
        return len(self.value.shape)  # type: ignore[attr-defined]

    def __repr__(self, *, tensor_contents: Any = None) -> str:  # type: ignore[override]
        """Show the value."""
        return f"Carried({self.value!r})"


class _Handing(TorchFunctionMode):
    """Hands every function of torch that the followed code calls to the run that is under way."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """One call."""
        run = _running.get()
        if run is None or not run.inside:
            return func(*args, **(kwargs or {}))
        return run.function(func, args, kwargs or {})


class Follower:
    """Follows the code of one tree of torch modules. `inside` tells whether torch's code runs just now, or ours."""

    def __init__(self, tree: Tree) -> None:
        """Keep the tree."""
        self.tree = tree
        self.inside = False
        #: A function whose own code is followed next, since nothing is known of it as a whole.
        self.opened: Any = None
        self.opens = False
        self._depth = 0
        #: Some value that is followed: it knows the trace that is running.
        self._any: Any = None
        #: What the module that was followed last has returned, as its own code made it.
        self._result: Any = None

    def follow(self, module: torch.nn.Module, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Run the code of a torch module on traced values, and give what it returns as traced values."""
        token = _running.set(self)
        traced = find_traced((inputs, call), unlike=Held)
        self._any = self._any if traced is None else traced
        try:
            with self._eval(), patched(_changes), self._switched(inside=True):
                self._result = _CALL(module, *self.tensors(inputs), **self.tensors(call))
                return as_dicts(self.values(self._result))
        finally:
            _running.reset(token)

    @contextmanager
    def _eval(self) -> Iterator[None]:
        """Put the whole tree into eval mode as long as its code runs, and hand its functions over."""
        if self._depth:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            return
        training = [module for module in self.tree.root.modules() if module.training]
        self._depth = 1
        for module in training:
            module.training = False
        try:
            with _eager(), _Handing():
                yield
        finally:
            self._depth = 0
            self._result = None
            for module in training:
                module.training = True

    @contextmanager
    def _switched(self, *, inside: bool) -> Iterator[None]:
        """Say whose code runs."""
        outer, self.inside = self.inside, inside
        try:
            yield
        finally:
            self.inside = outer

    # -- what the followed code does ------------------------------------------------------------------------------

    def module(self, module: torch.nn.Module, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """The followed code calls a module."""
        values, named = self.values(inputs), self.values(call)
        # Where no tensor can be seen to go in, its code is followed all the same.
        traced = find_traced((values, named))
        traced = self._any if traced is None else traced
        ours = self.tree.ours(module)
        with self._switched(inside=False):
            made = traced.enter(ours, values, named)
            # Outputs of a class of the user's own stay what they are.
            return self._result if self.tree.is_followed(ours) else self.tensors(made)

    def function(self, func: Any, args: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """The followed code calls a function of torch, a method or an attribute of a tensor."""
        from cnncalc.torch_twin.torch_functions import PASSED, called, dtype_of, is_known, is_open

        name = getattr(func, "__name__", "")
        if name == "__get__":
            return self._attribute(func, getattr(func.__self__, "__name__", ""), args, call)
        if func is torch._C._set_grad_enabled:
            # What reads what does not hang on gradients; where torch follows them, they say what reads what.
            return None
        if name in PASSED or (not is_known(func) and not holds_tensor((args, call))):
            # A question about a tensor that has nothing to do with its numbers, or one about torch itself.
            return _as_it_stands(func, args, call)
        if is_open(func):
            # Torch's function is written in Python: its own code is followed, since the whole is not known to cnncalc.
            self.opens = True
            return func(*args, **call)
        self.opens = False
        if name in ASKING:
            self._ask_numbers(self.values(args[0]))
        if name == "__getitem__" and isinstance(args[1], torch.Tensor) and args[1].dtype in {torch.bool, torch.uint8}:
            raise UnsupportedError("a mask picks as many cells as its values say, which are not known", got=repr(args[1])[:60])
        if name == "__setitem__" and isinstance(args[0], Carried) and isinstance(args[0].value, Constant):
            with self._switched(inside=False):
                self._write(args[0], args[0].value, *self.values(args[1:]))
            return None
        return self._made(called, func, args, call, dtype_of(func, args, call))

    @staticmethod
    def _write(tensor: Carried, constant: Constant, index: Any, part: Any) -> None:
        """Write into a constant: of the network's values it becomes one of them."""
        if find_traced((part,), unlike=Held) is None:
            from cnncalc.torch_twin.known_numbers import written_into

            # What shares its memory no longer knows its numbers.
            made = written_into(constant, index, part)
            constant[index] = part
            tensor.value = constant if made is None else made
        else:
            tensor.value = overwritten(constant.value(), index, part)
            constant.lose()

    def _ask_numbers(self, value: Any) -> None:
        """Work out the numbers of a constant, where the code that is followed asks for them."""
        if isinstance(value, Constant) and value.flat is None:
            from cnncalc.torch_twin.known_numbers import numbers_of

            value.tell(numbers_of(value))

    def kernel(self, func: Any, args: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """A kernel is called by code that torch does not hand over."""
        from cnncalc.torch_twin.kernels import of_kernel

        return self._made(of_kernel, func, args, call, None)

    def _attribute(self, func: Any, name: str, args: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """The followed code asks for an attribute of a tensor."""
        from cnncalc.torch_twin.torch_functions import PASSED
        from cnncalc.torch_twin.translated import ATTRIBUTES

        is_real = not args[0].is_complex()
        if name in ATTRIBUTES and (is_real or name in {"T", "mT", "data"}):
            with self._switched(inside=False):
                return self.tensors(ATTRIBUTES[name](self.values(args[0])), args)
        if name in PASSED or not isinstance(args[0], Carried):
            return _as_it_stands(func, args, call)

        def unknown(*_: Any, **__: Any) -> Any:
            raise UnsupportedError(f"the attribute {name} of a tensor is not known to cnncalc", got=repr(args[0])[:60])

        return self._made(unknown, func, args, call, None)

    def _made(self, known: Any, func: Any, args: Any, call: Any, dtype: torch.dtype | None) -> Any:
        """What `known` says that a function gives; where it does not know it, what is left when torch tells the shapes."""
        from cnncalc.torch_twin.torch_functions import constants, shapes_in, told, uncarried

        with self._switched(inside=False):
            values, named = self.values(args), self.values(call)
            try:
                return self.tensors(known(func, values, named), args, dtype)
            except UnsupportedError as error:
                try:
                    answer = told(func, self._stand_ins(args), self._stand_ins(call))
                    shapes = shapes_in(answer, func)
                except UnsupportedError:
                    raise error from None
                followed = find_traced((values, named), unlike=Held)
                if followed is None:
                    made = constants(shapes, (getattr(func, "__name__", "").strip("_"), values, named))
                else:
                    made = uncarried(func, shapes, followed, (values, named), error)
            return self._typed(made, answer)

    def _typed(self, made: Any, answer: Any) -> Any:
        """Values as tensors, of the types of numbers that torch has told."""
        if isinstance(made, Traced):
            return self.tensors(made, dtype=answer.dtype)
        items = [self._typed(*pair) for pair in zip(made, answer, strict=True)]
        return type(made)(*items) if hasattr(made, "_fields") else tuple(items)

    # -- values and tensors ---------------------------------------------------------------------------------------

    def tensors(self, nested: Any, like: Any = (), dtype: torch.dtype | None = None) -> Any:
        """Nested values as tensors for torch's code; `like` are the arguments that they were made of."""
        if dtype is None:
            first = next((item for item in like if isinstance(item, torch.Tensor)), None)
            dtype = self.tree.dtype if first is None else first.dtype
        device = self.tree.device

        def tensor(leaf: Any) -> Any:
            if isinstance(leaf, Traced):
                return Carried.of(leaf, dtype, device)
            return length(leaf)

        return mapped(nested, (Traced, Expr), tensor)

    def values(self, nested: Any) -> Any:
        """Nested tensors of torch's code as traced values, and lengths as sizes."""

        def value(leaf: Any) -> Any:
            if isinstance(leaf, Carried):
                return leaf.value
            if isinstance(leaf, Length):
                return leaf.size
            if isinstance(leaf, torch.dtype):
                return DType(str(leaf).removeprefix("torch."))
            if isinstance(leaf, slice):
                return slice(*map(plain, (leaf.start, leaf.stop, leaf.step)))
            return self.tree.held(leaf)

        return mapped(nested, (torch.Tensor, Length, torch.dtype, slice), value)

    def _stand_ins(self, nested: Any) -> Any:
        """Nested tensors as tensors on the meta device, of their shapes."""

        def stand_in(leaf: Any) -> Any:
            shape: Any = (leaf.size,) if isinstance(leaf, Length) else _latest(self.values(leaf)).shape
            if any(isinstance(n, Expr) for n in shape):
                raise UnsupportedError("torch tells no shape for symbols", got=str(shape)[:60], remedy="give numbers")
            return torch.empty(shape, dtype=leaf.dtype, device="meta")

        return mapped(nested, (torch.Tensor, Length), stand_in)


#: Methods whose answer is a number, or rests on one.
ASKING = frozenset(["item", "tolist", "__bool__", "__int__", "__float__", "__index__"])
#: The run that is under way.
_running: ContextVar[Follower | None] = ContextVar("following", default=None)
_CALL: Any = torch.nn.Module.__call__


def _handed(module: torch.nn.Module, *inputs: Any, **call: Any) -> Any:
    """A call of any torch module, while some code is followed."""
    run = _running.get()
    if run is None or not run.inside:
        return _CALL(module, *inputs, **call)
    return run.module(module, inputs, call)


def _closed(check: Callable[..., bool]) -> Callable[..., bool]:
    """Torch's question whether a function is to be handed over: once no, where its own code is to be followed."""

    def asked(*given: Any) -> bool:
        run = _running.get()
        if run is not None and run.inside and run.opens:
            run.opens = False
            return False
        return check(*given)

    return asked


def _eager() -> Any:
    """Have functions of torch.compile run as they are written; where nobody has asked for it, its compiler is not even loaded."""
    stance = getattr(torch.compiler, "set_stance", None)
    return stance("force_eager") if stance is not None and "torch._dynamo" in sys.modules else nullcontext()


def _changes() -> Iterator[tuple[Any, str, Any]]:
    """What is changed in torch while any code is followed: the call of modules, and the question of its functions."""
    yield torch.nn.Module, "__call__", _handed
    for place in (torch.nn.functional, torch.functional, torch._tensor):
        for name in ("has_torch_function", "has_torch_function_unary", "has_torch_function_variadic"):
            if hasattr(place, name):
                yield place, name, _closed(getattr(place, name))


def _as_it_stands(func: Any, args: Any, call: Any) -> Any:
    """Ask torch about a tensor without handing over."""
    with torch._C.DisableTorchFunctionSubclass():
        return func(*args, **call)


def _latest(value: Any) -> Any:
    """A value as it is by now."""
    latest = getattr(value, "latest", None) if not isinstance(value, Held) else None
    return value if latest is None else latest()


def _operator(name: str) -> Any:
    """An operator that the code writes: it is told apart from a function of the same name."""

    def operator(self: Carried, *others: Any) -> Any:
        run = _running.get()
        if run is None:
            raise UnsupportedError("a tensor of followed code can't be used outside of it", got=repr(self)[:60])
        if not all(isinstance(other, (torch.Tensor, Length, int, float, complex)) for other in others):
            return NotImplemented
        value = _latest(self.value)
        with run._switched(inside=False):
            dtype = torch.bool if name in COMPARING else None
            return run.tensors(getattr(value, name)(*run.values(others)), (self, *others), dtype)

    return operator


#: Operators whose answers are truth values.
COMPARING = ("__gt__", "__ge__", "__lt__", "__le__")


for _name in (
    *(f"__{end}{name}__" for name in ("add", "sub", "mul", "truediv", "floordiv", "pow", "matmul") for end in ("", "r")),
    *(f"__i{name}__" for name in ("add", "sub", "mul", "truediv")),
    "__neg__",
    *COMPARING,
):
    setattr(Carried, _name, _operator(_name))
