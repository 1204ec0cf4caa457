"""Logs: one line of JSON a record, constant texts, ids as fields, nothing a citizen wrote."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson

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


def start_logs(service: str, replica: int, level: str) -> None:
    """Send all logs to standard output as JSON lines; libraries speak from warning on."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(service, replica))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("aiokafka", "asyncio", "uvicorn", "uvicorn.access", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
