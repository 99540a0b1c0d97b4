"""Execution environments through GraphQL."""

from __future__ import annotations

from tests.api.graphql.conftest import Client

SHOWN = "name master driverHost python version conf { name value }"
YARN = {"master": "yarn", "driverHost": "10.0.0.2", "conf": [{"name": "spark.yarn.queue", "value": "etl"}]}


def test_an_environment_is_created_found_updated_and_deleted(client: Client) -> None:
    made = client.change("createEnvironment", f"environment {{ id {SHOWN} }}", name="hadoop", environment=YARN)
    assert made["userErrors"] == []
    assert made["environment"] == {
        "id": made["environment"]["id"],
        "name": "hadoop",
        "version": 0,
        "python": None,
        **YARN,
    }
    found = client.ask(
        f"""query ($id: ID!) {{
          environments {{ edges {{ node {{ {SHOWN} }} }} }} node(id: $id) {{ ... on Environment {{ name }} }}
        }}""",
        id=made["environment"]["id"],
    )
    [edge] = found["environments"]["edges"]
    assert (edge["node"]["master"], found["node"]) == ("yarn", {"name": "hadoop"})

    changed = {"master": "spark://10.0.0.5:7077"}
    after = client.change("updateEnvironment", f"environment {{ {SHOWN} }}", name="hadoop", environment=changed)
    assert (after["environment"]["master"], after["environment"]["conf"]) == ("spark://10.0.0.5:7077", [])
    late = client.change(
        "updateEnvironment", "environment { version }", name="hadoop", environment=YARN, expectedVersion=0
    )
    assert (late["environment"], late["userErrors"][0]["code"]) == ({"version": 1}, "CONFLICT")

    for dry_run in (True, False):
        gone = client.change("deleteEnvironment", "environment { name }", name="hadoop", dryRun=dry_run)
        assert gone["environment"] == {"name": "hadoop"}
    assert client.ask('{ environment(name: "hadoop") { name } }')["environment"] is None


def test_what_is_no_environment_is_an_error_as_data(client: Client) -> None:
    made = client.change("createEnvironment", "environment { name }", name="x", environment={"master": "mesos"})
    assert (made["environment"], made["userErrors"][0]["code"]) == (None, "INVALID_INPUT")
    gone = client.change("deleteEnvironment", "environment { name }", name="x")
    assert (gone["userErrors"][0]["code"], gone["userErrors"][0]["field"]) == ("NOT_FOUND", ["name"])
