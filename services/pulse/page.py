"""The page: what is answered as JSON, in words and small lines; no script, nothing loaded."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from starlette.responses import HTMLResponse

from services.pulse.reference_data import DATA, Reference

LANGUAGES: Final = ("id", "en")
_WIDTH, _HEIGHT = 100.0, 24.0
_ZONES: Final = {7: "WIB", 8: "WITA", 9: "WIT"}


class Page:
    """Writes the page; whatever is shown is escaped, and the browser is told to run and load nothing."""

    def __init__(self, reference: Reference, folder: Path = DATA / "templates" / "pulse") -> None:
        self._reference = reference
        templates = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        templates.globals |= {"line": line, "area": area, "place": self._place}
        self._template = templates.get_template("page.html")
        self._style = (folder / "style.css").read_text(encoding="utf-8")
        self._words = {language: json.loads((folder / f"{language}.json").read_text(encoding="utf-8")) for language in LANGUAGES}
        digest = b64encode(sha256(self._style.encode()).digest()).decode()
        rules = ("default-src 'none'", f"style-src 'sha256-{digest}'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'")
        self._headers = {
            "Content-Security-Policy": "; ".join(rules),
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }

    def write(self, shown: Mapping[str, Any], language: str) -> HTMLResponse:
        """Return the page in a language."""
        words = self._words[language]

        def moment(at: datetime, code: str = "") -> str:
            offset = self._reference.offset_h(code)
            local = at.astimezone(timezone(timedelta(hours=offset)))
            return f"{local.day} {words['months'][local.month - 1]} {local:%H.%M} {_ZONES[offset]}"

        style = Markup(self._style)  # noqa: S704 - our own file
        html = self._template.render({**shown, "t": words, "language": language, "style": style, "moment": moment})
        return HTMLResponse(html, headers=self._headers | {"Content-Language": language})

    def _place(self, region: str) -> str:
        """Return a region with those it lies in, and its code."""
        codes = [region[:length] for length in (8, 5, 2) if len(region) >= length]
        names = [self._reference.names.get(code, code) for code in codes]
        return f"{', '.join(names)} ({region})"


def line(values: Sequence[int]) -> str:
    """Return the line through values, as the path of a drawing 100 wide and 24 high; the largest touches the top."""
    most = max(values, default=0) or 1
    step = _WIDTH / max(1, len(values) - 1)
    points = [f"{place * step:.1f} {_HEIGHT - 1 - value / most * (_HEIGHT - 2):.1f}" for place, value in enumerate(values)]
    return "M" + "L".join(points) if points else ""


def area(values: Sequence[int]) -> str:
    """Return the area under that line."""
    drawn = line(values)
    return f"{drawn}L{_WIDTH:.0f} {_HEIGHT:.0f}L0 {_HEIGHT:.0f}Z" if drawn else ""
