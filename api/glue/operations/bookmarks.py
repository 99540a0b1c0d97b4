"""Operations on job bookmarks."""

from __future__ import annotations

import msgspec

from api.glue.calls import Call, Operation, Shape
from api.glue.failures import EntityNotFound
from engine.model import Bookmark

_MOST = 1_000  # states of a bookmark, of which one run's is looked for


def get_job_bookmark(call: Call) -> Shape:
    """As it stands, or as the run of RunId left it."""
    job, run_id = call.asked["JobName"], call.asked.get("RunId")
    if run_id is None:
        return {"JobBookmarkEntry": _shape(call.engine.get_bookmark(job))}
    left = [each for each in call.engine.list_bookmark_history(job, _MOST) if each.run_id == run_id]
    if not left:
        raise EntityNotFound(f"Run {run_id} has left no bookmark of job {job}.")
    return {"JobBookmarkEntry": _shape(left[0])}


def reset_job_bookmark(call: Call) -> Shape:
    """To read everything again, or what came after the run of RunId."""
    job, run_id = call.asked["JobName"], call.asked.get("RunId")
    found = call.engine.rewind_bookmark(job, run_id) if run_id else call.engine.reset_bookmark(job)
    return {"JobBookmarkEntry": _shape(found) if found else {"JobName": job}}


def _shape(bookmark: Bookmark) -> Shape:
    return {
        "JobName": bookmark.job,
        "Version": bookmark.version,
        "RunId": bookmark.run_id,
        "JobBookmark": msgspec.json.encode(bookmark.sources).decode(),
    }


OPERATIONS: dict[str, Operation] = {
    "GetJobBookmark": get_job_bookmark,
    "ResetJobBookmark": reset_job_bookmark,
}
