"""One case by the name a person has for it, and what each service knows of it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from cli.asking import SERVICES, AwayError, ask, ask_all, away_failure, refused
from cli.common import NO, WRONG_USE, Failure

_KNOW_TRACKING: Final = ("routing", "intake")
"""Who finds a case by its tracking id: the others know it by its case_id."""


def read_name(given: str) -> UUID | str:
    """Return a case_id, or a tracking id in its right form; raises Failure when it is neither."""
    from schemas.ids import read_tracking_id  # noqa: PLC0415

    try:
        return UUID(given)
    except ValueError:
        tracking_id = read_tracking_id(given)
    if tracking_id is None:
        raise Failure(
            "That is neither a case_id (a UUID) nor a tracking id (7K3M-9QWD-2F5H): a letter may be wrong, its last ones are a check.", WRONG_USE
        )
    return tracking_id


def ask_trace(service: str, name: UUID | str) -> dict[str, Any] | None:
    """Return a service's part of a case's way, None when it knows nothing of it; raises AwayError or Failure."""
    answer = ask(service, f"/ops/v1/trace/{name}", seconds=30)
    if answer.status == 404:
        return None
    if answer.status != 200:
        raise refused(service, answer)
    found: dict[str, Any] = answer.document
    return found


def case_id_of(name: UUID | str) -> UUID:
    """Return the case that goes by a name; raises Failure when nobody knows it, or who could know it is away."""
    if isinstance(name, UUID):
        return name
    away: list[AwayError] = []
    for service in _KNOW_TRACKING:
        try:
            found = ask_trace(service, name)
        except AwayError as error:
            away.append(error)
            continue
        if found is not None:
            return UUID(found["case_id"])
    if away:
        raise away_failure(away)
    raise unknown()


def unknown() -> Failure:
    """Return that there is no such case."""
    return Failure("No service knows this case.", NO)


def parts_of(case_id: UUID) -> tuple[dict[str, dict[str, Any]], list[AwayError]]:
    """Return what each service that answers knows of a case, and which do not answer; raises Failure when nobody knows it."""
    answers, away = ask_all(SERVICES, lambda service: ask_trace(service, case_id))
    parts = {service: part for service, part in answers.items() if part is not None}
    if not parts:
        raise away_failure(away) if away else unknown()
    return parts, away
