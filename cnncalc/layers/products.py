"""Products of two tensors that add up along an axis: matrices, vectors, einsum. Source: torch.matmul and its kin.

MACs: one for each number that is multiplied and added, so the cells of the output times the length that is added up.
"""

from __future__ import annotations

from cnncalc.axes import AxisMaps, Route
from cnncalc.axis import EACH, EVERYTHING
from cnncalc.errors import ShapeError
from cnncalc.layers.arguments import check_number
from cnncalc.layers.broadcasting import broadcast, broadcast_axes
from cnncalc.layers.operation import Function
from cnncalc.layers.reshaping import BOTH
from cnncalc.sizes import Shape, Size, product, require

VECTOR, MATRIX = 1, 2


class MatMul(Function):
    """The product of matrices in the last two axes, broadcast over the axes before; vectors too. Source: torch.matmul."""

    work = "nothing"
    torch_name = "matmul"
    found_in = BOTH

    def output_shape(self, input: Shape, other: Shape) -> Shape:
        """(*, n, k) and (*, k, m) give (*, n, m); the axis that a vector lacks is left out."""
        if not input or not other:
            raise ShapeError("both tensors must have an axis", got=f"{input} and {other}")
        rows = input[:-1]
        columns = (*other[:-2], *other[-1:]) if len(other) >= MATRIX else ()
        _check_inner(input, other)
        batch = broadcast(rows[:-1], columns[:-1])
        return (*batch, *rows[-1:], *columns[-1:])

    def macs(self, input: Shape, other: Shape) -> Size:
        """Cells of the output × k."""
        return product(self.output_shape(input, other)) * input[-1]

    def axes(self, input: Shape, other: Shape) -> tuple[AxisMaps, ...]:
        """A row of the one and a column of the other; leading axes cell by cell."""
        output = self.output_shape(input, other)
        last = len(output) - (len(other) >= MATRIX)
        batch = output[: last - (len(input) >= MATRIX)]
        left: list[Route] = [*broadcast_axes(input[:-2], batch).routes]
        if len(input) >= MATRIX:
            left.append((last - 1, EACH))
        left.append((None, EVERYTHING))
        right: list[Route] = [*broadcast_axes(other[:-2], batch).routes, (None, EVERYTHING)]
        if len(other) >= MATRIX:
            right.append((last, EACH))
        return AxisMaps.routed(*left), AxisMaps.routed(*right)


class MM(MatMul):
    """The product of two matrices. Source: torch.mm."""

    torch_name = "mm"

    def output_shape(self, input: Shape, mat2: Shape) -> Shape:
        """(n, k) and (k, m) give (n, m)."""
        return _multiplied(MATRIX, ("input", "mat2"), input, mat2)

    def macs(self, input: Shape, mat2: Shape) -> Size:
        """Cells of the output × k."""
        return product(self.output_shape(input, mat2)) * input[-1]

    def axes(self, input: Shape, mat2: Shape) -> tuple[AxisMaps, ...]:
        """A row of the one and a column of the other."""
        return matmul.axes(input, mat2)


class BMM(MM):
    """The products of two batches of matrices. Source: torch.bmm."""

    torch_name = "bmm"

    def output_shape(self, input: Shape, mat2: Shape) -> Shape:
        """(b, n, k) and (b, k, m) give (b, n, m)."""
        return _multiplied(MATRIX + 1, ("input", "mat2"), input, mat2)


class MV(Function):
    """The product of a matrix and a vector. Source: torch.mv."""

    work = "nothing"
    torch_name = "mv"
    found_in = BOTH

    def output_shape(self, input: Shape, vec: Shape) -> Shape:
        """(n, k) and (k,) give (n,)."""
        _ranks(("input", input, MATRIX), ("vec", vec, VECTOR))
        _check_inner(input, vec)
        return input[:1]

    def macs(self, input: Shape, vec: Shape) -> Size:
        """N × k."""
        return product(input)

    def axes(self, input: Shape, vec: Shape) -> tuple[AxisMaps, ...]:
        """A row of the matrix, and the whole vector."""
        return matmul.axes(input, vec)


class Dot(Function):
    """The product of two vectors, added up. Source: torch.dot."""

    work = "nothing"
    torch_name = "dot"
    found_in = BOTH

    def output_shape(self, input: Shape, tensor: Shape) -> Shape:
        """No axes."""
        _ranks(("input", input, VECTOR), ("tensor", tensor, VECTOR))
        _check_inner(input, tensor)
        return ()

    def macs(self, input: Shape, tensor: Shape) -> Size:
        """The length."""
        return input[0]

    def axes(self, input: Shape, tensor: Shape) -> tuple[AxisMaps, ...]:
        """Both whole."""
        return AxisMaps.everything(1), AxisMaps.everything(1)


class Outer(Function):
    """Every product of a cell of one vector and one of another; nothing is added up. Source: torch.outer."""

    work = "nothing"
    torch_name = "outer"
    found_in = BOTH

    def output_shape(self, input: Shape, vec2: Shape) -> Shape:
        """(n,) and (m,) give (n, m)."""
        _ranks(("input", input, VECTOR), ("vec2", vec2, VECTOR))
        return (*input, *vec2)

    def axes(self, input: Shape, vec2: Shape) -> tuple[AxisMaps, ...]:
        """One cell of each."""
        return AxisMaps.routed((0, EACH)), AxisMaps.routed((1, EACH))


class AddMM(Function):
    """A matrix and the product of two, added. Source: torch.addmm."""

    work = "elementwise"
    torch_name = "addmm"
    found_in = BOTH
    rank = MATRIX
    factors = ("mat1", "mat2")

    def output_shape(self, input: Shape, mat1: Shape, mat2: Shape, *, beta: float = 1, alpha: float = 1) -> Shape:
        """That of the product, to which the first tensor is broadcast."""
        check_number(beta, "beta")
        check_number(alpha, "alpha")
        return self._shape(input, mat1, mat2)

    def macs(self, input: Shape, mat1: Shape, mat2: Shape, *, beta: float = 1, alpha: float = 1) -> Size:
        """Cells of the output × k."""
        return product(self._shape(input, mat1, mat2)) * mat1[-1]

    def axes(self, input: Shape, mat1: Shape, mat2: Shape, *, beta: float = 1, alpha: float = 1) -> tuple[AxisMaps, ...]:
        """The sum cell by cell; a row of the one matrix and a column of the other."""
        return broadcast_axes(input, self._shape(input, mat1, mat2)), *matmul.axes(mat1, mat2)

    def _shape(self, input: Shape, left: Shape, right: Shape) -> Shape:
        """The shape of the product. Raises ShapeError where the sum does not fit."""
        shape = _multiplied(self.rank, self.factors, left, right)
        if len(input) > len(shape):
            raise ShapeError("the sum must have the shape of the product, or broadcast to it", got=f"{input} and {shape}")
        for n, m in zip(reversed(input), reversed(shape), strict=False):
            if (n == 1) is not True:
                rule = "the sum must have the shape of the product, or broadcast to it"
                require(n == m, rule, "{} and {}", input, shape, otherwise=(n == 1,))
        return shape


class BAddBMM(AddMM):
    """Matrices and the products of two batches, added. Source: torch.baddbmm."""

    torch_name = "baddbmm"
    rank = MATRIX + 1
    factors = ("batch1", "batch2")

    def output_shape(self, input: Shape, batch1: Shape, batch2: Shape, *, beta: float = 1, alpha: float = 1) -> Shape:
        """That of the product, to which the first tensor is broadcast."""
        check_number(beta, "beta")
        check_number(alpha, "alpha")
        return self._shape(input, batch1, batch2)

    def macs(self, input: Shape, batch1: Shape, batch2: Shape, *, beta: float = 1, alpha: float = 1) -> Size:
        """Cells of the output × k."""
        return product(self._shape(input, batch1, batch2)) * batch1[-1]

    def axes(self, input: Shape, batch1: Shape, batch2: Shape, *, beta: float = 1, alpha: float = 1) -> tuple[AxisMaps, ...]:
        """The sum cell by cell; a row of the one matrix and a column of the other."""
        return broadcast_axes(input, self._shape(input, batch1, batch2)), *matmul.axes(batch1, batch2)


def _multiplied(rank: int, names: tuple[str, str], left: Shape, right: Shape) -> Shape:
    """The shape of the products of matrices, batch by batch where they have an axis for it."""
    _ranks((names[0], left, rank), (names[1], right, rank))
    for n, m in zip(left[:-MATRIX], right[:-MATRIX], strict=True):
        if n is not m:
            require(n == m, "batches must be equally long", "{} and {}, from {} and {}", n, m, left, right)
    _check_inner(left, right)
    return (*left[:-1], right[-1])


def _check_inner(left: Shape, right: Shape) -> None:
    """Demand that the axes to be added up along are equally long."""
    is_vector = len(right) == VECTOR
    n, m = left[-1], right[-1 if is_vector else -2]
    if n is not m:
        rule = "the last axis of the first must be as long as the " + (
            "second" if is_vector else "one before the last of the second"
        )
        require(n == m, rule, "{} and {}, from {} and {}", n, m, left, right)


def _ranks(*given: tuple[str, Shape, int]) -> None:
    """Refuse a tensor that does not have the number of axes asked."""
    for name, shape, rank in given:
        if len(shape) != rank:
            raise ShapeError(f"{name} must have {rank} {'axis' if rank == 1 else 'axes'}", got=f"{len(shape)} axes, {shape}")


matmul = MatMul()
mm = MM()
bmm = BMM()
mv = MV()
dot = Dot()
outer = Outer()
addmm = AddMM()
baddbmm = BAddBMM()
