"""How a metastore behaves about databases."""

from __future__ import annotations

from api.hive.bindings import hive
from tests.api.hive.behaviours.asking import Asked, behaviour, named, refused


@behaviour
def a_missing_database(asked: Asked) -> object:
    return asked.call("get_database", "none")


@behaviour
def a_database_without_a_name(asked: Asked) -> object:
    return asked.call("get_database", None)


@behaviour
def a_database_read_in_capitals(asked: Asked) -> object:
    return asked.call("get_database", asked.database.upper()).name


@behaviour
def a_database_created_in_capitals(asked: Asked) -> object:
    asked.call("create_database", hive.Database(name="CAPITALS_1", locationUri=asked.place("c")))
    return asked.call("get_database", "capitals_1").name


@behaviour
def a_database_created_twice(asked: Asked) -> object:
    return asked.call("create_database", hive.Database(name=asked.database, locationUri=asked.place()))


def _creates(name: str | None) -> str:
    return f"a database named {name[:20]!r}" if name is not None else "a database created without a name"


for _name in (None, "", "a b", "a-b", "a.b", "a/b", "ä", "_a", "1a", "n" * 128, "n" * 300, "a;b", "a'b"):

    def _created(asked: Asked, name: str | None = _name) -> object:
        asked.call("create_database", hive.Database(name=name, locationUri=asked.place("named")))
        return asked.call("get_database", name).name

    named(f"{_creates(_name)} ({len(_name or '')} signs)", _created)


@behaviour
def a_database_without_a_location(asked: Asked) -> object:
    asked.call("create_database", hive.Database(name="placeless"))
    return asked.call("get_database", "placeless").locationUri.rpartition("/")[2]


@behaviour
def a_location_of_a_database_as_it_is_spelled(asked: Asked) -> object:
    asked.call("create_database", hive.Database(name="spelled", locationUri=f"{asked.place()}/x/"))
    return asked.call("get_database", "spelled").locationUri.partition(asked.place())[2]


@behaviour
def a_location_of_a_database_with_three_slashes(asked: Asked) -> object:
    place = asked.place("three").replace("file:/", "file:///")
    asked.call("create_database", hive.Database(name="slashes", locationUri=place))
    return asked.call("get_database", "slashes").locationUri.partition(":")[2][:3].count("/")


@behaviour
def a_database_with_nothing_but_its_name(asked: Asked) -> object:
    asked.call("create_database", hive.Database(name="bare", locationUri=asked.place("bare")))
    found = asked.call("get_database", "bare")
    return [found.description, found.parameters]


@behaviour
def a_database_s_description_and_parameters(asked: Asked) -> object:
    database = hive.Database(
        name="full", description="é \"'", locationUri=asked.place("f"), parameters={"A": "1", "b": ""}
    )
    asked.call("create_database", database)
    found = asked.call("get_database", "full")
    return [found.description, found.parameters]


@behaviour
def a_database_s_owner(asked: Asked) -> object:
    database = hive.AskedDatabase(name="owned", locationUri=asked.place("o"), ownerName="ada", ownerType=1)
    asked.call("create_database owned", database)
    found = asked.call("get_database owned", "owned")
    return [found.ownerName, found.ownerType]


@behaviour
def dropping_a_missing_database(asked: Asked) -> object:
    return asked.call("drop_database", "none", False, False)


@behaviour
def dropping_a_database_with_tables(asked: Asked) -> object:
    asked.create()
    return asked.call("drop_database", asked.database, False, False)


@behaviour
def dropping_a_database_with_its_tables(asked: Asked) -> object:
    asked.create()
    asked.call("drop_database", asked.database, False, True)
    return asked.call("get_database", asked.database)


@behaviour
def dropping_an_empty_database_with_its_data(asked: Asked) -> object:
    asked.call("drop_database", asked.database, True, False)
    return refused(lambda: asked.call("get_database", asked.database))


@behaviour
def the_default_database_s_description(asked: Asked) -> object:
    return asked.call("get_database", "default").description


@behaviour
def dropping_the_default_database(asked: Asked) -> object:
    return asked.call("drop_database", "default", False, False)


@behaviour
def altering_a_missing_database(asked: Asked) -> object:
    return asked.call("alter_database", "none", hive.Database(name="none"))


@behaviour
def renaming_a_database(asked: Asked) -> object:
    asked.call("alter_database", asked.database, hive.Database(name="renamed_1", locationUri=asked.place()))
    return [refused(asked.call, "get_database", each) for each in ("renamed_1", asked.database)]


@behaviour
def altering_a_database(asked: Asked) -> object:
    changed = hive.Database(
        name=asked.database, description="new", locationUri=asked.place("else"), parameters={"a": "1"}
    )
    asked.call("alter_database", asked.database, changed)
    found = asked.call("get_database", asked.database)
    return [found.description, found.parameters, found.locationUri.rpartition("/")[2]]


@behaviour
def altering_a_database_s_fields_to_nothing(asked: Asked) -> object:
    asked.call("alter_database", asked.database, hive.Database(name=asked.database, locationUri=asked.place()))
    found = asked.call("get_database", asked.database)
    return [found.description, found.parameters]


for _pattern in ("*", "pat_*", "PAT_*", "pat_o*|pat_tw*", "pat_.*", "pat_on.", "pat_one", "", None, "pat_[o]ne", "|"):

    def _listed(asked: Asked, pattern: str | None = _pattern) -> object:
        for name in ("pat_one", "pat_two"):
            refused(asked.call, "create_database", hive.Database(name=name, locationUri=asked.place()))
        return [name for name in asked.call("get_databases", pattern) if name.startswith("pat_")]

    named(f"databases like {_pattern!r}", _listed)
