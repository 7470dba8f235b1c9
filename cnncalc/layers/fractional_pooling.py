"""Max pooling with windows drawn at random. Source: torch.nn.FractionalMaxPool2d, FractionalMaxPool3d; Graham 2014."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, AxisMap, Undescribed
from cnncalc.errors import ArgumentError, ShapeError, UnsupportedError
from cnncalc.layers.arguments import per_axis, ranks
from cnncalc.layers.layer import Layer, constructor
from cnncalc.layers.work import values
from cnncalc.sizes import Expr, Shape, Size, product, require


class _FractionalMaxPool(Layer):
    """The largest value under windows that overlap at random, so many per axis that the output has the size asked for.

    The size is output_size, or ⌊n · output_ratio⌋ as floating-point numbers are multiplied. Which cells a window covers
    is drawn anew in every pass, in eval mode too, so that the cells behind an output cell are refused.
    """

    work = "pooling"
    dimensions: ClassVar[int]
    #: How many cells torch wants beyond those that the windows need.
    spare: ClassVar[int] = 0
    #: Whether torch looks at kernel_size at construction.
    checks_kernel: ClassVar[bool] = False
    #: Whether torch leaves out shares beyond one for each axis.
    takes_more_ratios: ClassVar[bool] = False
    kernel_size: tuple[Size, ...]
    output_size: tuple[Size, ...] | None
    output_ratio: tuple[float, ...] | None
    return_indices: bool

    @constructor
    def __init__(
        self,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Any = None,
    ) -> None:
        """Take torch's arguments; raise `ArgumentError` where torch refuses them at construction."""
        axes = self.dimensions
        if (output_size is None) == (output_ratio is None):
            raise ArgumentError(
                "one of output_size and output_ratio must be given", got=f"output_size={output_size}, output_ratio={output_ratio}"
            )
        if _random_samples is not None:
            raise UnsupportedError("random samples are values of a tensor, and none are known here", got="_random_samples")
        self.kernel_size = per_axis(kernel_size, "kernel_size", axes)
        self.output_size = None if output_size is None else per_axis(output_size, "output_size", axes)
        self.output_ratio = None if output_ratio is None else _ratios(output_ratio, axes)
        self.return_indices = return_indices
        self._random_samples = None
        if self.checks_kernel:
            for k in self.kernel_size:
                if isinstance(k, int) and k < 1:
                    raise ArgumentError("kernel_size must be at least 1", got=f"kernel_size={kernel_size}")

    def output_shape(self, input: Shape) -> Any:
        """(N, C, *sizes), twice with return_indices. Raises ShapeError where torch refuses the input."""
        axes = self.dimensions
        ranks(input, axes + 1, axes + 2, expects=f"(N, C, {'D, H, W'[-3 * axes + 2 :]}) or the same without N")
        sizes = self._sizes(input)
        if len(self.kernel_size) != axes:
            raise ShapeError(f"kernel_size must have {axes} values", got=f"kernel_size={self.kernel_size}")
        for k in self.kernel_size if self.checks_kernel else ():
            require(k >= 1, "kernel_size must be at least 1", "kernel_size={}", self.kernel_size)
        for n in input[1:]:
            require(n >= 1, "only the first axis may be empty", "{}", input)
        for n, k, m in zip(input[-axes:], self.kernel_size, sizes, strict=True):
            require(m >= 0, "output_size must not be negative", "output_size={}", sizes)
            require(
                m + k - 1 + self.spare <= n,
                "the windows must fit into the input",
                "kernel_size={}, an output of {} from a length of {}",
                k,
                m,
                n,
                remedy="use a larger input, or a smaller kernel or output",
            )
        output = (*input[:-axes], *sizes)
        return (output, output) if self.return_indices else output

    def arithmetic(self, input: Shape) -> dict[str, Size]:
        """A whole window for each output cell, wherever it lies."""
        return {"pooling": values(self.output_shape(input)) * product(self.kernel_size)}

    def axes(self, input: Shape) -> tuple[AxisMaps, ...]:
        """Batch and channels cell by cell; of the spatial axes, the lengths are known."""
        axes = self.dimensions
        random: list[AxisMap] = [
            Undescribed(m, self.torch_name, "has windows that are drawn at random") for m in self._sizes(input)
        ]
        return (AxisMaps(*(EACH,) * (len(input) - axes), *random),)

    def _sizes(self, input: Shape) -> tuple[Size, ...]:
        """The output's length on each axis."""
        axes = self.dimensions
        if self.output_size is not None:
            if len(self.output_size) != axes:
                raise ShapeError(f"output_size must have {axes} values", got=f"output_size={self.output_size}")
            return self.output_size
        ratios = self.output_ratio or ()
        if len(ratios) != axes and not self.takes_more_ratios:
            raise ShapeError(f"output_ratio must have {axes} values", got=f"output_ratio={ratios}")
        for n in input[-axes:]:
            if isinstance(n, Expr):
                raise UnsupportedError(
                    "a share of a symbol is rounded as floating-point numbers are, which has no formula",
                    got=f"output_ratio={ratios} of {n}",
                    remedy="give numbers, or output_size",
                )
        return tuple(int(int(n) * ratio) for n, ratio in zip(input[-axes:], ratios[:axes], strict=True))


def _ratios(given: Any, axes: int) -> tuple[float, ...]:
    """One share for every axis, or one each; each must lie between 0 and 1."""
    ratios = tuple(given) if isinstance(given, (tuple, list)) else (given,) * axes
    for ratio in ratios[:axes]:
        if not isinstance(ratio, (int, float)) or not 0 < ratio < 1:
            raise ArgumentError("output_ratio must lie between 0 and 1", got=f"output_ratio={given!r:.60}")
    if len(ratios) < axes:
        raise ArgumentError(f"output_ratio must have {axes} values", got=f"output_ratio={given!r:.60}")
    return ratios


class FractionalMaxPool2d(_FractionalMaxPool):
    """Fractional max pooling over (N, C, H, W). Source: torch.nn.FractionalMaxPool2d."""

    dimensions = 2


class FractionalMaxPool3d(_FractionalMaxPool):
    """Fractional max pooling over (N, C, D, H, W). Source: torch.nn.FractionalMaxPool3d."""

    dimensions = 3
    spare = 1
    checks_kernel = True
    takes_more_ratios = True
