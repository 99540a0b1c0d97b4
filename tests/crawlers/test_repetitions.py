"""How long an expression is with its repetitions written out."""

from __future__ import annotations

import pytest

from crawlers.repetitions import written_out


@pytest.mark.parametrize(
    ("expression", "length"),
    [
        ("abc", 3),
        ("a{10}", 10),
        ("a{2,}", 2),
        ("a{2,9}b", 3),
        ("(ab{2}){3}", 9),
        ("((a{1000}){1000}){1000}", 10**9),
        ("[a{1000}]", 1),
        ("[]a{1000}]", 1),
        (r"\({3}", 3),
        (r"a\{3}", 4),
        ("(a", 1),
        ("a)", 2),
        ("", 0),
    ],
)
def test_each_sign_counts_as_often_as_it_is_repeated(expression: str, length: int) -> None:
    assert written_out(expression) == length
