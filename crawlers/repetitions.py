"""How long a regular expression is when its counted repetitions are written out, as a compiler of it does. Pure."""

from __future__ import annotations

import re

# An escaped sign, a class of signs, a count of repetitions, or any one sign.
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(?P<least>\d+)(?:,\d*)?\}|.", re.DOTALL)


def written_out(expression: str) -> int:
    """In signs, each class being one: 15 for `(?:ab{2}){3}`, as its group's own signs count too."""
    lengths = [0]  # of the open groups, from the outside in
    last = 0
    for token in _TOKEN.finditer(expression):
        if token[0] == "(":
            lengths.append(0)
            continue
        if token["least"]:
            repeated = last * (int(token["least"]) - 1)
            last, added = last + repeated, repeated
        elif token[0] == ")" and len(lengths) > 1:
            last = added = lengths.pop()
        else:
            last = added = 1
        lengths[-1] += max(added, 0)
    return sum(lengths)
