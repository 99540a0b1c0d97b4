"""What every face promises of views: they are tables like others, with a query in place of data."""

from __future__ import annotations

from dataclasses import replace

from catalog.model import VIRTUAL_VIEW, Column, Database, StorageDescriptor, Table
from tests.promises.faces import Face, over

pytestmark = over("create_table", "get_table", "list_tables", "update_table", "delete_table")

VIEW = Table(
    "travel",
    "late",
    StorageDescriptor(columns=(Column("carrier", "string"),)),
    table_type=VIRTUAL_VIEW,
    view_original_text="SELECT carrier FROM flights WHERE delay > 0 -- 'é' \"q\"",
    view_expanded_text="SELECT `flights`.`carrier` FROM `travel`.`flights` WHERE `flights`.`delay` > 0",
)


def test_a_view_is_read_listed_changed_and_deleted_as_any_table(face: Face) -> None:
    face.create_database(Database("travel"))
    face.create_table(VIEW)
    found = face.get_table("travel", "late")
    assert found.table_type == VIRTUAL_VIEW
    texts = (VIEW.view_original_text, VIEW.view_expanded_text)
    assert (found.view_original_text, found.view_expanded_text) == texts
    assert face.list_tables("travel") == ["late"]
    face.update_table(replace(found, view_expanded_text="SELECT 1"))
    changed = face.get_table("travel", "late")
    assert (changed.view_original_text, changed.view_expanded_text) == (VIEW.view_original_text, "SELECT 1")
    face.delete_table("travel", "late")
    assert face.list_tables("travel") == []


@over("list_versions", "restore_version")
def test_a_view_s_versions_tell_its_queries_and_can_be_restored(face: Face) -> None:
    face.create_database(Database("travel"))
    face.create_table(VIEW)
    face.update_table(replace(VIEW, view_original_text="SELECT 2"))
    told = [each.table.view_original_text for each in face.list_versions("travel", "late")]
    assert told == ["SELECT 2", VIEW.view_original_text]
    face.restore_version("travel", "late", 0)
    assert face.get_table("travel", "late").view_original_text == VIEW.view_original_text
