"""cnncalc against torch, run in this very call: shapes, tensors, counts, MACs and receptive fields.

On the meta device torch gives shapes and MACs of a network of any size. It is no oracle for what torch refuses (it
accepts wrong channels, for one), and it has no gradients: for these the network runs on real kernels, where it is small
enough. Work is measured as `macs + 30 · parameters + 60 · elements of all outputs`; up to REAL_LIMIT the network runs on
the CPU, up to PROBE_LIMIT its receptive fields are probed by gradients in float64. What is not run is said to be so.
"""

from __future__ import annotations

import warnings
from math import prod
from typing import Any

import torch

from cnncalc.analyses.macs import macs
from cnncalc.analyses.parameters import tensors
from cnncalc.errors import ArgumentError, CnncalcError, DisagreementError, ShapeError, UnsupportedError
from cnncalc.graph import Graph, trace
from cnncalc.module import Module
from cnncalc.sizes import Expr, as_shape
from cnncalc.torch_twin.counting import CountingRun
from cnncalc.torch_twin.running import REFUSALS, Run, first_line, shapes_of
from cnncalc.torch_twin.twin import Twins
from cnncalc.torch_twin.verification import Check, Verification
from cnncalc.torch_twin.verify_fields import field_checks

REAL_LIMIT = 5_000_000_000
PROBE_LIMIT = 3_000_000_000


def verify(network: Module, *shapes: Any) -> Verification:
    """Compare cnncalc with torch; see `cnncalc.torch_twin.verify`."""
    if not isinstance(network, Module) or not shapes:
        trace(network, *shapes)  # raises: it knows how to say what is wrong
    checked = tuple(as_shape(shape) for shape in shapes)
    if any(isinstance(n, Expr) for shape in checked for n in shape):
        raise UnsupportedError(
            "torch has no symbols, so nothing can be compared with it",
            got=str(checked)[:80],
            remedy="give numbers for all sizes; cc.put_in(net, C=3) puts them into layers",
        )
    plain: tuple[tuple[int, ...], ...] = tuple(tuple(map(int, shape)) for shape in checked)
    with warnings.catch_warnings():
        # Notes of torch on style, such as a softmax without dim: they say nothing about a number.
        warnings.simplefilter("ignore")
        try:
            graph = trace(network, *plain)
        except (ShapeError, ArgumentError) as refused:
            checks = _refused(network, plain, refused)
        else:
            checks = _Comparison(graph, plain).checks()
    return Verification(type(network).__name__, plain, torch.__version__, checks)


def _refused(network: Module, shapes: tuple[tuple[int, ...], ...], refused: Exception) -> list[Check]:
    """A network that cnncalc refuses: raised again where torch refuses too, a disagreement where it does not."""
    ours = f"refused: {refused}"
    try:
        run = CountingRun(Twins(network, "meta"))
        output = run.start(*(torch.ones(shape, device="meta") for shape in shapes))
        if _work(run.total, run.twins, run, shapes) > REAL_LIMIT:
            return [Check("accepts the input", ours, "accepted on the meta device; too large to run on real kernels", None)]
        output = Run(Twins(network)).start(*map(torch.ones, shapes))
    except (*REFUSALS, CnncalcError):
        raise refused from None
    return [Check("accepts the input", ours, f"accepted: {shapes_of(output)}", ok=False)]


def _work(count: int, twins: Twins, run: Run, shapes: tuple[tuple[int, ...], ...]) -> int:
    """How much work a run is, in MACs; see the head of this file."""
    parameters = sum(p.numel() for p in twins.root.parameters() if not torch.nn.parameter.is_lazy(p))
    elements = sum(prod(shape) for done in run.done for shape in _flat(done.output)) + sum(map(prod, shapes))
    return count + 30 * parameters + 60 * elements


def _flat(nested: Any) -> list[tuple[int, ...]]:
    """The shapes in nested outputs."""
    if isinstance(nested, dict):
        return [shape for item in nested.values() for shape in _flat(item)]
    if not isinstance(nested, tuple):
        return []
    if all(isinstance(item, int) for item in nested):
        return [nested]
    return [shape for item in nested for shape in _flat(item)]


class _Comparison:
    """The checks of a network that cnncalc accepts."""

    def __init__(self, graph: Graph, shapes: tuple[tuple[int, ...], ...]) -> None:
        self.graph = graph
        self.shapes = shapes
        self.list: list[Check] = []

    def checks(self) -> list[Check]:
        """Everything that can be compared, in order."""
        ours = f"accepted: {self.graph.output_shape}"
        real: Twins | None = None
        try:
            counted, output = self.counted()
            run: Run = counted
            work = _work(counted.total, counted.twins, counted, self.shapes)
            if work <= REAL_LIMIT:
                real = Twins(self.graph.network)
                run = Run(real)
                with torch.no_grad():
                    output = run.start(*map(torch.ones, self.shapes))
        except DisagreementError as error:
            return [Check("accepts the layers", ours, f"refused: {error}", ok=False)]
        except REFUSALS as error:
            return [Check("accepts the input", ours, f"refused{_place(error)}: {first_line(error)}", ok=False)]
        if real is not None:
            self.add("accepts the input", "accepted", "accepted")
        else:
            self.skip("accepts the input", f"not run on real kernels: {work:,} MACs of work is more than {REAL_LIMIT:,}")
        self.shapes_agree(run, output)
        self.tensors_agree(counted)
        self.macs_agree(counted)
        self.fields_agree(real, work)
        return self.list

    def counted(self) -> tuple[CountingRun, Any]:
        """A run that counts, and its output: on the meta device, or on the CPU where a kernel is missing there."""
        run = CountingRun(Twins(self.graph.network, "meta"))
        try:
            return run, run.start(*(torch.ones(shape, device="meta") for shape in self.shapes))
        except REFUSALS:
            if sum(int(cost) for cost in macs(self.graph)) > REAL_LIMIT:
                raise
            run = CountingRun(Twins(self.graph.network))
            return run, run.start(*map(torch.ones, self.shapes))

    def add(self, what: str, ours: Any, theirs: Any) -> None:
        """Compare two figures."""
        self.list.append(Check(what, ours, theirs, ours == theirs))

    def skip(self, what: str, reason: str) -> None:
        """Say that torch was not asked."""
        self.list.append(Check(what, None, reason, None))

    def shapes_agree(self, run: Run, output: Any) -> None:
        """The output of every operation in order, and of the network."""
        nodes = [node for node in self.graph.nodes if node.operation is not None]
        self.add("number of operations", len(nodes), len(run.done))
        for node, done in zip(nodes, run.done, strict=False):
            self.add(f"output shape of {node.path or node.kind}", _plain(node.output), done.output)
        self.add("output shape", _plain(self.graph.output_shape), shapes_of(output))

    def tensors_agree(self, counted: CountingRun) -> None:
        """Names and shapes of the `state_dict`, a shared tensor once, and the three counts."""
        root = counted.twins.root
        owned = tensors(self.graph)
        held: dict[str, torch.Tensor] = {}
        seen: set[int] = set()
        for name, tensor in root.state_dict(keep_vars=True).items():
            if id(tensor) not in seen:
                seen.add(id(tensor))
                held[name] = tensor
        # A layer that was never run and takes its shapes from its input has none yet.
        lazy = {name for name, tensor in held.items() if torch.nn.parameter.is_lazy(tensor)}
        ours, theirs = [tensor.path for tensor in owned], list(held)
        if ours == theirs:
            self.add("names in state_dict", f"{len(ours)} names", f"{len(theirs)} names")
        else:
            extra, missing = [n for n in ours if n not in held], [n for n in theirs if n not in ours]
            text = ", ".join(extra[:4]) or ("another order" if not missing else "no others")
            self.list.append(Check("names in state_dict", text, ", ".join(missing[:4]) or "no others", ok=False))
        for owned_tensor in owned:
            if owned_tensor.path in held and owned_tensor.path not in lazy:
                self.add(f"shape of {owned_tensor.path}", _plain(owned_tensor.shape), tuple(held[owned_tensor.path].shape))
        parameters = {name for name, _ in root.named_parameters()}
        sizes = {name: 0 if name in lazy else tensor.numel() for name, tensor in held.items()}
        counts = (
            ("parameters", [t for t in owned if not t.is_buffer], parameters),
            ("trainable parameters", [t for t in owned if t.trainable], counted.trained),
            ("elements of buffers", [t for t in owned if t.is_buffer], set(held) - parameters),
        )
        for what, of_ours, names in counts:
            self.add(f"number of {what}", sum(int(t.size) for t in of_ours), sum(sizes[name] for name in names))

    def macs_agree(self, counted: CountingRun) -> None:
        """Multiply-accumulates of every operation that has any, and in all."""
        nodes = list(zip(self.graph.nodes, macs(self.graph), strict=True))
        operations = [(node, cost) for node, cost in nodes if node.operation is not None]
        for (node, cost), count in zip(operations, counted.macs, strict=False):
            if cost or count:
                self.add(f"MACs of {node.path or node.kind}", cost, count)
        self.add("MACs", sum(cost for _, cost in nodes), counted.total)

    def fields_agree(self, real: Twins | None, work: int) -> None:
        """Receptive fields, where the network is small enough and its shapes are beyond doubt."""
        if real is None or work > PROBE_LIMIT:
            self.skip("receptive field", f"not probed: {work:,} MACs of work is more than {PROBE_LIMIT:,}")
        elif any(check.ok is False and "shape" in check.what for check in self.list):
            self.skip("receptive field", "not probed: the shapes differ")
        else:
            self.list += field_checks(self.graph, real, self.shapes)


def _place(error: BaseException) -> str:
    """Where a run failed, as its note says."""
    notes = getattr(error, "__notes__", [])
    return f" {notes[0]}" if notes else ""


def _plain(shape: Any) -> Any:
    """Shapes with quantities and the like as plain ints."""
    if isinstance(shape, int):
        return int(shape)
    if isinstance(shape, (tuple, list)):
        return tuple(_plain(item) for item in shape)
    if isinstance(shape, dict):
        return {key: _plain(item) for key, item in shape.items()}
    return shape
