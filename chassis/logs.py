"""Logs: one line of JSON a record, constant texts, ids as fields, nothing a citizen wrote."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

import orjson

QUIET_SECONDS: Final = 30.0
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Formats a record as one line: time, level, logger, text, then the fields given as `extra`."""

    def __init__(self, service: str, replica: int) -> None:
        super().__init__()
        self._fixed = {"service": service, "replica": replica}

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; an exception is told by its type and its place, never by its message, which may quote data."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            **self._fixed,
            "logger": record.name,
            "text": record.getMessage(),
        }
        line |= {name: str(value) for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            trace = record.exc_info[2]
            places = []
            while trace is not None:
                places.append(f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}")
                trace = trace.tb_next
            line["where"] = " > ".join(places[-6:])
        return orjson.dumps(line).decode()


class SeldomDriver(logging.Filter):
    """Lets the Kafka driver say one thing every `QUIET_SECONDS`, with how often it has said it since: it knocks many times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is to be written; kinds are told apart by their logger and their text before it is filled in."""
        if not record.name.startswith("aiokafka"):
            return True
        kind = (record.name, str(record.msg))
        since, left_out = self._said.get(kind, (float("-inf"), 0))
        if record.created - since < QUIET_SECONDS:
            self._said[kind] = since, left_out + 1
            return False
        self._said[kind] = record.created, 0
        if left_out:
            record.left_out = left_out
        return True


def start_logs(service: str, replica: int, level: str) -> None:
    """Send all logs to standard output as JSON lines; libraries speak from warning on."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(service, replica))
    handler.addFilter(SeldomDriver())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("aiokafka", "asyncio", "uvicorn", "uvicorn.access", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
