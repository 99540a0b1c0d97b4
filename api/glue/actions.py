"""What an operation does, as roles allow it: told by the verb that its name begins with."""

from __future__ import annotations

from api.auth.principals import Action

VIEW, RUN, EDIT, ADMINISTER = Action.VIEW, Action.RUN, Action.EDIT, Action.ADMINISTER

_BY_VERB = {
    **dict.fromkeys(["Get", "List", "BatchGet", "Search", "Query", "Check", "Describe", "Filter"], VIEW),
    **dict.fromkeys(["Start", "Stop", "Resume", "BatchStop", "Cancel", "Test"], RUN),
    **dict.fromkeys(["Create", "Update", "Delete", "Put", "Import", "Tag", "Untag", "Reset"], EDIT),
    **dict.fromkeys(["BatchCreate", "BatchUpdate", "BatchDelete", "BatchPut", "Register", "Remove"], EDIT),
}
# Those whose verb says something else of them, or which decide what others may do or read.
_OTHERWISE = {
    "RunStatement": EDIT,  # of any code, as to create a job
    "DeleteSession": RUN,
    "ResetJobBookmark": RUN,
    "PutWorkflowRunProperties": RUN,
    "StartTrigger": EDIT,  # a schedule is then in force
    "StopTrigger": EDIT,
    "StartCrawlerSchedule": EDIT,
    "StopCrawlerSchedule": EDIT,
    "PutResourcePolicy": ADMINISTER,
    "DeleteResourcePolicy": ADMINISTER,
    "PutDataCatalogEncryptionSettings": ADMINISTER,
    "CreateSecurityConfiguration": ADMINISTER,
    "DeleteSecurityConfiguration": ADMINISTER,
}


def action_of(operation: str) -> Action:
    """What cannot be told by its verb is an admin's."""
    if operation in _OTHERWISE:
        return _OTHERWISE[operation]
    return next((action for verb, action in _BY_VERB.items() if operation.startswith(verb)), ADMINISTER)
