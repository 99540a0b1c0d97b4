"""Kinds of targets that are kept for clients of Glue, and that no crawl here reads."""

from __future__ import annotations

from crawlers.errors import NotAvailable
from crawlers.model import AnyTarget, Crawler, DynamoDbTarget, HudiTarget, MongoDbTarget
from crawlers.validity import with_some_target

_EXPORT = "export what it holds to files, and crawl these."
_SYNC = "let Hudi's own sync register its tables."


def refusal_of(target: AnyTarget) -> NotAvailable | None:
    """Why no crawl here reads the target; None if one does."""
    match target:
        case MongoDbTarget(connection, path):
            return NotAvailable(what=f"MongoDB collection {path} of connection {connection}", instead=_EXPORT)
        case DynamoDbTarget(table):
            return NotAvailable(what=f"DynamoDB table {table}", instead=_EXPORT)
        case HudiTarget(place):
            return NotAvailable(what=f"Hudi folder {place}", instead=_SYNC)
        case _:
            return None


def demand_available(crawler: Crawler) -> None:
    """Raises InvalidInput if there is no target, NotAvailable if there is none that a crawl here reads."""
    with_some_target(crawler)
    refused = [refusal for target in crawler.all_targets if (refusal := refusal_of(target)) is not None]
    if refused and len(refused) == len(crawler.all_targets):
        whats = "; ".join(str(refusal.facts["what"]) for refusal in refused)
        what = f"What crawler {crawler.name} is to look at ({whats})"
        raise NotAvailable(what=what, instead=refused[0].facts["instead"])
