"""`isinglass webhook`: where events are sent. A webhook's secret goes in, and never comes out."""

from __future__ import annotations

import base64
import dataclasses
import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from api.cli.events import KindOption, SubjectOption
from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output
from catalog.errors import DomainError
from catalog.paging import all_pages
from engine.engine import Engine
from engine.events.signing import PREFIX
from engine.events.webhooks import StoredWebhook, Webhook

webhooks = typer.Typer(help="Where events are sent, signed, in their order.", no_args_is_help=True)

SECRET_VARIABLE = "ISINGLASS_WEBHOOK_SECRET"  # noqa: S105 - its name

WebhookName = Annotated[str, typer.Argument(metavar="WEBHOOK", help="The webhook.")]


class NotTaken(DomainError):
    """Webhook {name} did not take a test: {why}."""


@webhooks.command("create")
def create_webhook(
    name: WebhookName,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to post: https, or http on a private network.")],
    kind: KindOption = None,
    subject: SubjectOption = None,
    secret_file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="File that holds the secret: whsec_ and base64.")
    ] = None,
    description: Annotated[str | None, typer.Option(help="Who listens there.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of one of that name.")] = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Create a webhook, which tells what happens from now on, or replace one.

    Its secret is taken from --secret-file, or the environment's ISINGLASS_WEBHOOK_SECRET; else one is made and shown,
    this once. One that is replaced keeps its own where none is given.
    """
    engine, out = core_of(home).engine, Output(output)
    new = Webhook(name, url, tuple(kind or ()), tuple(subject or ()), description=description)
    secret = secret_file.read_text().strip() if secret_file else os.environ.get(SECRET_VARIABLE)
    there = engine.find_webhook(name) if replace else None
    if there is not None:
        engine.update_webhook(new, secret, there.webhook.version)
        out.result({"webhook": name}, f"webhook {name} replaced")
        return
    made = secret or PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    engine.create_webhook(new, made)
    told = f"webhook {name} created" + ("" if secret else f"\nits secret, shown this once: {made}")
    out.result({"webhook": name} if secret else {"webhook": name, "secret": made}, told)


@webhooks.command("list")
def list_webhooks(home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """List webhooks and how they are."""
    found = list(all_pages(core_of(home).engine.list_webhooks))
    cells = [(each.webhook.name, each.webhook.url, _state(each), each.delivery.delivered_at) for each in found]
    Output(output).rows(found, ["webhook", "url", "state", "last taken"], cells)


@webhooks.command("show")
def show_webhook(name: WebhookName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Show a webhook: what it tells, and how its deliveries go."""
    found, out = core_of(home).engine.get_webhook(name), Output(output)
    if not out.text:
        out.json(found)
        return
    webhook, delivery = found.webhook, found.delivery
    out.say(f"{webhook.name}, {webhook.url}, {_state(found)}")
    out.say(f"kinds       {', '.join(webhook.kinds) or 'all'}")
    out.say(f"subjects    {', '.join(webhook.subjects) or 'all'}")
    out.say(f"last taken  {delivery.delivered_at or '-'}")
    if delivery.failures:
        out.say(f"trouble     {delivery.trouble} ({delivery.failures} in a row; next try {delivery.next_at})")


@webhooks.command("test")
def post_test(name: WebhookName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Send an event that tells nothing, signed as all others."""
    from engine.events.deliveries import try_webhook  # with what it takes to post, which other commands do without

    trouble = try_webhook(core_of(home).engine, name)
    if trouble is not None:
        raise NotTaken(name=name, why=trouble)
    Output(output).result({"webhook": name, "taken": True}, f"webhook {name} took it")


@webhooks.command("enable")
def enable_webhook(
    name: WebhookName,
    from_now: Annotated[bool, typer.Option("--from-now", help="Leave out what it has not told yet.")] = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Have a webhook told again, from where it was; what it did not take is tried at once."""
    engine = core_of(home).engine
    if from_now:
        engine.skip_webhook_to_now(name)
    _switch(engine, name, enabled=True)
    Output(output).result({"webhook": name, "enabled": True}, f"webhook {name} enabled")


@webhooks.command("disable")
def disable_webhook(name: WebhookName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Have a webhook told nothing until it is enabled; it remembers where it was."""
    _switch(core_of(home).engine, name, enabled=False)
    Output(output).result({"webhook": name, "enabled": False}, f"webhook {name} disabled")


@webhooks.command("delete")
def delete_webhook(name: WebhookName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Delete a webhook and its secret."""
    core_of(home).engine.delete_webhook(name)
    Output(output).result({"webhook": name}, f"webhook {name} deleted")


def _switch(engine: Engine, name: str, enabled: bool) -> None:
    current = engine.get_webhook(name).webhook
    engine.update_webhook(dataclasses.replace(current, enabled=enabled), None, current.version)


def _state(stored: StoredWebhook) -> str:
    if not stored.webhook.enabled:
        return "disabled"
    if stored.delivery.failing:
        return f"failing: {stored.delivery.trouble}"
    return "trying again" if stored.delivery.failures else "well"
