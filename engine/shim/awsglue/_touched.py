"""Which fields of its record a script's function looks at, as far as its bytecode proves it."""

from __future__ import annotations

import dis
from collections.abc import Callable, Sequence
from types import CodeType, FunctionType
from typing import Any

from awsglue.gluetypes import DynamicRecord

_LOADS = ("LOAD_FAST", "LOAD_FAST_BORROW")
_CONSTANTS = ("LOAD_CONST", "LOAD_SMALL_INT")
_SEES_FRAMES = frozenset(
    ("locals", "vars", "dir", "eval", "exec", "_getframe", "_current_frames", "currentframe", "stack", "trace")
)
_GENERATOR = 0x20 | 0x80 | 0x100 | 0x200  # generator, coroutine, iterable coroutine, asynchronous generator


def fields_touched(function: Callable[[Any], Any]) -> frozenset[str] | None:
    """All fields the function can look at when it is given a record; None where it may look at any.

    A plain function that uses its parameter only as r["x"], r.x, r.get("x"), r.get("x", constant) or "x" in r cannot
    tell a record with these fields alone from the whole one. Whatever else it does with it, or in a way that is not
    known here (each Python has its own bytecode), makes the answer None.
    """
    code = function.__code__ if isinstance(function, FunctionType) else None
    if code is None or not code.co_argcount or code.co_flags & _GENERATOR or _SEES_FRAMES & set(code.co_names):
        return None
    record = code.co_varnames[0]
    return None if record in code.co_cellvars else _proven(code, record)


def _proven(code: CodeType, record: str) -> frozenset[str] | None:
    steps = list(dis.get_instructions(code))
    touched = [_field(steps, at) for at, step in enumerate(steps) if _names(step, record)]
    return frozenset(field for field in touched if field is not None) if None not in touched else None


def _names(step: dis.Instruction, record: str) -> bool:
    """Whether the step does anything with the local variable; some do it with two at once."""
    local = "FAST" in step.opname or step.opname.endswith("DEREF")
    return local and (step.argval == record or (isinstance(step.argval, tuple) and record in step.argval))


def _field(steps: Sequence[dis.Instruction], at: int) -> str | None:
    """The field that is looked at where the record is loaded; None if more is done with it."""
    load, *after = steps[at : at + 6]
    if load.opname not in _LOADS or not after:
        return None
    if after[0].opname == "CONTAINS_OP" and not load.is_jump_target and at:
        return _text(steps[at - 1])
    if after[0].opname in ("LOAD_ATTR", "LOAD_METHOD"):
        name = str(after[0].argval)
        return _gotten(after[1:]) if name == "get" else (None if hasattr(DynamicRecord, name) else name)
    return _text(after[0]) if len(after) > 1 and _subscribes(after[1]) else None


def _gotten(steps: Sequence[dis.Instruction]) -> str | None:
    """The first of the constants that `get` is called with, right after it was looked up."""
    rest = [step for step in steps if step.opname != "PRECALL"]
    constants = [step for step in rest[:2] if step.opname in _CONSTANTS]
    if not constants or len(rest) <= len(constants):
        return None
    call = rest[len(constants)]
    return _text(constants[0]) if call.opname == "CALL" and call.arg == len(constants) else None


def _subscribes(step: dis.Instruction) -> bool:
    return step.opname == "BINARY_SUBSCR" or (step.opname == "BINARY_OP" and step.argrepr == "[]")


def _text(step: dis.Instruction) -> str | None:
    """The text that a step puts on the stack; None if it does anything else."""
    return step.argval if step.opname == "LOAD_CONST" and isinstance(step.argval, str) else None
