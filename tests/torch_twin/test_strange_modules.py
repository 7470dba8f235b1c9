"""Modules as strangers write them: each is exactly what torch says of it, or the operation that is not carried is named."""

from __future__ import annotations

import collections
import dataclasses
import functools
import math

import pytest

import cnncalc as cc

torch = pytest.importorskip("torch")

from followed_side import asked_of_torch, differences  # noqa: E402 - it needs torch
from source_side import check_source  # noqa: E402

nn, F, checkpoint = torch.nn, torch.nn.functional, torch.utils.checkpoint.checkpoint

IMAGE = (1, 3, 16, 16)


class Given(nn.Module):
    """A convolution of three channels to eight, and whatever a function does with it."""

    def __init__(self, function):
        super().__init__()
        self.c = nn.Conv2d(3, 8, 3, padding=1)
        self.function = function

    def forward(self, *inputs, **call):
        """Call the function."""
        return self.function(self, *inputs, **call)


# -- what is exact --------------------------------------------------------------------------------------------------


def size_of_an_axis(m, x):
    return m.c(x).view(x.size(0), -1)


def checkpointed(m, x):
    return checkpoint(m.c, x, use_reentrant=False) + checkpoint(lambda y: F.relu(m.c(y)), x, use_reentrant=True)


def custom_gradient(m, x):
    class Swish(torch.autograd.Function):
        @staticmethod
        def forward(ctx, i):
            ctx.save_for_backward(i)
            return i * torch.sigmoid(i)

        @staticmethod
        def backward(_, gradient):
            return gradient

    return Swish.apply(m.c(x))


def in_place(m, x):
    y = m.c(x)
    y += 1
    y.mul_(2).relu_()
    y[:, :2] = 0
    y[:, 2:4] += x[:, :2]
    y[0, :, 1:3, 1:3] = x[:, :1, :2, :2]
    return y


def a_constant_that_is_filled(m, x):
    out = torch.zeros(x.shape[0], 11, *x.shape[2:], device=x.device)
    out[:, :8] = m.c(x)
    out[:, 8:] = x
    return out


def branch_on_training(m, x):
    return (m.c(x), m.c(x)) if m.training else m.c(x)


def keywords(m, x, **more):
    return m.c(x) * more.get("scale", 2)


def to_a_device(m, x):
    return m.c(x.to(m.c.weight.device, m.c.weight.dtype)).to(dtype=torch.float16).float()


def a_grid_of_places(m, x):
    y = m.c(x)
    n, _, h, w = y.shape
    grids = torch.meshgrid(torch.arange(h, device=x.device), torch.arange(w, device=x.device), indexing="ij")
    return torch.cat([y, torch.stack(grids).unsqueeze(0).expand(n, -1, -1, -1) / h], 1)


def sums_by_letters(m, x):
    return torch.einsum("nchw,ndhw->ncd", m.c(x), m.c(x))


def windows_of_an_axis(m, x):
    return m.c(x).unfold(2, 4, 2).unfold(3, 5, 3)


def attributes(_, x):
    return x.mT @ x + x.transpose(-1, -2).mT.real + x.data.mH


def masks(m, x):
    y = m.c(x)
    filled = y.masked_fill(y < 0, 0.0) + torch.masked_fill(y, ~(y > 1) & (y == 2), 1.0)
    return filled + torch.where(y > 0, y, torch.zeros_like(y)) + (y > 0).float()


def a_mask_of_attention(_, x):
    q = x.flatten(2).transpose(1, 2)
    n = q.shape[1]
    scores = (q @ q.transpose(1, 2)) / math.sqrt(q.shape[-1])
    later = torch.triu(torch.full((n, n), float("-inf"), device=x.device), 1)
    return (scores + later).softmax(-1) @ q


def turned(m, x):
    return m.c(x).roll(1, 2).flip(-1).rot90(1, [2, 3]).rot90(-1, (2, 3)).rot90(2, (2, 3))


def split_and_joined(m, x):
    a, b = m.c(x).split([3, 5], 1)
    stacked = torch.stack(torch.unbind(m.c(x), 1)[::2], 1)
    return torch.cat([b, a], 1) + torch.hstack([b, a]), torch.vstack([x, x]), torch.dstack([x, x]), stacked


def places_that_are_picked(m, x):
    places = torch.tensor([0, 2, 3, -1], device=x.device)
    return m.c(x)[:, places] + m.c(x).index_select(1, places), m.c(x)[..., [0, 5]]


def norms(m, x):
    y = m.c(x)
    spread, mean = torch.var_mean(y, dim=(1,), keepdim=True, unbiased=False)
    return y / y.norm(dim=1, keepdim=True).clamp(min=1e-6) + torch.linalg.vector_norm(y, dim=1, keepdim=True) + spread + mean


def between(m, x):
    y = m.c(x)
    return torch.lerp(y, y * 2, 0.5) + torch.addcmul(y, y, y, value=2) + torch.addcdiv(y, y, y + 3)


def kernels_that_depend_on_the_input(m, x):
    n, c, h, w = x.shape
    weights = (x.mean((2, 3)).view(n, 1, c, 1, 1) * m.c.weight.unsqueeze(0)).view(-1, c, 3, 3)
    return F.conv2d(x.reshape(1, n * c, h, w), weights, padding=1, groups=n).view(n, 8, h, w)


def weights_that_are_centred(m, x):
    w = m.c.weight
    return F.conv2d(x, (w - w.mean([1, 2, 3], keepdim=True)) / w.std([1, 2, 3], keepdim=True), m.c.bias)


def checks_and_loops(m, x):
    assert x.dim() == 4, f"an image is expected, not {x.shape}"
    if x.shape[-1] % 2 == 0:
        x = F.pad(x, (0, 1))
    for i in range(x.shape[-1] // 8):
        x = x + i
    return m.c(x)


def two_inputs(m, a, b=None):
    return m.c(a) if b is None else m.c(a) * m.c(b)


def without_gradients(m, x):
    with torch.no_grad(), torch.autocast("cpu", enabled=False):
        return m.c(x).detach() * 1


def folded(_, x):
    return F.fold(F.unfold(x, 3, padding=1), x.shape[2:], 3, padding=1)


def turned_positions(_, x):
    x = x.flatten(1, 2)
    inverse = 1.0 / (10000 ** (torch.arange(0, 16, 2, device=x.device).float() / 16))
    angles = torch.einsum("i,j->ij", torch.arange(x.shape[1], device=x.device).type_as(inverse), inverse)
    angles = torch.cat((angles, angles), -1)
    a, b = x[..., :8], x[..., 8:]
    return x * angles.cos() + torch.cat((-b, a), -1) * angles.sin()


def made_of_another(m, x):
    y = m.c(x)
    return y + y.new_zeros(y.shape[1], 1, 1) + y.new_full((1,), 3) + x.new_tensor(2.0) + torch.empty_like(y).fill_(1)


def dropped_paths(m, x):
    y = m.c(x)
    kept = 0.9 + torch.rand((y.shape[0],) + (1,) * (y.ndim - 1), dtype=y.dtype, device=y.device)
    return y.div(0.9) * kept.floor_()


def a_branch_on_a_constant(m, x):
    mask = torch.triu(torch.ones(4, 4), 1)
    y = m.c(x)
    return y * 2 if bool((mask == torch.tril(torch.ones(4, 4), -1).T).all()) and mask[0, 1].item() == 1 else y[:, :1]


def nested(m, x):
    y = m.c(x)
    return {"out": y, "aux": [y, (y * 2,)]}


EXACT = [
    size_of_an_axis, checkpointed, custom_gradient, in_place, a_constant_that_is_filled, branch_on_training, keywords,
    to_a_device, a_grid_of_places, sums_by_letters, windows_of_an_axis, attributes, masks, a_mask_of_attention, turned,
    split_and_joined, places_that_are_picked, norms, between, kernels_that_depend_on_the_input, weights_that_are_centred,
    checks_and_loops, without_gradients, folded, turned_positions, made_of_another, dropped_paths, a_branch_on_a_constant, nested,
]  # fmt: skip


def held_to_torch(module, *shapes):
    """The report of a module, where nothing but what is not carried differs from torch."""
    told = asked_of_torch(module.eval().to("meta"), *shapes)
    report = cc.analyze(module, *shapes)
    found = differences(report, told)
    if report.partial:
        assert int(report[""].macs) <= told["macs"]
        found = [line for line in found if not line.startswith("macs: ")]
    assert found == []
    return report


@pytest.mark.filterwarnings("ignore:None of the inputs have requires_grad")
@pytest.mark.parametrize("function", EXACT, ids=lambda function: function.__name__)
def test_a_function_is_exact(function):
    assert not held_to_torch(Given(function), IMAGE).partial


@pytest.mark.parametrize("function", [in_place, a_constant_that_is_filled, windows_of_an_axis, a_grid_of_places, turned])
def test_what_is_written_over_and_picked_reads_what_torch_reads(function):
    cc.verify(cc.from_torch(Given(function)), (1, 3, 9, 9)).raise_for_disagreement()


@pytest.mark.parametrize("function", [size_of_an_axis, a_mask_of_attention, keywords, masks, sums_by_letters, norms])
def test_symbols_are_followed_where_code_takes_any_size(function):
    formulas = cc.analyze(Given(function), ("N", 3, "H", "W")).at(N=2, H=16, W=12)
    assert formulas.output_shape == cc.analyze(Given(function), (2, 3, 16, 12)).output_shape
    assert formulas.macs == cc.analyze(Given(function), (2, 3, 16, 12)).macs


def test_several_inputs():
    assert not held_to_torch(Given(two_inputs), IMAGE, IMAGE).partial


# -- what is not carried --------------------------------------------------------------------------------------------

PARTIAL = {
    "topk": lambda m, x: m.c(x).flatten(2).topk(3, dim=-1)[0],
    "gather": lambda m, x: torch.gather(m.c(x).flatten(2), 1, m.c(x).flatten(2).argmax(1, keepdim=True)),
    "sort": lambda m, x: torch.sort(m.c(x), 1).values,
    "fft_fft2": lambda m, x: torch.fft.ifft2(torch.fft.fft2(m.c(x))).real,
    "grid_sampler_2d": lambda m, x: F.grid_sample(m.c(x), x.permute(0, 2, 3, 1)[..., :2], align_corners=False),
    "quantile": lambda m, x: torch.quantile(m.c(x), 0.5, dim=1),
    "median": lambda m, x: torch.median(m.c(x), 1, keepdim=True)[0],
    "scatter": lambda m, x: torch.zeros_like(m.c(x)).scatter_(1, m.c(x).argmax(1, keepdim=True), 1.0),
    "any": lambda m, x: (m.c(x) > 0).any(1),
    "view_as_complex": lambda m, x: torch.view_as_real(torch.view_as_complex(m.c(x).unflatten(-1, (-1, 2)))),
}


@pytest.mark.parametrize("operation", PARTIAL)
def test_what_is_not_carried_is_named_and_all_else_is_right(operation):
    report = held_to_torch(Given(PARTIAL[operation]), IMAGE)
    assert report.partial
    assert operation in {gap.operation for gap in report.not_carried}
    with pytest.raises(cc.UnsupportedError, match=r"symbols|known|followed"):
        cc.analyze(Given(PARTIAL[operation]), ("N", 3, "H", "W"))


@pytest.mark.parametrize(
    "function", [lambda m, x: m.c(x)[m.c(x) > 0], lambda m, x: m.c(x) * m.c(x).max().item(), lambda m, x: m.c(x).nonzero()]
)
def test_what_hangs_on_the_values_of_a_tensor_is_refused(function):
    with pytest.raises(cc.UnsupportedError):
        cc.analyze(Given(function), IMAGE)


def test_numbers_that_are_written_into_a_constant_are_carried():
    def regions(m, x):
        mask = x.new_zeros(4, 4)
        before = mask[:2]
        for number, rows in enumerate((slice(0, 2), slice(2, 4))):
            mask[rows, 1:] = number + 1
        return m.c(x)[..., :4, :4] * mask + before.sum()

    network = cc.from_torch(Given(regions))
    with pytest.raises(cc.UnsupportedError, match="unknown numbers"):
        cc.to_source(network, IMAGE)
    alone = cc.from_torch(Given(_filled))
    assert "[0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 2.0, 2.0, 2.0" in check_source(alone, IMAGE)


def _filled(m, x):
    mask = x.new_zeros(4, 4)
    mask[:2, 1:] = 1
    mask[2:, 1:] = 2
    return m.c(x)[..., :4, :4] * mask


def test_what_shares_memory_with_what_was_written_is_refused():
    def stale(m, x):
        out = torch.zeros(1, 8, 16, 16, device=x.device)
        view = out[:, :4]
        out[:, :4] = m.c(x)[:, :4]
        return view * 2 + x.mean()

    with pytest.raises(cc.UnsupportedError, match="shares memory"):
        cc.analyze(Given(stale), IMAGE)


# -- structure ------------------------------------------------------------------------------------------------------


class Results(collections.OrderedDict):
    """Outputs that are a dict and more, as HuggingFace's are."""


@dataclasses.dataclass
class Pair:
    """Outputs by attribute."""

    first: object
    second: object = None


Named = collections.namedtuple("Named", "first second")  # noqa: PYI024 - as people write them


@pytest.mark.parametrize("kind", [Pair, Named, lambda a, b: Results(first=a, second=b), lambda a, b: {"first": a, "second": b}])
def test_outputs_of_any_class_go_on_and_come_out(kind):
    class Inner(Given):
        def forward(self, x):
            return kind(self.c(x), x.mean((2, 3)))

    class Outer(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = Inner(None)

        def forward(self, x):
            made = self.inner(x)
            first = made["first"] if isinstance(made, dict) else made.first
            return kind(F.relu(first), None)

    report = cc.analyze(Outer(), IMAGE)
    found = report.output_shape
    assert (found["first"] if isinstance(found, dict) else found[0]) == (1, 8, 16, 16)
    assert report["inner.c"].macs == 8 * 27 * 256


def test_scripts_come_down_to_kernels_that_are_exact():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            inner = nn.Sequential(
                nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.ConvTranspose2d(4, 4, 2, 2)
            )
            self.scripted = torch.jit.script(inner.eval())
            self.last = nn.Conv2d(4, 2, 1)

        def forward(self, x):
            x = self.scripted(x)
            return self.last(x[:, :, :-1]) if x.size(2) > 3 else x

    report = cc.analyze(Net().eval(), IMAGE)
    assert not report.partial
    assert report.output_shape == (1, 2, 13, 14)
    assert report.macs == 14 * 14 * 4 * 27 + 7 * 7 * 4 * 4 * 4 + 13 * 14 * 2 * 4
    assert report.params == 4 * 28 + 8 + 4 * 17 + 2 * 5
    # A script's own code asks for lengths as numbers.
    with pytest.raises(cc.UnsupportedError):
        cc.analyze(Net().eval(), (1, 3, "H", "W"))


def test_hooks_are_part_of_a_module():
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(4, 2, 1))
    model[0].register_forward_hook(lambda *given: given[2][:, :4])
    model[1].register_forward_pre_hook(lambda _, inputs: (F.pad(inputs[0], (1, 1, 1, 1)),))
    assert held_to_torch(model, IMAGE).output_shape == (1, 2, 16, 16)


def test_modules_in_lists_dicts_and_attributes():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.branches = nn.ModuleDict({"a": nn.Conv2d(3, 4, 1), "b": nn.Conv2d(3, 4, 3, padding=1)})
            self.steps = nn.ModuleList([nn.Conv2d(4, 4, 1) for _ in range(3)])
            self.activation, self.normal = F.gelu, functools.partial(F.softmax, dim=1)
            self.again = self.steps[0]

        def forward(self, x):
            x = sum(branch(x) for branch in self.branches.values())
            outputs = {}
            for index, step in enumerate(self.steps):
                x = self.activation(step(x))
                outputs[f"step{index}"] = self.normal(self.again(x))
            return outputs

    assert not held_to_torch(Net(), IMAGE).partial


def test_parametrised_weights():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.normed = torch.nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3))
            self.spectral = torch.nn.utils.parametrizations.spectral_norm(nn.Conv2d(4, 4, 3))

        def forward(self, x):
            return self.spectral(self.normed(x))

    # The product of two vectors of parameters that spectral_norm takes is named, its MACs are not counted.
    assert [gap.operation for gap in held_to_torch(Net().eval(), IMAGE).not_carried] == ["vdot"]


def test_a_decoder_asks_whether_its_mask_is_causal():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 4, 32, batch_first=True), 2)
            self.decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(16, 4, 32, batch_first=True), 2)

        def forward(self, x):
            mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
            return self.decoder(x, self.encoder(x), tgt_mask=mask)

    report = cc.analyze(Net().eval(), (1, 10, 16))
    assert (report.partial, report.output_shape) == (False, (1, 10, 16))


def test_prepared_and_compiled_modules():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.start, self.end = torch.ao.quantization.QuantStub(), torch.ao.quantization.DeQuantStub()
            self.conv = nn.Conv2d(3, 4, 3)
            self.sum = torch.ao.nn.quantized.FloatFunctional()
            self.compiled = torch.compile(lambda x: x.relu() + 1)

        def forward(self, x):
            x = self.conv(self.start(x))
            return self.compiled(self.end(self.sum.add(x, x)))

    assert not held_to_torch(Net().eval(), IMAGE).partial
