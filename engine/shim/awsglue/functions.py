"""Column functions of the public library, for DataFrames."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F


def namedStruct(*cols: Column | str) -> Column:
    """A struct of names and values in turn: `namedStruct("a", "x", "b", lit(1))` has a of column x, and b.

    A name is a text or a literal, a value a column or a column's name. ValueError for a name without a value.
    """
    if len(cols) % 2:
        raise ValueError(f"namedStruct takes names and values in turn, and {len(cols)} were given.")
    pairs = zip(cols[::2], cols[1::2], strict=True)
    return F.named_struct(*[part for name, value in pairs for part in (_literal(name), value)])


def _literal(name: Column | str) -> Column:
    return F.lit(name) if isinstance(name, str) else name


def explodeWithIndex(col: Column | str) -> Column:
    """One row per element of an array, as the columns `index` (from 0) and `val`."""
    return F.posexplode(col).alias("index", "val")


def replaceArrayElement(src: Column | str, repl: Column | str, idx: int) -> Column:
    """The array `src` with `repl` in place of the element at `idx` (from 0); shorter arrays stay as they are."""
    replacement = F.col(repl) if isinstance(repl, str) else repl
    return F.transform(src, lambda element, at: F.when(at == F.lit(idx), replacement).otherwise(element))
