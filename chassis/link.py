"""Signed links: what opens one case for one office, and nothing else. Whoever holds the key believes them without asking.

The key is a file in the secrets folder, made by the preparation (`deploy/prepare.py`) and shared by the services: notify signs, the
others read.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

import orjson

from chassis.settings import SettingsError

FILE: Final = "link.key"
_MAC_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Link:
    """Who may open which case until when (Salur time, whole seconds)."""

    case_id: UUID
    agency: str
    role: str
    until: datetime


class Links:
    """Signs links and reads them."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, link: Link) -> str:
        """Return the token of a link: letters, digits, `-` and `_` only."""
        body = orjson.dumps([link.case_id.hex, link.agency, link.role, int(link.until.timestamp())])
        return urlsafe_b64encode(self._mac(body) + body).decode().rstrip("=")

    def read(self, token: str, now: datetime) -> Link | None:
        """Return the link that a token stands for, or None when it was not signed by us or its time is over."""
        try:
            whole = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            mac, body = whole[:_MAC_BYTES], whole[_MAC_BYTES:]
            if not hmac.compare_digest(mac, self._mac(body)):
                return None
            case_id, agency, role, until = orjson.loads(body)
        except (ValueError, TypeError):
            return None
        link = Link(UUID(case_id), agency, role, datetime.fromtimestamp(until, UTC))
        return link if now < link.until else None

    def _mac(self, body: bytes) -> bytes:
        return hmac.new(self._key, b"salur link\n" + body, sha256).digest()[:_MAC_BYTES]


def links_of(secrets: Path) -> Links:
    """Return the links of a secrets folder; raises SettingsError when its key is missing."""
    file = secrets / FILE
    if not file.exists():
        raise SettingsError(f"{file} is missing: `python -m deploy.prepare` makes it, and every service needs the same one")
    return Links(file.read_bytes())
