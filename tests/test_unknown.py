"""What is not known of a tensor may be handed on, but no branch may rest on it."""

from __future__ import annotations

import pytest

import cnncalc as cc
from cnncalc import drop_in as torch


class Asking(cc.Module):
    """A forward that asks something of its input."""

    def __init__(self, question):
        super().__init__()
        self.question = question

    def forward(self, x):
        """Take a branch on the answer."""
        return x if self.question(x) else x + x


@pytest.mark.parametrize(
    ("question", "what"),
    [
        (lambda x: x.dtype == torch.float16, "dtype"),
        (lambda x: x.dtype != torch.float16, "dtype"),
        (lambda x: x.dtype.is_floating_point, "dtype"),
        (lambda x: x.device.type == "cuda", "device"),
        (lambda x: x.device, "device"),
    ],
)
def test_a_branch_on_what_is_not_known_is_refused(question, what):
    with pytest.raises(cc.UnsupportedError, match=f"the {what} of a tensor is not known"):
        cc.analyze(Asking(question), (1, 3, 8, 8))


def test_what_is_not_known_may_be_handed_on():
    class Shifted(cc.Module):
        def forward(self, x):
            return x + torch.zeros(1, 3, 1, 1, dtype=x.dtype, device=x.device)

    assert cc.analyze(Shifted(), (1, 3, 8, 8)).output_shape == (1, 3, 8, 8)


def test_tensors_of_one_network_are_on_one_device():
    assert cc.analyze(Asking(lambda x: x.device == (x + x).device), (1, 3, 8, 8)).output_shape == (1, 3, 8, 8)
