"""Bad input of every kind: status 2, one clear line, no traceback, nothing evaluated."""

from __future__ import annotations

import pytest

from cnncalc.commands import summary

NET = "Conv2d(3, 16, 5, stride=2, padding=1) -> ReLU() -> MaxPool2d(2)"
IMAGE = ("--input", "1x3x128x128")

BAD = {
    "no such command": (["sumary"], "COMMAND must be one of answer, summary"),
    "no such option": (["answer", "--langg", "fa"], "answer: unrecognized arguments: --langg"),
    "no such option of an action": (["solve", "same", "3", "3"], "solve same: unrecognized arguments: 3; see cnncalc solve same"),
    "an option cut short": (["answer", "--lan", "fa"], "answer: unrecognized arguments: --lan"),
    "no such language": (["answer", "q2", "--lang", "de"], "--lang must be one of en, fa; got 'de'"),
    "no such format": (["answer", "q2", "--format", "xml"], "--format must be one of text, markdown, html, json"),
    "too many words": (["answer", "q2", "q3"], "answer: one question is answered at a time, or all; got q2 q3"),
    "no network": (["summary"], "summary: the following arguments are required: NET"),
    "no input": (
        ["summary", NET],
        "--input is needed: of a named architecture alone the size of the image is known; got 'Conv",
    ),
    "no input for a call": (["export", "resnet18()"], "--input is needed: of a named architecture alone"),
    "no input for one of two": (["diff", "resnet18", "ReLU()"], "--input is needed: of a named architecture alone"),
    "two sizes": (
        ["diff", "resnet18", "lenet"],
        "--input is needed: the two are published for different inputs; got (1, 3, 224, 224) and (1, 1, 32, 32)",
    ),
    "neither a name nor an input": (["summary", "resnet19"], "NET is a named architecture"),
    "no such network": (["summary", "resnet19", *IMAGE], "NET is a named architecture"),
    "a folder": (["summary", "/", *IMAGE], "NET is a named architecture"),
    "a missing file": (["summary", "no/such/file.txt", *IMAGE], "NET is a named architecture"),
    "a NUL in the name": (["summary", "a\0b", *IMAGE], ""),
    "a bad spec": (["summary", "Conv2d(3, 16", *IMAGE], 'spec, line 1, column 13: ")" is expected here'),
    "code": (["summary", "__import__('os').system('true')", *IMAGE], "spec, line 1, column 17: this character has no meaning"),
    "a spec too long": (["summary", "ReLU() -> " * 100_000, *IMAGE], "a written spec may have 200,000 characters"),
    "a name too long": (["summary", "x" * 10**6, *IMAGE], "a written spec may have 200,000 characters"),
    "a deep spec": (["summary", "Sequential(" * 5000, *IMAGE], "spec, line 1, column 451: parentheses may be nested 40 deep"),
    "a kernel too large": (["summary", "Conv2d(3, 8, 9)", "--input", "1x3x8x8"], "Conv2d: the kernel must not be larger"),
    "a wrong rank": (["summary", "Conv2d(3, 8, 3)", "--input", "3"], "Conv2d: the input must be (N, C, H, W)"),
    "wrong channels": (["summary", "Conv2d(3, 8, 3)", "--input", "1x4x8x8"], "Conv2d: the input's channels must equal"),
    "a negative size": (["summary", NET, "--input", "1x3x-8x8"], "a size is a whole number from 0 on"),
    "a size of letters": (["summary", NET, "--input", "1x3x8px8"], "a size is a whole number from 0 on"),
    "an empty shape": (["summary", NET, "--input", ""], "a shape is sizes joined by x"),
    "a negative padding": (["summary", "Conv2d(3, 8, 3, padding=-1)", *IMAGE], ""),
    "an input too many": (["summary", "resnet18", *IMAGE, *IMAGE], "ResNet: too many positional arguments"),
    "an input too few": (["summary", "a, b = inputs\na + b", *IMAGE], "the network has 2 inputs; got 1 shapes"),
    "sizes that do not fit": (["summary", "x = input\nx + Conv2d(3, 3, 2)(x)", *IMAGE], "add: lengths must be equal or 1"),
    "no such row": (["rf", NET, *IMAGE, "--of", "conv"], "there is no row of that name; got 'conv'"),
    "a cell of letters": (["rf", NET, *IMAGE, "--at", "a,b"], "--at takes indices joined by commas; got 'a,b'"),
    "an empty cell": (["rf", NET, *IMAGE, "--at", ""], "--at takes indices joined by commas"),
    "a negative cell": (["rf", NET, *IMAGE, "--at=-1,0"], "--at takes indices joined by commas"),
    "a cell outside": (["rf", NET, *IMAGE, "--at", "99,0"], "the cell is given by its indices"),
    "a cell of wrong rank": (["rf", NET, *IMAGE, "--at", "1"], "the cell is given by its indices"),
    "a cell of symbols": (["rf", NET, "--input", "1x3xHxW", "--at", "1,1"], "the cells of a field need numbers"),
}


@pytest.mark.parametrize(("arguments", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_one_line(refuses, arguments, message):
    said = refuses(*arguments)
    assert said.startswith(message)
    assert len(said) < 600


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"{", b"Conv2d(\x00)", b"\x80" * 100])
@pytest.mark.parametrize("suffix", ["txt", "json"])
def test_a_broken_file_is_one_line(refuses, tmp_path, content, suffix):
    path = tmp_path / f"net.{suffix}"
    path.write_bytes(content)
    refuses("summary", path, *IMAGE)


def test_a_file_too_large_is_not_read(refuses, tmp_path):
    path = tmp_path / "net.json"
    with path.open("wb") as file:
        file.truncate(60_000_000)
    assert refuses("summary", path, *IMAGE).startswith("net.json: the file is too large; got 60,000,000 bytes")


def test_a_deeper_error_than_ours_is_one_line_too(refuses, monkeypatch):
    def deep(_):
        raise RecursionError

    monkeypatch.setattr(summary, "network", deep)
    assert refuses("summary", NET, *IMAGE) == "the input is too large or nested too deeply"


def test_an_interrupt_is_one_line(refuses, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(summary, "network", interrupted)
    assert refuses("summary", NET, *IMAGE, status=130) == "interrupted"
