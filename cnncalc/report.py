"""The report of a network: its totals, and a row for every layer, function and container."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.errors import ArgumentError, CnncalcError
from cnncalc.field import ReceptiveField
from cnncalc.quantity import NumericQuantity, SymbolicQuantity, quantity
from cnncalc.render import summary
from cnncalc.sizes import Requirement, Shape, Size, conditions_as_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnncalc.field import AxisField
    from cnncalc.memory import Memory

PARAMETERS = "all that the module owns, a shared tensor once, buffers apart"
TRAINABLE = "parameters that are not frozen"
BUFFERS = "elements of buffers, such as running statistics"
MACS = "multiply-accumulates of products, bias excluded, padding not discounted"


class Row:
    """One layer, function or container: what it gives, what it owns and what it costs, everything inside it included.

    `path` is torch's qualified name, `kind` the class or function, `depth` the level in the tree. `calls` is how often it
    ran: 0 for a part that the network owns but does not use. `output_shape` and `receptive_field` are those of its last
    call; both are None where it never ran.
    """

    __slots__ = (
        "_field",
        "buffers",
        "calls",
        "depth",
        "kind",
        "macs",
        "output_elements",
        "output_shape",
        "own",
        "params",
        "partial",
        "path",
        "spatial",
        "trainable",
    )

    def __init__(self, path: str, kind: str, depth: int) -> None:
        """Start a row with nothing counted."""
        self.path = path
        self.kind = kind
        self.depth = depth
        self.calls = 0
        self.output_shape: Any = None
        self.params: Size = 0
        self.trainable: Size = 0
        self.buffers: Size = 0
        self.macs: Size = 0
        #: The elements of the outputs of all its calls, of the layers and functions in it.
        self.output_elements: Size = 0
        #: The field on each spatial axis of the input.
        self.spatial: tuple[AxisField, ...] | None = None
        self._field: ReceptiveField | None = None
        #: Whether it holds an operation that is not carried, so that its MACs are more than is said.
        self.partial = False
        #: Whether the row is a layer or a function, not a container.
        self.own = False

    @property
    def name(self) -> str:
        """The last part of the qualified name."""
        return self.path.rpartition(".")[2]

    @property
    def receptive_field(self) -> ReceptiveField | None:
        """The field of its output, made when it is asked for."""
        spatial, field = self.spatial, self._field
        if spatial is None:
            return None
        if field is None or field.axes is not spatial:
            field = self._field = ReceptiveField(self.path, spatial)
        return field

    def to_dict(self) -> dict[str, Any]:
        """The row as plain data for JSON."""
        field = self.receptive_field
        return {
            "path": self.path,
            "kind": self.kind,
            "depth": self.depth,
            "calls": self.calls,
            "output_shape": plain(self.output_shape),
            "params": plain(self.params),
            "trainable": plain(self.trainable),
            "buffers": plain(self.buffers),
            "macs": plain(self.macs),
            "partial": self.partial,
            "output_elements": plain(self.output_elements),
            "receptive_field": field and plain(field.size),
            "whole_input": bool(field and field.whole),
            "leaf": self.own,
        }

    def __repr__(self) -> str:
        """Show what the row says."""
        return f"Row({self.path!r}, {self.kind}, output_shape={self.output_shape}, params={self.params}, macs={self.macs})"


class Counted(NamedTuple):
    """What a convention counts: the total, a quantity, and in one line why it differs from the MACs."""

    tool: str
    total: NumericQuantity | SymbolicQuantity
    why: str

    def to_dict(self) -> dict[str, Any]:
        """The parts as plain data for JSON."""
        return {"total": plain(self.total), "unit": self.total.unit, "convention": self.total.convention, "why": self.why}


class Gap(NamedTuple):
    """An operation that is not known, in a network that came from elsewhere: its name, the module it is in, and why."""

    operation: str
    where: str
    reason: str


class Asked:
    """What is worked out only when it is asked for.

    `arithmetic` gives each name of arithmetic beside MACs with its quantity, or with the error that says why it is not
    known; `counted_by` gives the total of a tool's convention; `tensors` the shape of each parameter and buffer;
    `memory` the bytes; `at` the report with sizes put in for symbols.
    """

    __slots__ = ("arithmetic", "at", "counted_by", "memory", "tensors")

    def __init__(
        self,
        *,
        arithmetic: Callable[[], dict[str, NumericQuantity | SymbolicQuantity | CnncalcError]],
        counted_by: Callable[[str], Counted],
        tensors: Callable[[], dict[str, Shape]],
        memory: Callable[[], Memory],
        at: Callable[[dict[str, Any]], Report],
    ) -> None:
        """Keep what answers."""
        self.arithmetic = arithmetic
        self.counted_by = counted_by
        self.tensors = tensors
        self.memory = memory
        self.at = at


class Report:
    """All numbers of a network for one input. Index it by a row's qualified name; iterate over its rows.

    `params`, `trainable`, `buffers`, `macs` are quantities: numbers that know their unit and convention, or formulas.
    `conditions` are what the network asks of symbolic sizes. `not_carried` lists the operations of a torch or ONNX model
    that cnncalc does not know; where there are any the report is `partial`: every row that says nothing else and the
    parameters are right, and MACs are those of all other operations, which `macs` warns of.
    """

    def __init__(
        self,
        network: str,
        input_shapes: tuple[Shape, ...],
        output_shape: Any,
        rows: list[Row],
        receptive_field: ReceptiveField | None,
        conditions: tuple[Requirement, ...],
        asked: Asked,
        not_carried: tuple[Gap, ...] = (),
    ) -> None:
        """Keep the parts; the first row is the network itself."""
        self.network = network
        self.input_shapes = input_shapes
        self.output_shape = output_shape
        self.rows = rows
        self.receptive_field = receptive_field
        self.conditions = conditions
        self.not_carried = not_carried
        self._asked = asked
        self._named: dict[str, Row] = {}

    def _by_path(self) -> dict[str, Row]:
        """The rows by qualified name."""
        self._named = self._named or {row.path: row for row in self.rows}
        return self._named

    @property
    def params(self) -> NumericQuantity | SymbolicQuantity:
        """How many parameters the network owns."""
        return quantity(self.rows[0].params, "parameters", PARAMETERS, "parameters")

    @property
    def trainable(self) -> NumericQuantity | SymbolicQuantity:
        """How many of the parameters are trained."""
        return quantity(self.rows[0].trainable, "parameters", TRAINABLE, "parameters")

    @property
    def buffers(self) -> NumericQuantity | SymbolicQuantity:
        """How many elements the buffers have."""
        return quantity(self.rows[0].buffers, "elements", BUFFERS, "parameters")

    @property
    def macs(self) -> NumericQuantity | SymbolicQuantity:
        """How many multiply-accumulates one forward pass takes; of a partial report, those that are known, with a warning."""
        if not self.partial:
            return quantity(self.rows[0].macs, "MAC", MACS, "macs")
        missing = "partial: " + ", ".join(sorted({gap.operation for gap in self.not_carried})) + " not counted"
        warnings.warn(f"the MACs of {self.network} are {missing}", stacklevel=2)
        return quantity(self.rows[0].macs, "MAC", f"{missing}; {MACS}", "macs")

    @property
    def partial(self) -> bool:
        """Whether some operation is not carried, so that the MACs are more than is said."""
        return bool(self.not_carried)

    @property
    def tensors(self) -> dict[str, Shape]:
        """The shape of each parameter and buffer, by its key in torch's `state_dict`."""
        return self._asked.tensors()

    @property
    def memory(self) -> Memory:
        """What the network needs in memory, at float32; `report.memory.at("float16")` gives another dtype."""
        return self._asked.memory()

    @property
    def arithmetic(self) -> dict[str, NumericQuantity | SymbolicQuantity]:
        """The arithmetic beside MACs, by name: bias, norm, activation, pooling, resampling, elementwise.

        What each of them counts is its quantity's convention. Raises UnsupportedError where one is not known.
        """
        found: dict[str, NumericQuantity | SymbolicQuantity] = {}
        for name, counted in self._asked.arithmetic().items():
            if isinstance(counted, CnncalcError):
                raise counted
            found[name] = counted
        return found

    def at(self, **values: Any) -> Report:
        """The report with numbers, or other sizes, put in for symbols of input and layers: `report.at(H=224, W=224)`.

        All conditions are held against them: raises the layer's error where one is broken, and ArgumentError for a name that
        does not occur or a number below its symbol's minimum.
        """
        return self._asked.at(values)

    def as_counted_by(self, tool: str) -> Counted:
        """The total that a tool prints for this network and input: torchinfo, fvcore, ptflops, thop, calflops, torchvision.

        It comes with one line on why it differs from `macs`. Raises UnsupportedError where the tool fails, or where what it
        counts is not reproduced; ArgumentError for a tool that is not known.
        """
        return self._asked.counted_by(tool)

    def __getitem__(self, path: str) -> Row:
        """The row with a qualified name, containers too; "" is the network."""
        row = self._by_path().get(path) if isinstance(path, str) else None
        if row is None:
            from difflib import get_close_matches

            near = get_close_matches(str(path)[:60], self._by_path(), n=3)
            raise ArgumentError(
                "there is no row of that name",
                got=f"{path!r:.60}",
                remedy=f"did you mean {' or '.join(near)}?" if near else "rows are named as torch names submodules",
            )
        return row

    def __contains__(self, path: object) -> bool:
        """Whether there is a row of that name."""
        return path in self._by_path()

    def __iter__(self) -> Iterator[Row]:
        """The rows in order, the network first."""
        return iter(self.rows)

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.rows)

    def to_dict(self, *, dtype: str | None = None) -> dict[str, Any]:
        """The report as plain data: numbers as numbers, formulas as text. With a dtype, what it needs in memory is added."""
        data = self._to_dict()
        if dtype is not None:
            memory = self.memory.at(dtype)
            data["memory"] = memory.to_dict()
            for row, found in zip(self.rows, data["rows"], strict=True):
                found["output_bytes"] = plain(memory.bytes_of(row.output_elements))
        return data

    def _to_dict(self) -> dict[str, Any]:
        return {
            "format": "cnncalc.summary/1",
            "network": self.network,
            "input_shapes": plain(self.input_shapes),
            "output_shape": plain(self.output_shape),
            "params": plain(self.rows[0].params),
            "trainable": plain(self.rows[0].trainable),
            "buffers": plain(self.rows[0].buffers),
            "macs": plain(self.rows[0].macs),
            "partial": self.partial,
            "not_carried": [gap._asdict() for gap in self.not_carried],
            "arithmetic": {
                name: None if isinstance(counted, CnncalcError) else plain(counted)
                for name, counted in self._asked.arithmetic().items()
            },
            "receptive_field": self.receptive_field and self.receptive_field.to_dict(),
            "conditions": conditions_as_data(self.conditions),
            "rows": [row.to_dict() for row in self.rows],
        }

    def to_json(self) -> str:
        """The same as JSON text."""
        import json

        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)

    def __str__(self) -> str:
        """A table of 80 columns without colour."""
        return summary.as_text(self.to_dict(), width=80)

    def __repr__(self) -> str:
        """One line: the totals."""
        more = "partial: at least " if self.partial else ""
        return f"<Report of {self.network}: {self.output_shape}, {self.params} parameters, {more}{self.rows[0].macs} MACs>"

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        return summary.as_html(self.to_dict())


def plain(value: Any) -> Any:
    """Sizes and shapes for JSON: numbers stay, formulas become text, tuples become lists."""
    if value is None or isinstance(value, int):
        return None if value is None else int(value)
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return str(value)
