"""Asking the services what they have parked, and telling them what to do with it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from cli.common import NO, WRONG_USE, Failure

if TYPE_CHECKING:
    from uuid import UUID

    from cli.asking import AwayError

REDRIVE_SECONDS: Final = 600.0
"""A case is taken up with all that is parked of it."""


class Service(StrEnum):
    """The services that may have something parked."""

    INTAKE = "intake"
    ROUTING = "routing"
    SLA = "sla"
    NOTIFY = "notify"


class Reason(StrEnum):
    """Why something may be parked."""

    INTERNAL_ERROR = "internal_error"
    QUEUED_BEHIND = "queued_behind"
    UNDECODABLE = "undecodable"
    UNSUPPORTED_VERSION = "unsupported_version"


def listed(service: Service | None, limit: int) -> tuple[list[dict[str, Any]], dict[str, dict[str, int]], list[AwayError]]:
    """Return what is parked, the oldest first and so much of each service, how much by service and reason, and who is away."""
    from cli.asking import SERVICES, ask, ask_all, refused  # noqa: PLC0415

    def of(name: str) -> dict[str, Any]:
        answer = ask(name, f"/ops/v1/parked?limit={limit}", seconds=30)
        if answer.status != 200:
            raise refused(name, answer)
        document: dict[str, Any] = answer.document
        return document

    found, away = ask_all((service.value,) if service else SERVICES, of)
    rows = [{"service": name, **row} for name, document in found.items() for row in document["parked"]]
    return sorted(rows, key=lambda row: str(row["at"])), {name: document["counts"] for name, document in found.items()}, away


def find(kept_id: UUID, service: Service | None) -> dict[str, Any]:
    """Return one kept input; raises Failure when no service has it, or who might have it is away."""
    from cli.asking import SERVICES, ask, ask_all, away_failure, refused  # noqa: PLC0415

    def of(name: str) -> dict[str, Any] | None:
        answer = ask(name, f"/ops/v1/parked/{kept_id}")
        if answer.status not in (200, 404):
            raise refused(name, answer)
        return answer.document if answer.status == 200 else None

    found, away = ask_all((service.value,) if service else SERVICES, of)
    for document in found.values():
        if document is not None:
            return document
    raise away_failure(away) if away else Failure("Nothing is or was parked under this id; `salur parked list` shows what is.", NO)


def act(kept_id: UUID, what: str, service: Service | None) -> dict[str, Any]:
    """Redrive or discard one, and return what became of it; raises Failure when its service is away."""
    from cli.asking import AwayError, ask, away_failure, refused  # noqa: PLC0415

    try:
        found = find(kept_id, service)
    except Failure as failure:
        if failure.code != NO:
            raise
        return {"id": str(kept_id), "service": None, "state": "unknown"}
    owner = found["service"]
    try:
        answer = ask(owner, f"/ops/v1/parked/{kept_id}:{what}", method="POST", seconds=REDRIVE_SECONDS)
    except AwayError as error:
        raise away_failure([error]) from None
    if answer.status == 404:
        return {**found, "state": found["state"]}
    if answer.status != 200:
        raise refused(owner, answer)
    return {**found, **answer.document}


def case_of(row: dict[str, Any]) -> str:
    """Return what is taken up together: all that is parked of a case, or an input that has none."""
    return f"{row['service']} {row['case_id'] or row['id']}"


def read_id(given: str) -> UUID:
    """Return an id as a person gave it; raises Failure when it is none."""
    from uuid import UUID  # noqa: PLC0415

    try:
        return UUID(given)
    except ValueError:
        raise Failure("An id is a UUID, as `salur parked list` shows it.", WRONG_USE) from None
