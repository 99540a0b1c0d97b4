"""Sealing: what one key closed, no other opens, and nothing but what was closed comes out."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import SecretUnusable
from catalog.sealing import KEY_BYTES, Sealed, Sealer, key_id

OLD, NEW = b"o" * KEY_BYTES, b"n" * KEY_BYTES
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(secret=TEXT, what=TEXT)
def test_what_is_sealed_is_opened_again(secret: str, what: str) -> None:
    sealer = Sealer([OLD])
    assert sealer.open(sealer.seal(secret, what), what) == secret


def test_the_same_secret_is_sealed_differently_each_time_and_shows_nothing() -> None:
    first, second = (Sealer([OLD]).seal("hunter2", "w") for _ in range(2))
    assert first.text != second.text
    assert b"hunter2" not in base64.b64decode(first.text)
    assert key_id(OLD) == first.key_id != key_id(NEW)


def test_the_first_key_seals_and_the_others_still_open() -> None:
    before = Sealer([OLD]).seal("hunter2", "w")
    both = Sealer([NEW, OLD])
    assert both.seal("x", "w").key_id == key_id(NEW) == both.current
    assert both.open(before, "w") == "hunter2"


@given(at=st.integers(0, 10_000), sign=st.sampled_from("A/+=é"))
def test_what_was_altered_is_refused(at: int, sign: str) -> None:
    sealer = Sealer([OLD])
    sealed = sealer.seal("hunter2", "w")
    at %= len(sealed.text)
    altered = sealed.text[:at] + sign + sealed.text[at + 1 :]
    if altered != sealed.text:
        with pytest.raises(SecretUnusable, match="w cannot be used: it is not what was sealed"):
            sealer.open(Sealed(sealed.key_id, altered), "w")


def test_a_secret_does_not_open_in_another_s_place() -> None:
    sealed = Sealer([OLD]).seal("hunter2", "Secret PASSWORD of connection a")
    with pytest.raises(SecretUnusable, match="it is not what was sealed"):
        Sealer([OLD]).open(sealed, "Secret PASSWORD of connection b")


def test_a_key_that_is_not_at_hand_is_named() -> None:
    sealed = Sealer([OLD]).seal("hunter2", "w")
    with pytest.raises(SecretUnusable, match=f"key {key_id(OLD)} sealed it and is not at hand"):
        Sealer([NEW]).open(sealed, "w")
    with pytest.raises(SecretUnusable, match="there is no key to seal it with"):
        Sealer().seal("hunter2", "w")
