"""Asking the services: where each answers, and what it says; one that is away is told apart from one that says no."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from threading import Event
from typing import Any, Final, NamedTuple, TypeVar

from cli.common import AWAY, Failure, local_settings, settings_of

SERVICES: Final = ("intake", "routing", "sla", "notify")
ASK_SECONDS: Final = 10.0
MOST_BYTES: Final = 64 << 20
T = TypeVar("T")
_open: Final = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


class AwayError(Exception):
    """A service does not answer, or says that it cannot now; `refused`: nothing listens at any of its addresses."""

    def __init__(self, service: str, why: str, *, refused: bool = False) -> None:
        super().__init__(f"{service} is away ({why})")
        self.service = service
        self.refused = refused


class Answer(NamedTuple):
    """A service's answer: its status and its JSON, None where it sent none."""

    status: int
    document: Any


def addresses(service: str) -> list[str]:
    """Return where a service may answer, the likeliest first: what the settings name, else the stack that is up, else the ports."""
    from cli.settings import CommandSettings  # noqa: PLC0415 - read only when somebody is asked
    from deploy.local.state import StackState, is_locked  # noqa: PLC0415

    named: str | None = getattr(settings_of(CommandSettings), f"{service}_url")
    if named is not None:
        return [named.rstrip("/")]
    settings = local_settings()
    state = StackState.read(settings.data) if is_locked(settings.data) else None
    up = [process for process in state.processes if process.name == service] if state is not None else []
    if up:
        return [process.address for process in sorted(up, key=lambda process: (not process.ready, process.replica))]
    return [f"http://{settings.reachable_host}:{getattr(settings, f'{service}_port')}"]


def kafka_bootstrap() -> str:
    """Return where Kafka answers: what SALUR_KAFKA_BOOTSTRAP names, else the stack that is up, else its port."""
    from deploy.local.state import StackState, is_locked  # noqa: PLC0415

    settings = local_settings()
    state = StackState.read(settings.data) if settings.kafka_bootstrap is None and is_locked(settings.data) else None
    up = [process.address for process in state.processes if process.name == "kafka"] if state is not None else []
    return up[0] if up else settings.bootstrap


@contextmanager
def opened(
    service: str, path: str, *, method: str = "GET", body: bytes | None = None, seconds: float = ASK_SECONDS, **headers: str
) -> Iterator[HTTPResponse]:
    """Yield the answer of the first replica that gives one, whatever its status; raises AwayError when none does."""
    why, nobody = "", True
    for address in addresses(service):
        request = urllib.request.Request(f"{address}{path}", data=body, method=method, headers={k.replace("_", "-"): v for k, v in headers.items()})  # noqa: S310 - settings name it
        try:
            answer = _open(request, timeout=seconds)
        except urllib.error.HTTPError as error:
            answer = error
        except (OSError, ValueError, HTTPException) as error:
            why = f"nothing answers at {address}: {_reason(error)}"
            nobody = nobody and isinstance(getattr(error, "reason", error), ConnectionRefusedError)
            continue
        with answer:
            if answer.status == 503:
                why, nobody = f"{address} says that it cannot answer now: it is starting, or its database is away", False
                continue
            yield answer
            return
    raise AwayError(service, why, refused=nobody)


def ask(service: str, path: str, *, method: str = "GET", document: Any = None, seconds: float = ASK_SECONDS) -> Answer:
    """Ask a service and return its answer; raises AwayError."""
    body = None if document is None else json.dumps(document).encode()
    headers = {} if body is None else {"Content_Type": "application/json"}
    with opened(service, path, method=method, body=body, seconds=seconds, **headers) as answer:
        try:
            text = answer.read(MOST_BYTES)
        except (OSError, HTTPException) as error:
            raise AwayError(service, f"it broke off: {_reason(error)}") from None
        try:
            return Answer(answer.status, json.loads(text) if text else None)
        except ValueError:
            raise AwayError(service, "what answers at its address is no service of Salur") from None


def refused(service: str, answer: Answer) -> Failure:
    """Return why a service refused, as a failure of the command."""
    document = answer.document if isinstance(answer.document, dict) else {}
    errors = document.get("errors")
    said = document.get("detail") or "; ".join(f"{e['path']} {e['message']}".strip() for e in errors or ()) or document.get("code")
    return Failure(f"{service} answered {answer.status}: {said or 'no reason given'}.", 1)


def ask_all(services: Sequence[str], act: Callable[[str], T], stop: Event | None = None) -> tuple[dict[str, T], list[AwayError]]:
    """Do the same with several services at once; returns what came of it by service, and who is away.

    `stop` is set when the person interrupts it, for work that would go on.
    """
    found: dict[str, T] = {}
    away: list[AwayError] = []
    with ThreadPoolExecutor(len(services)) as pool:
        try:
            for service, future in [(service, pool.submit(act, service)) for service in services]:
                try:
                    found[service] = future.result()
                except AwayError as error:
                    away.append(error)
        except BaseException:
            if stop is not None:
                stop.set()
            raise
    return found, away


def away_failure(errors: list[AwayError]) -> Failure:
    """Return that services are away as the failure of a command."""
    told = "; ".join(str(error) for error in errors)
    return Failure(f"{told}. `salur status` shows what runs, `make up` starts everything.", AWAY)


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or type(reason).__name__).lower()
