"""`isinglass classifier`: custom classifiers, and what comes of one on a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.crawler_options import absolute
from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output
from crawlers.classifiers import kind_of
from crawlers.model import (
    AnyClassifier,
    CsvClassifier,
    CsvHeader,
    CsvSerde,
    GrokClassifier,
    JsonClassifier,
    StoredClassifier,
    XmlClassifier,
)

if TYPE_CHECKING:
    from crawlers.trying import Trial

UNNAMED = "the one that is tried"
_SHOWN = 60  # signs of a line from where a pattern stops

classifiers = typer.Typer(help="Custom classifiers, which crawlers ask before the built-in ones.", no_args_is_help=True)

ClassifierName = Annotated[str, typer.Argument(metavar="CLASSIFIER", help="The classifier's name.")]
ClassificationOption = Annotated[
    str, typer.Option("--classification", metavar="WORD", help="The format that its tables are said to have.")
]
CustomOption = Annotated[
    str, typer.Option("--custom-patterns", metavar="TEXT", help="NAME regex, one a line; or @FILE that holds them.")
]
DelimiterOption = Annotated[str | None, typer.Option(help="One character; default: what the file shows.")]
QuoteOption = Annotated[str | None, typer.Option(help="One character; default: what the file shows.")]
HeaderOption = Annotated[CsvHeader, typer.Option(help="Whether the first row names the columns.")]
ColumnsOption = Annotated[
    list[str] | None, typer.Option("--column", metavar="NAME", help="A column's name; once for each, in order.")
]
TrimOption = Annotated[bool, typer.Option("--trim", help="Trim white space around values.")]
SingleOption = Annotated[bool, typer.Option("--single-column", help="Allow files of one column.")]
TypesOption = Annotated[
    list[str] | None, typer.Option("--type", metavar="TYPE", help="A type columns may have (LONG, DATE …), no others.")
]
SerdeOption = Annotated[
    CsvSerde, typer.Option(case_sensitive=False, help="What reads its tables; None looks whether quotes are needed.")
]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="Put it in the place of one of that name.")]


@classifiers.command("create-grok")
def create_grok(
    name: ClassifierName,
    pattern: Annotated[str, typer.Option(help="Such as '%{TIMESTAMP_ISO8601:at} %{GREEDYDATA:message}'.")],
    classification: ClassificationOption,
    custom_patterns: CustomOption = "",
    replace: ReplaceOption = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Store a classifier of lines that a grok pattern takes apart."""
    _store(GrokClassifier(name, classification, pattern, _text(custom_patterns)), replace, home, output)


@classifiers.command("create-json")
def create_json(
    name: ClassifierName,
    path: Annotated[str, typer.Option(help="Where the records are, such as '$.items[*]'.")],
    replace: ReplaceOption = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Store a classifier of JSON whose records are at a path."""
    _store(JsonClassifier(name, path), replace, home, output)


@classifiers.command("create-xml")
def create_xml(
    name: ClassifierName,
    row_tag: Annotated[str, typer.Option(help="The element that is a record.")],
    classification: ClassificationOption = "xml",
    replace: ReplaceOption = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Store a classifier of XML with a certain element for each record."""
    _store(XmlClassifier(name, classification, row_tag), replace, home, output)


@classifiers.command("create-csv")
def create_csv(
    name: ClassifierName,
    delimiter: DelimiterOption = None,
    quote: QuoteOption = None,
    header: HeaderOption = CsvHeader.UNKNOWN,
    column: ColumnsOption = None,
    trim: TrimOption = False,
    single_column: SingleOption = False,
    type: TypesOption = None,
    serde: SerdeOption = CsvSerde.DETECT,
    replace: ReplaceOption = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Store a classifier of delimited text."""
    columns, types = tuple(column or ()), tuple(type or ())
    made = CsvClassifier(name, delimiter, quote, header, columns, trim, single_column, types, serde)
    _store(made, replace, home, output)


def _store(classifier: AnyClassifier, replace: bool, home: Path | None, output: Format) -> None:
    engine = core_of(home).engine
    there = engine.find_classifier(classifier.name) if replace else None
    if there is None:
        stored = engine.create_classifier(classifier)
    else:
        stored = engine.update_classifier(classifier, there.version)
    done = f"is at version {stored.version}" if there else "created"
    Output(output).result(_plain(stored), f"{kind_of(classifier)} classifier {classifier.name} {done}")


def _text(given: str) -> str:
    """Raises BadParameter for a file that cannot be read."""
    if not given.startswith("@"):
        return given
    try:
        return Path(given[1:]).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{given[1:]} cannot be read: {getattr(error, 'strerror', error)}") from error


def _plain(stored: StoredClassifier) -> dict[str, object]:
    """A classifier for programs."""
    return {"kind": kind_of(stored.classifier), **asdict(stored.classifier), "version": stored.version}


@classifiers.command("list")
def list_classifiers(home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """List classifiers."""
    found = core_of(home).engine.list_classifiers(limit=1_000).items
    cells = [(each.name, kind_of(each.classifier), each.version, each.updated_at) for each in found]
    Output(output).rows([_plain(each) for each in found], ["classifier", "kind", "version", "updated"], cells)


@classifiers.command("show")
def show_classifier(name: ClassifierName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Show a classifier's definition."""
    shown, out = _plain(core_of(home).engine.get_classifier(name)), Output(output)
    if not out.text:
        out.json(shown)
        return
    out.grid(["", ""], [(each.replace("_", " "), _spelled(value)) for each, value in shown.items()])


def _spelled(value: object) -> object:
    return ", ".join(value) or None if isinstance(value, tuple) else value


@classifiers.command("delete")
def delete_classifier(name: ClassifierName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Delete a classifier. Crawlers that name it fail until they no longer do."""
    core_of(home).engine.delete_classifier(name)
    Output(output).result({"deleted": name}, f"classifier {name} deleted")


@classifiers.command("test")
def try_classifier(
    what: Annotated[list[str], typer.Argument(metavar="[CLASSIFIER] FILE", help="A stored one, and the file to try.")],
    grok: Annotated[str | None, typer.Option(metavar="PATTERN", help="Try this pattern.")] = None,
    json_path: Annotated[str | None, typer.Option(metavar="PATH", help="Try this path.")] = None,
    row_tag: Annotated[str | None, typer.Option(metavar="TAG", help="Try this element.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Try the options of create-csv.")] = False,
    classification: ClassificationOption = "custom",
    custom_patterns: CustomOption = "",
    delimiter: DelimiterOption = None,
    quote: QuoteOption = None,
    header: HeaderOption = CsvHeader.UNKNOWN,
    column: ColumnsOption = None,
    trim: TrimOption = False,
    single_column: SingleOption = False,
    type: TypesOption = None,
    serde: SerdeOption = CsvSerde.DETECT,
    limit: Annotated[int, typer.Option(min=0, max=1_000, help="How many rows to show.")] = 10,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Try a stored classifier on a file, or one that is given by options. It exits with 1 if it does not match."""
    columns, types = tuple(column or ()), tuple(type or ())
    kinds: list[tuple[bool, Callable[[], AnyClassifier]]] = [
        (grok is not None, lambda: GrokClassifier(UNNAMED, classification, grok or "", _text(custom_patterns))),
        (json_path is not None, lambda: JsonClassifier(UNNAMED, json_path or "")),
        (row_tag is not None, lambda: XmlClassifier(UNNAMED, classification, row_tag or "")),
        (
            csv,
            lambda: CsvClassifier(UNNAMED, delimiter, quote, header, columns, trim, single_column, types, serde),
        ),
    ]
    given = [make for is_given, make in kinds if is_given]
    if (len(what), len(given)) not in ((2, 0), (1, 1)):
        raise typer.BadParameter("give a classifier's name and a file; or a file and one of --grok, --json-path, …")
    from crawlers.trying import try_place  # brings PyArrow, which other commands do without

    engine, out = core_of(home).engine, Output(output)
    classifier = given[0]() if given else engine.get_classifier(what[0]).classifier
    trial = try_place(classifier, absolute(what[-1]), limit)
    _tell(out, trial) if out.text else out.json(trial)
    if not trial.matches:
        raise typer.Exit(1)


def _tell(out: Output, trial: Trial) -> None:
    if trial.matches:
        out.say(f"it matches, with certainty {trial.certainty}: {trial.classification}, {trial.records} records seen")
        out.grid(["column", "type"], [(column.name, column.type) for column in trial.columns], indent=2)
        if trial.rows:
            out.say("the first rows")
            out.grid([column.name for column in trial.columns], trial.rows, indent=2)
    else:
        out.say(f"it does not match: {trial.why}")
    if trial.unmatched is not None:
        number, matched = trial.unmatched.number, trial.unmatched.matched
        rest = trial.unmatched.line[matched : matched + _SHOWN]
        out.say(
            f"line {number}, empty ones not counted, does not match: the pattern stops at sign {matched + 1}, {rest!r}"
        )
    for note in trial.notes:
        out.say(f"note: {note}")
