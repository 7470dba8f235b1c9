"""What every test runs under: the Hypothesis profile that was asked for, torch on one thread, and shared helpers on the path."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The tests are no package and are imported with importlib: `strategies` and `drawing` are found here.
sys.path.insert(0, str(Path(__file__).parent))

SLOW_START = (HealthCheck.too_slow,)  # the first example imports torch

settings.register_profile("dev", max_examples=30, deadline=None, suppress_health_check=SLOW_START)
settings.register_profile("gate", max_examples=200, deadline=None, derandomize=True, suppress_health_check=SLOW_START)
settings.register_profile("deep", max_examples=5000, deadline=None, suppress_health_check=SLOW_START)
# Named explicitly: where CI=true, Hypothesis loads a profile of its own, silently.
settings.load_profile(os.environ.get("CNNCALC_PROFILE") or ("gate" if os.environ.get("CI") == "true" else "dev"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--write-record`: write down what torch agrees with, in answers/verified.json."""
    parser.addoption("--write-record", action="store_true", help="write answers/verified.json from what torch agrees with now")


@pytest.fixture(scope="session", autouse=True)
def _torch_on_one_thread() -> None:
    """Small tensors are faster on one thread, and runs beside each other do not fight for cores."""
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(1)
