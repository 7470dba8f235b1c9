"""The flow of a network: a graph of operations, recorded by calling the network once on traced values.

A `Node` is one call of a layer or a function; a `Value` is one of its outputs. Shapes are worked out while the graph is
recorded, since a `forward` may ask for them. No formula stands here: an operation knows its own.
"""

from __future__ import annotations

from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from cnncalc.errors import ArgumentError, CnncalcError, UndecidedError, UnsupportedError
from cnncalc.layers import FUNCTION_NAMES, named
from cnncalc.layers.operation import Function, Layer, Operation, binding_error
from cnncalc.layers.shaping import axis_index
from cnncalc.module import Held, Module, Traced, running
from cnncalc.sizes import Recorder, Requirement, Shape, Size, as_shape, product, recording, symbols_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Graph", "Module", "Node", "Program", "Ref", "Step", "Value", "program_of", "trace"]


#: Tensor methods that change neither shape nor values that matter.
SAME = frozenset(
    [
        "bfloat16",
        "contiguous",
        "cpu",
        "cuda",
        "detach",
        "double",
        "float",
        "half",
        "requires_grad_",
        "to",
        "type",
        "type_as",
    ]
)
#: Tensor methods whose answer lies in the values.
NEEDS_VALUES = frozenset(["item", "tolist", "numpy", "nonzero", "unique", "equal", "allclose"])


class Node:
    """One call of an operation, or an input of the network (`operation` is then None).

    `path` is the qualified name; `inputs` and `call` are what the operation was called with, nested as torch nests them,
    with a `Value` for each tensor; `shapes` are the same inputs as shapes, `output` the shape or nested shapes that came
    out. `values` lists the tensors among the inputs in order.
    """

    __slots__ = ("call", "index", "inputs", "operation", "output", "path", "shapes", "values")

    def __init__(
        self,
        index: int,
        path: str,
        operation: Operation | None,
        inputs: tuple[Any, ...],
        call: dict[str, Any],
        shapes: tuple[Any, ...],
        output: Any,
        values: tuple[Value, ...],
    ) -> None:
        """Keep the parts."""
        self.index = index
        self.path = path
        self.operation = operation
        self.inputs = inputs
        self.call = call
        self.shapes = shapes
        self.output = output
        self.values = values

    @property
    def kind(self) -> str:
        """The operation's name, as the user knows it."""
        if isinstance(self.operation, Layer):
            return type(self.operation).__name__
        return self.operation.torch_name if self.operation else "input"

    def __repr__(self) -> str:
        """Show place, kind and shape."""
        return f"<{self.path or self.kind}: {self.kind} -> {self.output}>"


class ParameterNode(Node):
    """A parameter, a buffer or a constant that a forward uses itself."""

    __slots__ = ()

    @property
    def kind(self) -> str:
        """What it is."""
        return "parameter"


class Value(Traced):
    """One tensor of the graph: an output of a node. It has a shape, and arithmetic that records further nodes."""

    __slots__ = ("index", "node", "shape", "successor", "tracer")

    def __init__(self, tracer: Tracer, node: Node, shape: Shape, index: int = 0) -> None:
        """Keep which output of which node it is."""
        self.tracer = tracer
        self.node = node
        self.shape = shape
        self.index = index
        #: What it has become by a change in place.
        self.successor: Value | None = None

    def clone(self, **_: Any) -> Value:
        """The same value, apart from what happens to this one in place."""
        known = self.latest()
        return Value(known.tracer, known.node, known.shape, known.index)

    def latest(self) -> Value:
        """What it has become by changes in place: itself, mostly."""
        value = self
        while value.successor is not None:
            value = value.successor
        return value

    def enter(self, module: Module, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Call a module inside its own scope of names."""
        tracer = self.tracer
        outer = tracer.scope
        tracer.scope = tracer.path_of(module)
        try:
            result = module.forward(*inputs, **call)
        finally:
            tracer.scope = outer
        tracer.graph.returned[tracer.path_of(module)] = result.latest() if isinstance(result, Value) else result
        return result

    def record(self, operation: Any, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Add a node."""
        return self.tracer.record(operation, inputs, call)

    def name_next(self, path: str) -> None:
        """Give the function that is applied next a qualified name."""
        self.tracer.next_name = path

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the length of one axis."""
        return self.shape if dim is None else self.shape[axis_index(dim, self.shape)]

    def dim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def numel(self) -> Size:
        """The number of elements."""
        return product(self.shape)

    @property
    def dtype(self) -> None:
        """Unknown, and nothing depends on it."""

    @property
    def device(self) -> None:
        """Unknown, and nothing depends on it."""

    def __add__(self, other: Any) -> Any:
        """The sum."""
        return self._apply("add", self, other)

    def __radd__(self, other: Any) -> Any:
        """The sum, the other first."""
        return self._apply("add", other, self)

    def __sub__(self, other: Any) -> Any:
        """The difference."""
        return self._apply("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        """The difference, the other first."""
        return self._apply("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        """The product, element by element."""
        return self._apply("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        """The product, element by element, the other first."""
        return self._apply("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        """The quotient, element by element."""
        return self._apply("div", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        """The quotient, element by element, the other first."""
        return self._apply("div", other, self)

    def __floordiv__(self, other: Any) -> Any:
        """The whole quotient, element by element."""
        return self._apply("floor_divide", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        """The whole quotient, element by element, the other first."""
        return self._apply("floor_divide", other, self)

    def __pow__(self, other: Any) -> Any:
        """The power, element by element."""
        return self._apply("pow", self, other)

    def __rpow__(self, other: Any) -> Any:
        """The power, element by element, the other first."""
        return self._apply("pow", other, self)

    def __matmul__(self, other: Any) -> Any:
        """The product of matrices."""
        return self._apply("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Any:
        """The product of matrices, the other first."""
        return self._apply("matmul", other, self)

    def __neg__(self) -> Any:
        """The negative."""
        return self._apply("neg", self)

    def __iadd__(self, other: Any) -> Any:
        """The sum, in place."""
        return self._apply("add_", self, other)

    def __isub__(self, other: Any) -> Any:
        """The difference, in place."""
        return self._apply("sub_", self, other)

    def __imul__(self, other: Any) -> Any:
        """The product, element by element, in place."""
        return self._apply("mul_", self, other)

    def __itruediv__(self, other: Any) -> Any:
        """The quotient, element by element, in place."""
        return self._apply("div_", self, other)

    def __gt__(self, other: Any) -> Any:
        """Where it is larger."""
        return self._apply("gt", self, other)

    def __ge__(self, other: Any) -> Any:
        """Where it is at least as large."""
        return self._apply("ge", self, other)

    def __lt__(self, other: Any) -> Any:
        """Where it is smaller."""
        return self._apply("lt", self, other)

    def __le__(self, other: Any) -> Any:
        """Where it is at most as large."""
        return self._apply("le", self, other)

    def __setitem__(self, index: Any, value: Any) -> None:
        """Refuse: a part of a tensor that is written over is not followed."""
        raise UnsupportedError("writing into a part of a tensor is not known to cnncalc", where=self.tracer.scope)

    @property
    def T(self) -> Any:  # noqa: N802 - torch's name
        """The axes in reverse order."""
        return self._apply("permute", self, tuple(reversed(range(len(self.shape)))))

    @property
    def mT(self) -> Any:  # noqa: N802 - torch's name
        """The last two axes exchanged."""
        return self._apply("transpose", self, -2, -1)

    def __getitem__(self, index: Any) -> Any:
        """A part: slices, numbers, None and `...` as torch takes them."""
        return self._apply("getitem", self, index)

    def __iter__(self) -> Iterator[Any]:
        """The parts along the first axis."""
        return iter([self[index] for index in range(int(self.shape[0]))])

    def __len__(self) -> int:
        """The length of the first axis."""
        return int(self.shape[0])

    @staticmethod
    def _apply(name: str, *inputs: Any) -> Any:
        """A function of torch by name."""
        return named(name)(*inputs)

    def __getattr__(self, name: str) -> Any:
        """A method of torch's tensors, recorded as the function of that name. Raises UnsupportedError for an unknown one."""
        if name.startswith("__"):
            raise AttributeError(name)
        if name in SAME:
            return lambda *_, **__: self
        function = named(name) if name in FUNCTION_NAMES else None
        if function is None or "Tensor" not in function.found_in:
            why = "needs the values of a tensor, which are not known" if name in NEEDS_VALUES else "is not known to cnncalc"
            raise UnsupportedError(f"the tensor method {name}() {why}", where=self.tracer.scope)
        return partial(function.method, self)

    def __bool__(self) -> bool:
        """Refuse: a tensor's values are not known."""
        raise UnsupportedError(
            "a branch on the values of a tensor has no answer without data",
            where=self.tracer.scope,
            remedy="branch on shapes, or on arguments of the network",
        )

    def __repr__(self) -> str:
        """Show the origin and the shape."""
        return f"Value({self.node.path or self.node.kind}, shape={self.shape})"


class Graph:
    """A recorded network: its nodes in the order of execution, its inputs and outputs, and what it asks of its input."""

    __slots__ = ("concrete", "inputs", "network", "nodes", "outputs", "requirements", "returned", "tree")

    def __init__(self, network: Module) -> None:
        """Start an empty graph of a network."""
        self.network = network
        #: Qualified name and module of the whole tree, as it was when the recording began.
        self.tree = list(network.named_modules())
        self.nodes: list[Node] = []
        self.inputs: tuple[Value, ...] = ()
        self.outputs: Any = ()
        self.requirements: list[Requirement] = []
        #: What each module returned when it was last called, by qualified name.
        self.returned: dict[str, Any] = {}
        #: Concrete layers in place of lazy ones, by identity of the lazy layer.
        self.concrete: dict[int, Layer] = {}

    def modules(self) -> Iterator[tuple[str, Module]]:
        """Qualified name and module of the whole tree, lazy layers made concrete."""
        if not self.concrete:
            yield from self.tree
            return
        for path, module in self.tree:
            yield path, self.concrete.get(id(module), module)

    @property
    def output(self) -> Value:
        """The network's one output; refused where there are several."""
        if isinstance(self.outputs, Value):
            return self.outputs
        raise UnsupportedError(
            "the network has several outputs",
            got=str(map_values(self.outputs, lambda value: value.shape))[:80],
            remedy="name the row you want",
        )

    @property
    def output_shape(self) -> Any:
        """The shape of the output, or of the outputs as the network nests them."""
        return map_values(self.outputs, lambda value: value.shape)

    @property
    def symbols(self) -> frozenset[str]:
        """The symbols in the shapes of the inputs."""
        return frozenset().union(*(symbols_of(n) for value in self.inputs for n in value.shape))


class Tracer:
    """Records a graph; `scope` is the qualified name of the module whose forward is running."""

    def __init__(self, network: Module, recorder: Recorder) -> None:
        """Number the modules of the network by name."""
        self.graph = Graph(network)
        self.scope = ""
        self.next_name = ""
        self._recorder = recorder
        self._paths = {id(module): path for path, module in self.graph.tree}
        self._taken: dict[str, int] = {}
        #: For the output of a view, by number of its node: the node whose memory it shares.
        self._roots: dict[int, int] = {}
        #: Nodes whose outputs were changed in place through another value.
        self._lost: set[int] = set()
        self._held: dict[int, tuple[Held, Value]] = {}
        #: Modules outside the tree, kept so that no later one gets the address, and with it the name, of one that is gone.
        self._strangers: list[Module] = []

    def path_of(self, module: Module) -> str:
        """The qualified name of a module in the tree."""
        path = self._paths.get(id(module))
        if path is None:
            # A module made inside forward, or kept in a plain list: it works in the scope that calls it.
            path = self._fresh(type(module).__name__.lower())
            for name, part in module.named_modules():
                self._paths.setdefault(id(part), f"{path}.{name}" if name else path)
                self._strangers.append(part)
        return path

    def _fresh(self, name: str) -> str:
        """A name in the running scope that no other node has: `add`, `add_1` and so on."""
        path = self.next_name or (f"{self.scope}.{name}" if self.scope else name)
        count = self._taken.get(path, 0)
        self._taken[path] = count + 1
        return f"{path}_{count}" if count else path

    def start(self, shapes: tuple[Shape, ...]) -> tuple[Value, ...]:
        """Make the inputs."""
        for index, shape in enumerate(shapes):
            name = "input" if len(shapes) == 1 else f"input{index + 1}"
            node = Node(len(self.graph.nodes), name, None, (), {}, (), shape, ())
            self.graph.nodes.append(node)
            self.graph.inputs += (Value(self, node, shape),)
        return self.graph.inputs

    def record(self, operation: Operation, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        """Add a node and give its output, nested as the operation nests it."""
        is_layer = isinstance(operation, Layer)
        path = self._paths[id(operation)] if is_layer else self._fresh(operation.torch_name.strip("_"))
        self.next_name = ""
        self._recorder.where = path or operation.torch_name
        if len(inputs) == 1 and not call and type(inputs[0]) is Value:
            value: Value = inputs[0]
            if value.successor is not None:
                inputs = ((value := value.latest()),)
            values: tuple[Value, ...] = (value,)
            shapes: tuple[Any, ...] = (value.shape,)
            given = call
        else:
            inputs, call = self._adopted(inputs), self._adopted(call)
            if len(call) > 1:
                call = operation.arranged(call)
            values = tuple(iterate_values((inputs, call)))
            shapes = map_values(inputs, lambda value: value.shape)
            given, call = call, map_values(call, lambda value: value.shape)
        try:
            if given or len(inputs) > 1 or type(inputs[0]) is not Value:
                operation.check_tensors(inputs, given)
            if self._lost:
                self._check_not_lost(values)
            if isinstance(operation, Layer):
                operation = self._concrete(operation, shapes)
            output = operation.output_shape(*shapes, **call)
        except CnncalcError as error:
            if path or not error.where:
                error.at(path or operation.torch_name)
            raise
        node = Node(len(self.graph.nodes), path, operation, inputs, call, shapes, output, values)
        self.graph.nodes.append(node)
        if operation.is_view:
            self._roots[node.index] = self._roots.get(values[0].node.index, values[0].node.index)
        if operation.in_place:
            return self._changed(values, Value(self, node, output))
        return Value(self, node, output) if is_shape(output) else self._several(node, output, count())

    def finished(self, outputs: Any) -> Any:
        """What the network returned, each value as it is by now."""
        latest = map_values(outputs, Value.latest)
        if self._lost:
            self._check_not_lost(tuple(iterate_values(latest)))
        return latest

    def _changed(self, values: tuple[Value, ...], made: Value) -> Value:
        """Let the first value of a call become what was made of it in place; what shares its memory is lost, if cells join."""
        old = values[0]
        if len(values) > 1:
            root = self._roots.get(old.node.index, old.node.index)
            sharing = {root, *(view for view, of in self._roots.items() if of == root)}
            self._lost |= sharing - {old.node.index}
        old.successor = made
        return made

    def _check_not_lost(self, values: tuple[Value, ...]) -> None:
        """Refuse a value whose memory was changed through another one."""
        for value in values:
            if value.node.index in self._lost:
                raise UnsupportedError(
                    "a tensor that shares memory with one changed in place is not followed",
                    got=repr(value)[:60],
                    remedy="write x = x + y in place of x += y",
                )

    def _several(self, node: Node, output: Any, numbers: Iterator[int]) -> Any:
        """The values of several outputs, nested as the operation nests them."""
        if output is None:
            return None
        if is_shape(output):
            return Value(self, node, output, next(numbers))
        items = [self._several(node, item, numbers) for item in output]
        # A named tuple, such as that of max, stays one.
        return type(output)(*items) if hasattr(output, "_fields") else tuple(items)

    def value_of(self, held: Held) -> Value:
        """The value of a parameter, a buffer or a constant that a forward uses itself; it depends on no input."""
        known = self._held.get(id(held))
        if known is None:
            node = ParameterNode(len(self.graph.nodes), self._owner_of(held), None, (), {}, (), held.shape, ())
            self.graph.nodes.append(node)
            # The tensor is kept beside its value, so that no later one gets its address.
            known = self._held[id(held)] = (held, Value(self, node, held.shape))
        return known[1]

    def _owner_of(self, held: Held) -> str:
        """The qualified name of a tensor, or a plain one where no module of the network owns it."""
        for path, module in self.graph.network.named_modules():
            for name, owned in module.__dict__.items():
                if owned is held:
                    return f"{path}.{name}" if path else name
        return self._fresh(type(held).__name__.lower())

    def _adopted(self, nested: Any) -> Any:
        """Nested arguments with the value of each parameter or constant in its place, and each value as it is by now."""
        if isinstance(nested, Value):
            return nested.latest()
        if isinstance(nested, Held):
            return self.value_of(nested)
        if type(nested) is tuple or type(nested) is list:
            return type(nested)([self._adopted(item) for item in nested])
        if isinstance(nested, dict):
            return {key: self._adopted(item) for key, item in nested.items()}
        return nested

    def _concrete(self, layer: Layer, shapes: tuple[Any, ...]) -> Layer:
        """The layer, or the concrete layer that a lazy one has become."""
        known = self.graph.concrete.get(id(layer))
        if known is not None:
            return known
        made = layer.materialized(*shapes)
        if made is not layer:
            self.graph.concrete[id(layer)] = made
        return made


def trace(network: Module, *shapes: Any) -> Graph:
    """Record the graph of a network for the shapes of its inputs. Raises what its layers raise."""
    if not isinstance(network, Module):
        raise ArgumentError(
            "a network is a layer, a Sequential or a Module",
            got=type(network).__name__,
            remedy="a written spec is read with cnncalc.parse(text)",
        )
    if not shapes:
        raise ArgumentError("the shape of the input is missing", remedy="give it as in analyze(net, (1, 3, 224, 224))")
    checked = tuple(as_shape(shape) for shape in shapes)
    with recording() as recorder:
        tracer = Tracer(network, recorder)
        inputs = tracer.start(checked)
        token = running.set(tracer)
        try:
            tracer.graph.outputs = tracer.finished(network(*inputs))
        except UndecidedError as error:
            raise error.at(_line_of(error)) from None
        except TypeError as error:
            raise binding_error(network.forward, inputs, {}, type(network).__name__) or error from None
        except RecursionError:
            raise UnsupportedError("the network is nested too deeply, or calls itself", where=tracer.scope) from None
        finally:
            running.reset(token)
        tracer.graph.requirements = recorder.requirements
    if not any(True for _ in iterate_values(tracer.graph.outputs)):
        raise UnsupportedError("the network returns no tensor", where=type(network).__name__)
    return tracer.graph


def _line_of(error: BaseException) -> str:
    """The line of the user's code that an error came from: the last one outside of this package."""
    from pathlib import Path

    package = str(Path(__file__).parent)
    place = ""
    frame = error.__traceback__
    while frame is not None:
        code = frame.tb_frame.f_code
        if not code.co_filename.startswith(package):
            place = f"{Path(code.co_filename).name}, line {frame.tb_lineno}, in {code.co_name}"
        frame = frame.tb_next
    return place


def is_shape(output: Any) -> bool:
    """Whether an operation's output is one tensor's shape, not several nested."""
    return type(output) is tuple and (not output or not (output[0] is None or isinstance(output[0], tuple)))


# -- nested arguments -------------------------------------------------------------------------------------------


def iterate_values(nested: Any) -> Iterator[Value]:
    """The values in nested arguments, in order."""
    if isinstance(nested, Value):
        yield nested
    elif isinstance(nested, (tuple, list)):
        for item in nested:
            yield from iterate_values(item)
    elif isinstance(nested, dict):
        for item in nested.values():
            yield from iterate_values(item)


def map_values(nested: Any, change: Callable[[Value], Any]) -> Any:
    """Nested arguments with each value replaced; lists become tuples."""
    if isinstance(nested, Value):
        return change(nested)
    if isinstance(nested, (tuple, list)):
        return tuple([map_values(item, change) for item in nested])
    if isinstance(nested, dict):
        return {key: map_values(item, change) for key, item in nested.items()}
    return nested


# -- networks written down as steps -----------------------------------------------------------------------------


class Ref:
    """A result by name, or one of its parts where it is a tuple."""

    __slots__ = ("index", "name")

    def __init__(self, name: str, index: int | None = None) -> None:
        """Keep the name and the index."""
        self.name = name
        self.index = index


class Step:
    """One line of a program: what is called, on which earlier results, under which name its result is kept.

    `target` is a child's qualified name or a `Function`, whose row is then called `path`; `inputs` and `call` hold a
    `Ref` for each tensor.
    """

    __slots__ = ("call", "inputs", "path", "result", "target")

    def __init__(
        self, result: str, target: str | Function, inputs: tuple[Any, ...], call: dict[str, Any], path: str = ""
    ) -> None:
        """Keep the parts."""
        self.result = result
        self.target = target
        self.inputs = inputs
        self.call = call
        self.path = path


class Program(Module):
    """A network written as steps, for specs and files: its forward carries the steps out in order.

    `steps` is added to, and `output` set, by who makes it.
    """

    input_names: tuple[str, ...]
    steps: list[Step]
    output: Any

    def __init__(self, inputs: tuple[str, ...]) -> None:
        """Start a program with the names of its inputs; children, steps and output are added."""
        super().__init__()
        self.__dict__.update(input_names=inputs, steps=[], output=None)

    def __setattr__(self, name: str, value: Any) -> None:
        """Keep children apart from the program's own parts: a layer may well be called `output`."""
        if isinstance(value, Module):
            self._children[name] = value
        elif value is not None:
            self.__dict__[name] = value

    def __getattr__(self, name: str) -> Any:
        """A child, where no part of the program has its name."""
        if name in self.__dict__.get("_children", ()):
            return self._children[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def add_path(self, path: str, module: Module) -> None:
        """Add a child under a qualified name, with plain containers on the way."""
        *outer, name = path.split(".")
        place: Module = self
        for part in outer:
            if part not in place._children:
                place.add_module(part, Module())
            place = place._children[part]
        place.add_module(name, module)

    def at_path(self, path: str) -> Module:
        """The child with a qualified name."""
        place: Module = self
        for part in path.split("."):
            place = place._children[part]
        return place

    def forward(self, *inputs: Any) -> Any:
        """Carry out the steps."""
        if len(inputs) != len(self.input_names):
            raise ArgumentError(
                f"the network has {len(self.input_names)} inputs",
                got=f"{len(inputs)} shapes",
                remedy="give one shape for each input",
            )
        results: dict[str, Any] = dict(zip(self.input_names, inputs, strict=True))

        def fill(nested: Any) -> Any:
            if isinstance(nested, Ref):
                return results[nested.name] if nested.index is None else _part(results[nested.name], nested)
            if isinstance(nested, (tuple, list)):
                return type(nested)([fill(item) for item in nested])
            return nested

        for step in self.steps:
            target: Any = self.at_path(step.target) if isinstance(step.target, str) else step.target
            if step.path:
                inputs[0].name_next(step.path)
            results[step.result] = target(*fill(step.inputs), **{key: fill(value) for key, value in step.call.items()})
        return fill(self.output)


def _part(result: Any, ref: Ref) -> Any:
    """One of several outputs."""
    index = ref.index or 0
    if not isinstance(result, tuple) or index >= len(result):
        raise ArgumentError(
            "an index picks one output of a layer that has several",
            got=f"{ref.name}[{index}] of {len(result) if isinstance(result, tuple) else 1}",
        )
    return result[index]


def program_of(graph: Graph) -> Program:
    """The recorded network as a program: the same tree of names, lazy layers concrete, one step for each call."""
    program = Program(tuple(value.node.path for value in graph.inputs))
    for path, module in graph.modules():
        if isinstance(module, Layer):
            program.add_path(path or "0", module)
    known = {id(module) for module in program.modules()}
    for node in graph.nodes:
        if isinstance(node.operation, Layer) and id(node.operation) not in known:
            # A layer made inside forward, or kept in a plain list: the tree does not hold it.
            known.add(id(node.operation))
            program.add_path(node.path, node.operation)

    def refer(value: Value) -> Ref:
        if isinstance(value.node, ParameterNode):
            raise UnsupportedError(
                "a network whose forward uses a parameter or constant of its own has no steps to be written down as",
                where=value.node.path,
            )
        several = value.node.output and isinstance(value.node.output[0], tuple)
        name = value.node.path if value.node.operation is None else f"v{value.node.index}"
        return Ref(name, value.index if several else None)

    for node in graph.nodes:
        if node.operation is None:
            continue
        inputs = map_values(node.inputs, refer)
        result = f"v{node.index}"
        if isinstance(node.operation, Function):
            program.steps.append(Step(result, node.operation, inputs, node.call, node.path))
        else:
            program.steps.append(Step(result, node.path or "0", inputs, node.call))
    program.output = map_values(graph.outputs, refer)
    return program
