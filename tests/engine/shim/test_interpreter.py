"""What a session's process does with statements, in this process and without Spark."""

from __future__ import annotations

import io
import pickle
import sys
from typing import Any

import isinglass_interpreter
import pytest
from isinglass_interpreter import Interpreter
from isinglass_script import RunStopped


@pytest.fixture
def interpreter(monkeypatch: pytest.MonkeyPatch) -> Interpreter:
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.StringIO())
    return Interpreter({"answer": 42})


def text(interpreter: Interpreter, code: str, number: int = 0) -> str:
    told = interpreter.run(number, code)
    assert told["failure"] is None, told
    return str(told["text"])


def failure(interpreter: Interpreter, code: str, number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = interpreter.run(number, code)["failure"]
    return found


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("1 + 1", "2\n"),
        ("answer", "42\n"),
        ("x = 5\nx", "5\n"),
        ("1\n2", "2\n"),
        ("print('a')\n'b'", "a\n'b'\n"),
        ("x = 1", ""),
        ("None", ""),
        ("", ""),
        ("# nothing", ""),
        ("for i in range(2):\n    i", "0\n1\n"),
        ("if True:\n    'ü'", "'ü'\n"),
        ("print('a', end='')", "a"),
        ("import sys; print('out'); print('err', file=sys.stderr); 7", "out\n7\nerr\n"),
    ],
)
def test_what_a_statement_prints_and_the_value_of_its_last_expression_are_its_text(
    interpreter: Interpreter, code: str, shown: str
) -> None:
    assert text(interpreter, code) == shown


def test_statements_have_one_namespace(interpreter: Interpreter) -> None:
    text(interpreter, "import math\ndef area(r):\n    return math.floor(math.pi * r * r)\nclass Shape:\n    pass")
    assert text(interpreter, "area(2)", 1) == "12\n"
    assert text(interpreter, "__name__", 2) == "'__main__'\n"
    assert text(interpreter, "Shape.__module__", 3) == "'__main__'\n"
    shape = interpreter.main.__dict__["Shape"]
    assert pickle.loads(pickle.dumps(shape)) is shape


def test_a_failure_is_told_from_the_statements_own_lines_on(interpreter: Interpreter) -> None:
    text(interpreter, "def half(x):\n    return x / 0\n", 3)
    told = interpreter.run(4, "print('before')\nhalf(1)")
    assert told["text"] == "before\n"
    assert told["failure"]["name"] == "ZeroDivisionError"
    assert told["failure"]["value"] == "division by zero"
    shown = "".join(told["failure"]["traceback"])
    assert shown.startswith('Traceback (most recent call last):\n  File "<statement 4>", line 2, in <module>\n')
    assert 'File "<statement 3>", line 2, in half\n    return x / 0\n' in shown
    assert isinglass_interpreter.__file__ not in shown


@pytest.mark.parametrize(
    ("code", "name", "value"),
    [
        ("1 +", "SyntaxError", "invalid syntax (<statement 0>, line 1)"),
        ("%%sql\nselect 1", "SyntaxError", "invalid syntax (<statement 0>, line 1)"),
        ("  x = 1", "IndentationError", "unexpected indent (<statement 0>, line 1)"),
        ("'\\0' + unknown", "NameError", "name 'unknown' is not defined"),
        ("import sys; sys.exit(3)", "SystemExit", "3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("class Odd(Exception):\n    def __str__(self):\n        return 1\nraise Odd", "Odd", "<no text: TypeError>"),
    ],
)
def test_nothing_that_code_raises_ends_the_session(interpreter: Interpreter, code: str, name: str, value: str) -> None:
    found = failure(interpreter, code)
    assert (found["name"], found["value"]) == (name, value)
    assert text(interpreter, "answer", 1) == "42\n"


def test_a_stop_alone_goes_through(interpreter: Interpreter) -> None:
    interpreter.main.__dict__["RunStopped"] = RunStopped
    with pytest.raises(RunStopped):
        interpreter.run(0, "print('lost')\nraise RunStopped")
    assert text(interpreter, "answer", 1) == "42\n"


def test_what_prints_later_is_told_with_the_statement_that_runs_then_or_goes_to_the_log(
    interpreter: Interpreter,
) -> None:
    text(interpreter, "import logging\nhandler = logging.StreamHandler()\nlog = logging.getLogger('isinglass.test')")
    text(interpreter, "log.addHandler(handler)\nlog.propagate = False", 1)
    assert text(interpreter, "log.warning('now')", 2) == "now\n"
    interpreter.main.__dict__["log"].warning("between")
    assert interpreter.err.beyond.getvalue() == "between\n"  # type: ignore[attr-defined]
    text(interpreter, "import sys, io\nsys.stdout = io.StringIO()", 3)
    assert text(interpreter, "print('seen again')", 4) == "seen again\n"


def test_of_very_much_text_the_beginning_is_kept(interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isinglass_interpreter, "MOST_TEXT", 10)
    shown = text(interpreter, "for i in range(100):\n    print('x' * 7)")
    assert shown == "xxxxxxx\nxx\n[isinglass: 790 characters are left out here]\n"
