"""What a network needs in memory, as plain data: what `report.memory` gives. Everything is in bytes, at a named dtype."""

from __future__ import annotations

from typing import Any

from cnncalc.errors import ArgumentError, CnncalcError
from cnncalc.quantity import NumericQuantity, SymbolicQuantity, quantity
from cnncalc.sizes import Size

#: Bytes of one element. Source: torch's dtypes of these names.
BYTES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2, "float8_e4m3fn": 1, "float8_e5m2": 1, "int8": 1, "uint8": 1}
#: Tensors as large as the trainable parameters that an optimiser keeps. Source: torch.optim's states.
OPTIMIZERS = {"sgd": 0, "momentum": 1, "adam": 2, "adamw": 2}
INDEX_BYTES = 8

WEIGHTS = "parameters and buffers"
OUTPUTS = "the outputs of all calls, those that share memory with their input too"
PEAK = "tensors are freed after their last use; views and changes in place share memory; weights and workspaces apart"
SAVED = "what autograd keeps for the backward pass in training mode, each tensor once; weights and statistics of norms apart"


class Memory:
    """Bytes at a dtype: `parameters`, `buffers`, `outputs`, `peak`, `saved`, and the totals `inference` and `training()`.

    `at(dtype)` gives the same network at another dtype. A figure that is not known raises when it is asked for.
    """

    __slots__ = ("_buffers", "_indices", "_outputs", "_params", "_peak", "_saved", "_trainable", "dtype", "peak_at")

    def __init__(
        self,
        *,
        params: Size,
        trainable: Size,
        buffers: Size,
        outputs: Size,
        peak: Size | CnncalcError,
        peak_at: str,
        saved: Size | CnncalcError,
        indices: Size,
        dtype: str = "float32",
    ) -> None:
        """Keep the numbers of elements; `indices` of `saved` are int64 whatever the dtype. `peak_at` names the row."""
        if dtype not in BYTES:
            raise ArgumentError("the dtype is not known", got=f"{dtype!r:.40}", remedy=f"give one of {', '.join(BYTES)}")
        self._params = params
        self._trainable = trainable
        self._buffers = buffers
        self._outputs = outputs
        self._peak = peak
        self._saved = saved
        self._indices = indices
        self.peak_at = peak_at
        self.dtype = dtype

    def at(self, dtype: str) -> Memory:
        """The same at another dtype. Raises ArgumentError for one that is not known."""
        return Memory(
            params=self._params,
            trainable=self._trainable,
            buffers=self._buffers,
            outputs=self._outputs,
            peak=self._peak,
            peak_at=self.peak_at,
            saved=self._saved,
            indices=self._indices,
            dtype=dtype,
        )

    def bytes_of(self, elements: Size) -> Size:
        """The bytes of so many elements."""
        return elements * BYTES[self.dtype]

    @property
    def parameters(self) -> NumericQuantity | SymbolicQuantity:
        """The parameters, a shared one once."""
        return self._quantity(self.bytes_of(self._params), "parameters, a shared tensor once")

    @property
    def buffers(self) -> NumericQuantity | SymbolicQuantity:
        """The buffers, every element at the dtype."""
        return self._quantity(self.bytes_of(self._buffers), "buffers, every element at the dtype")

    @property
    def outputs(self) -> NumericQuantity | SymbolicQuantity:
        """The sum of all outputs."""
        return self._quantity(self.bytes_of(self._outputs), OUTPUTS)

    @property
    def peak(self) -> NumericQuantity | SymbolicQuantity:
        """The most that inputs, intermediate results and outputs take at any one time of an inference."""
        return self._quantity(self.bytes_of(_known(self._peak)), PEAK)

    @property
    def saved(self) -> NumericQuantity | SymbolicQuantity:
        """What is kept for the backward pass. Raises UnsupportedError for a layer of which that is not known."""
        return self._quantity(self.bytes_of(_known(self._saved)) + self._indices * INDEX_BYTES, SAVED)

    @property
    def inference(self) -> NumericQuantity | SymbolicQuantity:
        """Parameters, buffers and the peak."""
        return self._quantity(self.parameters.value + self.buffers.value + self.peak.value, f"{WEIGHTS}, and the peak")

    def training(self, optimizer: str = "adam") -> NumericQuantity | SymbolicQuantity:
        """Parameters, buffers, gradients, the optimiser's state and the saved activations. Raises ArgumentError."""
        if optimizer not in OPTIMIZERS:
            raise ArgumentError(
                "the optimiser is not known", got=f"{optimizer!r:.40}", remedy=f"give one of {', '.join(OPTIMIZERS)}"
            )
        copies = self.bytes_of(self._trainable) * (1 + OPTIMIZERS[optimizer])
        total = self.parameters.value + self.buffers.value + copies + self.saved.value
        return self._quantity(total, f"{WEIGHTS}, gradients, the state of {optimizer}, saved activations")

    def to_dict(self) -> dict[str, Any]:
        """The figures as plain data for JSON: numbers, formulas as text, null where one is not known."""
        figures: dict[str, Any] = {"dtype": self.dtype, "unit": "bytes", "peak_at": self.peak_at}
        for name in ("parameters", "buffers", "outputs", "peak", "saved", "inference"):
            figures[name] = _plain(lambda name=name: getattr(self, name))
        figures["training"] = {name: _plain(lambda name=name: self.training(name)) for name in OPTIMIZERS}
        return figures

    def _quantity(self, value: Size, convention: str) -> NumericQuantity | SymbolicQuantity:
        return quantity(value, "bytes", f"{self.dtype}; {convention}", "memory")


def _known(value: Size | CnncalcError) -> Size:
    """The number, or the reason why there is none, raised."""
    if isinstance(value, CnncalcError):
        raise value
    return value


def _plain(figure: Any) -> int | str | None:
    """A figure for JSON."""
    try:
        value = figure().value
    except CnncalcError:
        return None
    return value if isinstance(value, int) else str(value)
