"""The flow of a network: a graph of operations, recorded by calling the network once on traced values.

Shapes are worked out while the graph is recorded, since a `forward` may ask for them. No formula stands here: an operation
knows its own.
"""

from __future__ import annotations

from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from cnncalc.errors import REFUSALS, ArgumentError, CnncalcError, ShapeError, UndecidedError, UnsupportedError
from cnncalc.held import SHARED, Held, running
from cnncalc.layers.checking import binding_error
from cnncalc.layers.facts import Facts, is_shape, remembered
from cnncalc.layers.layer import Layer
from cnncalc.layers.lazy import Lazy
from cnncalc.layers.operation import Operation
from cnncalc.module import Module, tree_of
from cnncalc.nearest import working_sizes
from cnncalc.overwriting import overwritten
from cnncalc.received import received
from cnncalc.sizes import Recorder, Requirement, Shape, as_shape, recording, require_lengths, symbols_of
from cnncalc.value import Node, ParameterNode, Value, iterate_values, map_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


#: The named arguments of a call that has none.
NOTHING_NAMED: dict[str, Any] = {}


class Graph:
    """A recorded network: its nodes in the order of execution, its inputs and outputs, and what it asks of its input."""

    __slots__ = ("calls", "concrete", "copies", "inputs", "network", "nodes", "outputs", "requirements", "returned", "tree")

    def __init__(self, network: Module, tree: dict[str, Module]) -> None:
        """Start an empty graph of a network."""
        self.network = network
        #: Qualified name and module of the whole tree, as it was when the recording began.
        self.tree = tree
        self.nodes: list[Node] = []
        self.inputs: tuple[Value, ...] = ()
        self.outputs: Any = ()
        self.requirements: list[Requirement] = []
        #: What each module with a forward of its own returned when it was last called, by qualified name.
        self.returned: dict[str, Any] = {}
        #: Each call of such a module as it ended: its qualified name, its first node, and the node behind its last.
        self.calls: list[tuple[str, int, int]] = []
        #: The values that the network made as copies, which are no nodes of their own, by identity: each with what was copied,
        #: and behind how many nodes.
        self.copies: dict[int, tuple[Value, Value, int]] = {}
        #: Concrete layers in place of lazy ones, by identity of the lazy layer.
        self.concrete: dict[int, Layer] = {}

    def modules(self) -> Iterable[tuple[str, Module]]:
        """Qualified name and module of the whole tree, lazy layers made concrete."""
        if not self.concrete:
            return self.tree.items()
        return [(path, self.concrete.get(id(module), module)) for path, module in self.tree.items()]

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


class Ended:
    """Stands in the place of the graph of a recording that has ended: whatever is done to it is refused."""

    def __init__(self, scope: str) -> None:
        """Keep where the recording was."""
        self._scope = scope

    def __getattr__(self, name: str) -> Any:
        """Refuse to record anything."""
        if name.startswith("__"):
            raise AttributeError(name)
        raise kept_for_later(self._scope)


def kept_for_later(scope: str) -> UnsupportedError:
    """The error for a value that is used outside of its recording."""
    return UnsupportedError(
        "a value is used after the forward that made it has ended",
        where=scope,
        remedy="hand it on as an argument, and keep none for later",
    )


class Tracer:
    """Records a graph; `scope` is the qualified name of the module whose forward is running."""

    def __init__(self, network: Module, recorder: Recorder) -> None:
        """Number the modules of the network by name."""
        tree, paths = tree_of(network)
        self.graph = Graph(network, tree)
        self.scope = ""
        self.next_name = ""
        #: Qualified names for tensors that no module owns, by identity, where the network gives them.
        self.names: dict[int, str] = {}
        #: Whether no symbol has come up so far.
        self._numbers = True
        self._recorder = recorder
        #: The qualified name of each module in the tree, by identity.
        self.paths = paths
        self._taken: dict[str, int] = {}
        #: For the output of a view, by number of its node: the node whose memory it shares.
        self._roots: dict[int, int] = {}
        #: Nodes whose outputs were changed in place through another value, with the nodes that did so.
        self._lost: dict[int, set[int]] = {}
        self._held: dict[int, tuple[Held, Value]] = {}
        #: Modules outside the tree, kept so that no later one gets the address, and with it the name, of one that is gone.
        self._strangers: list[Module] = []

    def strange(self, module: Module) -> str:
        """The name of a module made inside forward, or kept in a plain list: it works in the scope that calls it."""
        known = set(self.paths.values())
        path = self._fresh(type(module).__name__.lower())
        while path in known:
            path = self._fresh(type(module).__name__.lower())
        for name, part in module.named_modules():
            self.paths.setdefault(id(part), f"{path}.{name}" if name else path)
            self._strangers.append(part)
        return path

    def _fresh(self, name: str) -> str:
        """A name in the running scope that no other node has: `add`, `add_1` and so on."""
        return self._numbered(self.next_name or self._scoped(name))

    def _scoped(self, name: str) -> str:
        """A name in the running scope."""
        return f"{self.scope}.{name}" if self.scope else name

    def _numbered(self, path: str) -> str:
        """A qualified name that no other node has, by a number where the name itself is taken."""
        count = self._taken.get(path, 0)
        self._taken[path] = count + 1
        return f"{path}_{count}" if count else path

    def start(self, shapes: tuple[Shape, ...]) -> tuple[Value, ...]:
        """Make the inputs."""
        for index, shape in enumerate(shapes):
            name = self._recorder.where = "input" if len(shapes) == 1 else f"input{index + 1}"
            require_lengths(shape)
            node = Node(len(self.graph.nodes), name, None, Facts(None, (), {}, shape), (), {}, ())
            self._add_source(node)
            self.graph.inputs += (Value(self, node, shape),)
        return self.graph.inputs

    def _add_source(self, node: Node) -> None:
        """Add a node that has no inputs."""
        self.graph.nodes.append(node)
        self._numbers = self._numbers and all_numbers(node.output)

    def record(self, operation: Operation, inputs: tuple[Any, ...], call: dict[str, Any], path: str = "") -> Any:
        """Add a node and give its output, nested as the operation nests it. `path` is that of a layer, where it is known."""
        path = path or (self.paths[id(operation)] if operation.is_layer else self._fresh(operation.torch_name.strip("_")))
        self.next_name = ""
        self._recorder.where = path or operation.torch_name
        values: tuple[Value, ...]
        shapes: tuple[Any, ...]
        if len(inputs) == 1 and not call and type(inputs[0]) is Value:
            value = inputs[0]
            if value.successor is not None:
                inputs = ((value := value.latest()),)
            values = inputs
            key: Any = (value.shape,)
            # Python makes a new dict for each call.
            shapes, given = key, NOTHING_NAMED
        else:
            inputs, given, values, shapes, call, key = received(operation, inputs, call, self.value_of)
            self._check_own(values)
        pattern = operation._pattern if self._numbers else None
        facts = None if pattern is None else remembered.find(pattern, key)
        try:
            if self._lost:
                self._check_not_lost(values)
            if facts is None:
                if given or len(inputs) > 1 or type(inputs[0]) is not Value:
                    operation.check_tensors(inputs, given)
                if isinstance(operation, Lazy):
                    operation = self._concrete(operation, shapes)
                facts = self._facts(operation, key, shapes, call, len(values))
        except CnncalcError as error:
            if path or not error.where:
                error.at(path or operation.torch_name)
            raise
        nodes = self.graph.nodes
        node = Node(len(nodes), path, operation, facts, inputs, given, values)
        nodes.append(node)
        return Value(self, node, facts.output) if facts.is_new else self._given(node, operation)

    def _given(self, node: Node, operation: Operation) -> Any:
        """What a call gives that makes no tensor of its own, or several."""
        facts, values, output = node.facts, node.values, node.facts.output
        if facts.is_view or facts.is_in_place:
            if facts.is_view or not operation.in_place:
                self._roots[node.index] = self._roots.get(values[0].node.index, values[0].node.index)
            if operation.in_place:
                return self._changed(values, Value(self, node, output))
        return Value(self, node, output) if facts.is_single else self._several(node, output, count())

    def _facts(self, operation: Operation, key: Any, shapes: tuple[Any, ...], call: dict[str, Any], tensors: int) -> Facts:
        """What a call of so many tensors comes to, which is remembered where it holds numbers alone."""
        facts = Facts(operation, shapes, call, operation.output_shape(*shapes, **call))
        for tensor in operation.tensors().values() if isinstance(operation, Layer) else ():
            require_lengths(tensor)
        self._numbers = self._numbers and all(map(all_numbers, facts.outputs))
        if self._numbers and operation._pattern is not None:
            remembered.add(operation._pattern, key, facts, tensors)
        return facts

    def finished(self, outputs: Any) -> Any:
        """What the network returned, each value as it is by now."""
        given = map_values(outputs, Value.latest)
        self._check_own(iterate_values(given))
        if self._lost:
            self._check_not_lost(tuple(iterate_values(given)))
        return given

    def close(self) -> None:
        """End the recording. Then nothing goes round in a circle, and a graph is freed as soon as nobody holds it."""
        self.graph = cast("Graph", Ended(self.scope))
        self._held.clear()

    def _check_own(self, values: Iterable[Value]) -> None:
        """Refuse a value of another recording."""
        for value in values:
            if value.tracer is not self:
                raise kept_for_later(self.scope)

    def _changed(self, values: tuple[Value, ...], made: Value) -> Value:
        """Let the first value of a call become what was made of it in place; what shares its memory is lost, if cells join."""
        old = values[0]
        if len(values) > 1:
            self._lose(old, made)
        old.successor = made
        return made

    def _lose(self, old: Value, made: Value) -> None:
        """Note that what shares memory with a value was changed by what the value has become."""
        root = self._roots.get(old.node.index, old.node.index)
        for index in {root, *(view for view, of in self._roots.items() if of == root)} - {old.node.index}:
            self._lost.setdefault(index, set()).add(made.node.index)

    def write(self, value: Value, index: Any, part: Any) -> None:
        """Let a value become what it is with a part written over: `value[index] = part`."""
        old = value.latest()
        if isinstance(part, Value) and self._lost.get(old.node.index, set()) <= self._changes(part.latest(), old, index):
            # Python's `x[i] += y` changes x[i] in place first and writes it back then: nothing of x is lost.
            self._lost.pop(old.node.index, None)
        made: Value = overwritten(old, index, part)
        if made is not old:
            self._lose(old, made)
            old.successor = Value(self, made.node, made.shape, made.index)

    @staticmethod
    def _changes(part: Value, whole: Value, index: Any) -> set[int]:
        """The nodes that changed a part of a value in place; none where it is not the part at that index."""
        found = set()
        node = part.node
        while node.operation is not None and node.operation.in_place:
            found.add(node.index)
            node = node.values[0].node
        is_part = node.kind == "getitem" and node.values[0].node is whole.node and repr(node.inputs[1]) == repr(index)
        return found if is_part else set()

    def _check_not_lost(self, values: tuple[Value, ...]) -> None:
        """Refuse a value whose memory was changed through another one."""
        for value in values:
            if value.node.index in self._lost:
                raise UnsupportedError(SHARED, got=repr(value)[:60], remedy="write x = x + y in place of x += y")

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
        if held.is_lost:
            raise UnsupportedError(SHARED, got=repr(held)[:60], remedy="write x = x + y in place of x += y")
        known = self._held.get(id(held))
        if known is None:
            owner = self._owner_of(held)
            path = owner or self.names.get(id(held)) or self._numbered(self._scoped(type(held).__name__.lower()))
            node = ParameterNode(len(self.graph.nodes), path, held, owned=owner is not None)
            self._add_source(node)
            # The tensor is kept beside its value, so that no later one gets its address.
            known = self._held[id(held)] = (held, Value(self, node, held.shape))
        return known[1]

    def _owner_of(self, held: Held) -> str | None:
        """The qualified name of a tensor; None where no module of the network owns it."""
        for path, module in self.graph.network.named_modules():
            for name, owned in module.__dict__.items():
                if owned is held:
                    return f"{path}.{name}" if path else name
        return None

    def _concrete(self, layer: Lazy, shapes: tuple[Any, ...]) -> Layer:
        """The concrete layer that a lazy one has become."""
        known = self.graph.concrete.get(id(layer))
        if known is None:
            known = self.graph.concrete[id(layer)] = layer.materialized(*shapes)
        return known


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
        graph = tracer.graph
        inputs = tracer.start(checked)
        token = running.set(tracer)
        try:
            graph.outputs = tracer.finished(network(*inputs))
        except ShapeError as error:
            error.recorded = tuple(recorder.requirements)
            error.suggest = partial(working_sizes, trace, network, checked)
            raise
        except UndecidedError as error:
            raise error.at(_line_of(error)) from None
        except TypeError as error:
            raise binding_error(network.forward, inputs, {}, type(network).__name__) or error from None
        except RecursionError:
            raise UnsupportedError("the network is nested too deeply, or calls itself", where=tracer.scope) from None
        except REFUSALS as error:
            error.__dict__["recorded"] = tuple(recorder.requirements)
            raise
        finally:
            running.reset(token)
            tracer.close()
        graph.requirements = recorder.requirements
    if not any(True for _ in iterate_values(graph.outputs)):
        raise UnsupportedError("the network returns no tensor", where=type(network).__name__)
    return graph


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


def all_numbers(shape: Shape) -> bool:
    """Whether a shape holds no symbol."""
    return all(type(n) is int for n in shape)
