"""The key file of a home: made once, by whoever needs it first, and never half written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from api.keys import rotate, sealer_of
from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.errors import SecretUnusable
from catalog.model import Connection, Origin


def test_of_many_that_need_the_first_key_at_once_all_have_the_same(tmp_path: Path) -> None:
    together = Barrier(8)

    def need() -> str | None:
        together.wait()
        return sealer_of(None, tmp_path / "secret.key")().current

    with ThreadPoolExecutor(8) as pool:
        found = {each.result() for each in [pool.submit(need) for _ in range(8)]}
    assert len(found) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_a_process_that_runs_while_keys_are_rotated_goes_on_reading_and_writing(
    tmp_path: Path, database_url: str
) -> None:
    store = connect(database_url)
    sealer = sealer_of(None, tmp_path / "secret.key")
    service, command = (Catalog(store, Origin("test"), sealer=sealer) for _ in range(2))
    service.create_connection(Connection("a"), {"PASSWORD": "1"})
    late = sealer()  # the keys as a process has them that began to seal before the rotation
    assert rotate(command.reseal_secrets, None, tmp_path / "secret.key") == 1
    service.sealer = lambda: late
    service.create_connection(Connection("b"), {"PASSWORD": "2"})
    service.sealer = sealer
    assert [service.unsealed_connection(name)[1] for name in "ab"] == [{"PASSWORD": "1"}, {"PASSWORD": "2"}]
    assert rotate(command.reseal_secrets, None, tmp_path / "secret.key") == 2
    assert [service.unsealed_connection(name)[1] for name in "ab"] == [{"PASSWORD": "1"}, {"PASSWORD": "2"}]
    store.dispose()


def test_of_many_that_rotate_at_once_none_takes_a_key_from_another(tmp_path: Path) -> None:
    file, store = tmp_path / "secret.key", connect(sqlite_url(tmp_path / "catalog.db"))
    catalog = Catalog(store, Origin("test"), sealer=sealer_of(None, file))
    catalog.create_connection(Connection("a"), {"PASSWORD": "1"})
    together = Barrier(4)

    def turn() -> int:
        together.wait()
        return rotate(catalog.reseal_secrets, None, file)

    with ThreadPoolExecutor(4) as pool:
        assert [each.result() for each in [pool.submit(turn) for _ in range(4)]] == [1, 1, 1, 1]
    assert catalog.unsealed_connection("a")[1] == {"PASSWORD": "1"}
    store.dispose()


def test_a_rotation_that_cannot_open_every_secret_changes_neither_keys_nor_secrets(tmp_path: Path) -> None:
    file, store = tmp_path / "secret.key", connect(sqlite_url(tmp_path / "catalog.db"))
    catalog = Catalog(store, Origin("test"), sealer=sealer_of(None, file))
    catalog.create_connection(Connection("a"), {"PASSWORD": "1"})
    kept = file.read_text()
    file.unlink()
    catalog.create_connection(Connection("b"), {"PASSWORD": "2"})
    other = file.read_text()
    with pytest.raises(SecretUnusable, match=r"Secret PASSWORD of connection a cannot be used: key .* is not at hand"):
        rotate(catalog.reseal_secrets, None, file)
    assert file.read_text() == other
    file.write_text(other + kept)
    rotate(catalog.reseal_secrets, None, file)
    assert [catalog.unsealed_connection(name)[1]["PASSWORD"] for name in "ab"] == ["1", "2"]
    store.dispose()
