"""Values of the Thrift structs, any that their types allow."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from thriftpy2.thrift import TType

_WORDS = st.sampled_from(["", "shop", "visits", "default", "p=1", "p > 1", "*", "a b", "1", "ä", "'", "string", "int"])
_TEXTS = _WORDS | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/.\0"), max_size=8)


def values(made: Any) -> st.SearchStrategy[Any]:
    """Structs of the class `made`, with any of their fields. No text holds what could make a path lead elsewhere."""
    fields = {field[1]: st.none() | _of(field[0], field[2]) for field in made.thrift_spec.values()}
    return st.fixed_dictionaries(fields).map(lambda given: _filled(made, given))


def _filled(made: Any, given: dict[str, Any]) -> Any:
    value = made()
    for name, each in given.items():
        if each is not None:
            setattr(value, name, each)
    return value


def _of(kind: int, spec: Any) -> st.SearchStrategy[Any]:
    if kind == TType.STRUCT:
        return st.deferred(lambda: values(spec))
    if kind == TType.LIST:
        return st.lists(_inner(spec), max_size=3)
    if kind == TType.MAP:
        return st.dictionaries(_inner(spec[0]), _inner(spec[1]), max_size=3)
    return _PLAIN[kind]


def _inner(spec: Any) -> st.SearchStrategy[Any]:
    return _of(*spec) if isinstance(spec, tuple) else _of(spec, None)


def _whole(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


_PLAIN: dict[int, st.SearchStrategy[Any]] = {
    TType.BOOL: st.booleans(),
    TType.BYTE: _whole(8),
    TType.I16: _whole(16),
    TType.I32: _whole(32),
    TType.I64: _whole(64),
    TType.DOUBLE: st.floats(allow_nan=False),
    TType.STRING: _TEXTS,
    TType.BINARY: st.binary(max_size=8),
}
