"""Whether the texts of CSV columns cast, told from whole lines: a look far cheaper than taking each line apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from awsglue._decodable import UnparsableFileError
from awsglue._plans import Declared
from awsglue._typetext import parse_type
from awsglue.gluetypes import DataType, DecimalType

# but for the 29th of February, which is one in some years only
_DAY = r"[0-9]{4}-(?:(?:0[13-9]|1[0-2])-(?:0[1-9]|[12][0-9]|30)|(?:0[13578]|1[02])-31|02-(?:0[1-9]|1[0-9]|2[0-8]))"
_FRACTION = r"-?[0-9]{1,15}+(?:\.[0-9]{1,15}+)?"
# What is told by a + after a count is never tried again with fewer signs: the sign that follows is another anyway.
_PLAIN = {
    "byte": "-?[0-9]{1,2}+",
    "short": "-?[0-9]{1,4}+",
    "int": "-?[0-9]{1,9}+",
    "long": "-?[0-9]{1,18}+",
    "float": _FRACTION,
    "double": _FRACTION,
    "boolean": "true|false|True|False|TRUE|FALSE",
    "date": _DAY,
    "timestamp": rf"{_DAY}[ T](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{{1,6}})?",
}


@dataclass(frozen=True)
class CsvLines:
    """The lines of a source's CSV files, read with Spark's options `how`, and their columns, each with the type it has
    in a frame.

    A frame's type is known by being the very object, so that a renamed field is still the column it comes from.
    """

    session: SparkSession
    source: str
    files: Sequence[str]
    how: Mapping[str, str]
    columns: Sequence[tuple[DataType, Declared]]

    def all_cast(self, types: Collection[DataType]) -> bool:
        """Whether every text of the columns of these types casts. False also where the lines alone do not tell.

        UnparsableFileError for a line that is not UTF-8.
        """
        wanted = {at for at, (known, _) in enumerate(self.columns) if any(known is type for type in types)}
        pattern = line_pattern([column for _, column in self.columns], wanted, self.how)
        if pattern is None or len(wanted) < len(types):
            return False
        lines = self.session.read.text(list(self.files))
        readable = F.is_valid_utf8("value")
        odd = lines.where(~(F.col("value").rlike(pattern) & readable)).select(readable, F.input_file_name()).head()
        if odd is not None and not odd[0]:
            raise UnparsableFileError(str(odd[1]), self.source)
        return odd is None


def line_pattern(columns: Sequence[Declared], wanted: Collection[int], how: Mapping[str, str]) -> str | None:
    """An expression for lines with plain values of their types in the columns at `wanted`; None where there is none.

    It holds for fewer lines than could be said: those in which no quote and no escape stands before such a value.
    """
    utf8 = how.get("encoding", "utf-8").lower().replace("-", "") == "utf8"
    if not wanted or not utf8 or "true" in (how["header"], how["multiLine"]) or len(how["sep"]) != 1:
        return None
    plain = {at: plain_pattern(parse_type(columns[at].type)) for at in wanted}
    if None in plain.values():
        return None
    signs = re.escape("".join({how["sep"], how["quote"], how["escape"]}))
    empty = "?" if "nullValue" not in how else ""  # an empty text is a null, and no text that does not cast
    steps = [f"(?:{plain[at]}){empty}" if at in plain else f"[^{signs}]*+" for at in range(max(wanted) + 1)]
    sep = re.escape(how["sep"])
    return f"^{sep.join(steps)}(?:{sep}|$)"


def plain_pattern(type: DataType) -> str | None:
    """An expression for some texts that cast to the type, the usual ones; None for a type without."""
    if not isinstance(type, DecimalType):
        return _PLAIN.get(type.typeName())
    whole = type.precision - type.scale
    fraction = rf"(?:\.[0-9]{{1,{type.scale}}})?" if type.scale else ""
    return f"-?[0-9]{{1,{whole}}}{fraction}" if whole else None
