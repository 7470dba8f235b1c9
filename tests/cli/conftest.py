"""Running the command inside the tests' own process."""

from __future__ import annotations

import re

import pytest

from cnncalc import cli


@pytest.fixture
def run(capsys, monkeypatch):
    """Run the command in this process: status, standard output, standard error."""
    monkeypatch.setenv("COLUMNS", "80")

    def running(*arguments):
        with pytest.raises(SystemExit) as exited:
            cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return exited.value.code, captured.out, captured.err

    return running


@pytest.fixture
def refuses(run):
    """Run a command that must fail as bad input does: status 2, one line, nothing on standard output."""

    def refusing(*arguments, status=2):
        code, out, err = run(*arguments)
        assert (code, out) == (status, "")
        assert re.fullmatch(r"cnncalc: error: [^\n]+\n", err)
        assert "Traceback" not in err
        return err.removeprefix("cnncalc: error: ").rstrip("\n")

    return refusing
