"""A URL that something can be sent to: taken and used by one reading, so that what is taken can be used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlsplit

LONGEST: Final = 2_048
_PORTS: Final = {"https": 443, "http": 80}
_PLACE: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@]+)(:[0-9]*)?")
_HOST: Final = re.compile(r"[A-Za-z0-9_.-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_SAFE: Final = "/?&=%:@!$'()*+,;~-._[]"


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart: only what is sent; a fragment is not."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Return the Host header: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@lru_cache(1_024)  # publishers name few URLs, but name them in every submission
def read_target(url: str) -> Target | None:
    """Return where a URL points, None when it is not an absolute http or https URL, or holds a user or password."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode() if parts.hostname and ":" not in parts.hostname else parts.hostname or ""
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
    except (ValueError, KeyError):
        return None
    wrong = len(url) > LONGEST or not url.isprintable() or "\\" in url or not _PLACE.fullmatch(parts.netloc) or not port or not _HOST.fullmatch(host)
    path = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
    return None if wrong else Target(parts.scheme, host, port, path)
