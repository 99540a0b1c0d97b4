"""GraphiQL in a real browser: it loads, answers an example, follows a subscription, and asks nobody but its service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from catalog.model import Database
from crawlers.model import Crawler, Target
from tests.api.graphql.conftest import Client, address, client  # noqa: F401

CHROMIUM = Path("/usr/bin/chromium")
PLAY = "Execute query"
CRAWLER = Crawler("crawl", "shop", (Target("/lake"),))

pytestmark = pytest.mark.system


@pytest.fixture
def page() -> Iterator[Page]:
    assert CHROMIUM.exists(), "install the browser: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1400, "height": 900})
        browser.close()


def test_an_example_is_answered_and_nobody_else_is_asked(client: Client, address: str, page: Page) -> None:  # noqa: F811
    client.catalog.create_database(Database("shop", "What was sold"))
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url.replace("ws:", "http:")))
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    answer = page.locator(".result-window")

    for _ in range(30):  # until the editor, which comes after its buttons, has the example
        page.get_by_role("button", name=PLAY).click()
        page.wait_for_timeout(500)
        if "sold" in answer.inner_text():
            break
    expect(answer).to_contain_text("What was sold")

    page.get_by_role("button", name="follow events").click()
    expect(page.get_by_role("tab", name="FollowEvents")).to_be_visible()
    page.get_by_role("button", name=PLAY).click()
    for _ in range(100):  # until the subscription stands: it tells what happens from then on
        client.engine.start_crawl(CRAWLER)
        if "Glue Crawler State Change" in answer.inner_text():
            break
        page.wait_for_timeout(100)
    expect(answer).to_contain_text("Glue Crawler State Change")

    origin = address.removesuffix("/graphql")
    assert [url for url in asked if not url.startswith((origin, "data:"))] == []
    assert any(url.startswith(f"{origin}/console/assets/") for url in asked)
    assert wrong == []
