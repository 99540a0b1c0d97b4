"""Operations on crawlers and their schedules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from api.glue.calls import Call, Operation, Shape
from api.glue.failures import GlueFailure
from api.glue.shapes.crawlers import crawler_shape, crawler_value, metrics_shape
from crawlers.model import Crawler
from engine.model import CRAWL


def create_crawler(call: Call) -> Shape:
    asked = call.asked
    call.engine.create_crawler(crawler_value(asked, Crawler(asked["Name"], "default")), asked.get("Tags"))
    return {}


def get_crawler(call: Call) -> Shape:
    return {"Crawler": _told(call, [call.engine.get_crawler(call.asked["Name"])])[0]}


def get_crawlers(call: Call) -> Shape:
    page = call.engine.list_crawlers(call.asked.get("MaxResults", 100), call.asked.get("NextToken"))
    return {"Crawlers": _told(call, page.items), "NextToken": page.next_token}


def batch_get_crawlers(call: Call) -> Shape:
    names = list(dict.fromkeys(call.asked["CrawlerNames"]))
    found = [crawler for name in names if (crawler := call.engine.find_crawler(name)) is not None]
    missing = set(names).difference(crawler.name for crawler in found)
    return {"Crawlers": _told(call, found), "CrawlersNotFound": [name for name in names if name in missing]}


def list_crawlers(call: Call) -> Shape:
    """Names; a page from which tags leave out some may be short."""
    page = call.engine.list_crawlers(call.asked.get("MaxResults", 100), call.asked.get("NextToken"))
    names = call.engine.tagged("crawler", [crawler.name for crawler in page.items], call.asked.get("Tags"))
    return {"CrawlerNames": names, "NextToken": page.next_token}


def update_crawler(call: Call) -> Shape:
    old = call.engine.get_crawler(call.asked["Name"])
    call.engine.update_crawler(crawler_value(call.asked, old), old.version)
    return {}


def delete_crawler(call: Call) -> Shape:
    call.engine.delete_crawler(call.asked["Name"])
    return {}


def start_crawler(call: Call) -> Shape:
    call.engine.start_crawler(call.asked["Name"])
    return {}


def stop_crawler(call: Call) -> Shape:
    call.engine.stop_crawler(call.asked["Name"])
    return {}


def get_crawler_metrics(call: Call) -> Shape:
    """Of the crawlers named; of all, a page at a time, if none is."""
    named, token = call.asked.get("CrawlerNameList"), None
    if not named:
        page = call.engine.list_crawlers(call.asked.get("MaxResults", 100), call.asked.get("NextToken"))
        named, token = [crawler.name for crawler in page.items], page.next_token
    found = call.engine.batch_get_crawler_metrics(named)
    return {"CrawlerMetricsList": [metrics_shape(found[name]) for name in named if name in found], "NextToken": token}


def update_crawler_schedule(call: Call) -> Shape:
    old = call.engine.get_crawler(call.asked["CrawlerName"])
    call.engine.update_crawler(replace(old, schedule=call.asked.get("Schedule") or None), old.version)
    return {}


def start_crawler_schedule(call: Call) -> Shape:
    return _pause(call, False)


def stop_crawler_schedule(call: Call) -> Shape:
    return _pause(call, True)


def _pause(call: Call, paused: bool) -> Shape:
    old = call.engine.get_crawler(call.asked["CrawlerName"])
    if old.schedule is None:
        code = "SchedulerNotRunningException" if paused else "NoScheduleException"
        raise GlueFailure(f"Crawler {old.name} has no schedule.", code)
    if old.schedule_paused is paused:
        code = "SchedulerNotRunningException" if paused else "SchedulerRunningException"
        raise GlueFailure(f"The schedule of crawler {old.name} is {'not ' if paused else ''}running.", code)
    call.engine.update_crawler(replace(old, schedule_paused=paused), old.version)
    return {}


def _told(call: Call, crawlers: Sequence[Crawler]) -> list[Shape]:
    names = [crawler.name for crawler in crawlers]
    states = call.engine.batch_get_crawler_states(names)
    last = call.engine.batch_find_latest_runs(CRAWL, names)
    now = call.engine.now()
    return [crawler_shape(each, states[each.name], last.get(each.name), now) for each in crawlers]


OPERATIONS: dict[str, Operation] = {
    "CreateCrawler": create_crawler,
    "GetCrawler": get_crawler,
    "GetCrawlers": get_crawlers,
    "BatchGetCrawlers": batch_get_crawlers,
    "ListCrawlers": list_crawlers,
    "UpdateCrawler": update_crawler,
    "DeleteCrawler": delete_crawler,
    "StartCrawler": start_crawler,
    "StopCrawler": stop_crawler,
    "GetCrawlerMetrics": get_crawler_metrics,
    "UpdateCrawlerSchedule": update_crawler_schedule,
    "StartCrawlerSchedule": start_crawler_schedule,
    "StopCrawlerSchedule": stop_crawler_schedule,
}
