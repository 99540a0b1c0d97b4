"""The classic join-and-relationalize job, on made-up legislators: three JSON sources become six tables."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from awsglue.transforms import Join

from tests.engine.shim.frames import rows

if TYPE_CHECKING:
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame

PERSONS = 20
CHAMBERS = ("senate", "house")


def persons() -> Iterable[dict[str, Any]]:
    """Persons with arrays of every length, some without links, contacts or an image."""
    for at in range(PERSONS):
        person: dict[str, Any] = {
            "id": f"p{at}",
            "given_name": f"Given{at}",
            "family_name": f"Family{at}",
            "sort_name": f"Family{at}, Given{at}",
            "birth_date": f"19{40 + at}-01-01",
            "identifiers": [{"scheme": scheme, "identifier": f"{scheme}-{at}"} for scheme in ("wiki", "rush")],
            "other_names": [{"lang": "en", "name": f"Alias{at}", "note": "alternate"}] * (at % 3),
            "images": [{"url": f"https://example.org/{at}.jpg"}] if at % 2 else [],
        }
        if at % 4:
            person["contact_details"] = [{"type": kind, "value": f"{kind}{at}"} for kind in ("fax", "phone")]
        if at % 5:
            person["links"] = [{"note": "site", "url": f"https://example.org/{at}"}]
            person["image"] = f"https://example.org/{at}.jpg"
        yield person


def memberships() -> Iterable[dict[str, Any]]:
    """One membership or two for each person but the last; the organisation is a chamber, never a party."""
    for at in range(PERSONS - 1):
        for term in range(1 + at % 2):
            yield {
                "person_id": f"p{at}",
                "organization_id": CHAMBERS[at % 2],
                "on_behalf_of_id": ("party/red", "party/blue")[at % 2],
                "role": "member",
                "legislative_period_id": f"term/{100 + term}",
                "start_date": "2019-01-03",
            }


def organizations() -> Iterable[dict[str, Any]]:
    """Two chambers, which are bare, and two parties, which have links, an image and identifiers."""
    for name, seats in zip(CHAMBERS, (100, 435), strict=True):
        yield {"id": name, "name": name.title(), "classification": "legislature", "seats": seats}
    for color in ("red", "blue"):
        yield {
            "id": f"party/{color}",
            "name": color.title(),
            "classification": "party",
            "links": [{"note": "site", "url": f"https://example.org/{color}"}],
            "image": f"https://example.org/{color}.png",
            "identifiers": [{"scheme": "wiki", "identifier": color}],
            "other_names": [{"lang": "de", "name": color, "note": "multilingual"}],
        }


def source(glue: GlueContext, folder: Path, name: str, records: Iterable[dict[str, Any]]) -> DynamicFrame:
    (folder / name).mkdir()
    (folder / name / f"{name}.json").write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return glue.create_dynamic_frame.from_options("s3", {"paths": [str(folder / name)]}, format="json")


def test_three_sources_are_joined_and_become_six_tables(glue: GlueContext, tmp_path: Path) -> None:
    people = source(glue, tmp_path, "persons", persons())
    terms = source(glue, tmp_path, "memberships", memberships())
    orgs = source(glue, tmp_path, "organizations", organizations())
    orgs = (
        orgs.drop_fields(["other_names", "identifiers"]).rename_field("id", "org_id").rename_field("name", "org_name")
    )
    history = Join.apply(orgs, Join.apply(people, terms, "id", "person_id"), "org_id", "organization_id").drop_fields(
        ["person_id", "org_id"]
    )
    expected = list(memberships())
    assert history.count() == len(expected) == 28
    fields = history.schema().field_map
    assert {"links", "image"} <= fields.keys()
    assert not [name for name in fields if name.startswith(".")]

    tables = history.relationalize("hist_root", str(tmp_path / "temp"))
    assert set(tables.keys()) == {
        "hist_root",
        "hist_root_contact_details",
        "hist_root_identifiers",
        "hist_root_images",
        "hist_root_links",
        "hist_root_other_names",
    }
    by_id = {person["id"]: person for person in persons()}
    for field in ("contact_details", "identifiers", "images", "links", "other_names"):
        elements = sum(len(by_id[term["person_id"]].get(field, [])) for term in expected)
        assert tables[f"hist_root_{field}"].count() == elements
    root = tables.select("hist_root").toDF()
    assert dict(root.dtypes)["contact_details"] == "bigint"
    assert root.where("contact_details is null").count() == sum(
        int(term["person_id"][1:]) % 4 == 0 for term in expected
    )

    contacts = tables.select("hist_root_contact_details").toDF()
    senator = root.where("given_name = 'Given2'").select("contact_details", "family_name", "org_name").collect()[0]
    assert (senator["family_name"], senator["org_name"]) == ("Family2", "Senate")
    found = contacts.where(contacts["id"] == senator["contact_details"]).orderBy("id", "index")
    assert [
        (row["index"], row["contact_details.val.type"], row["contact_details.val.value"]) for row in found.collect()
    ] == [
        (0, "fax", "fax2"),
        (1, "phone", "phone2"),
    ]


def test_every_table_can_be_written(glue: GlueContext, tmp_path: Path) -> None:
    people = source(glue, tmp_path, "persons", persons())
    tables = people.relationalize("l_root", str(tmp_path / "temp"))
    for name in tables.keys():  # noqa: SIM118 - a collection is no dict
        glue.write_dynamic_frame.from_options(
            frame=tables.select(name),
            connection_type="s3",
            connection_options={"path": str(tmp_path / "out" / name)},
            format="parquet",
        )
    written = glue.spark_session.read.parquet(str(tmp_path / "out" / "l_root_identifiers"))
    assert written.count() == 2 * PERSONS
    assert rows(tables["l_root_images"])[0]["images.val.url"].startswith("https://")
