"""Writing the page: HTML from data/templates/page, words from its catalogues, and headers under which nothing else may run."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

LANGUAGES: Final = ("id", "en")
Words = Mapping[str, Any]


class Pen:
    """Writes pages; whatever is shown is escaped, and the browser is told to run and load nothing."""

    def __init__(self, folder: Path) -> None:
        self._templates = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._style = (folder / "style.css").read_text(encoding="utf-8")
        self.words: Mapping[str, Words] = {language: json.loads((folder / f"{language}.json").read_text(encoding="utf-8")) for language in LANGUAGES}
        self.headers = _headers(self._style)

    def page(self, view: Mapping[str, Any], language: str, status: int = 200) -> HTMLResponse:
        """Return the page of a case."""
        return self._write("page.html", {**view, "t": self.words[language], "language": language}, status, {})

    def bare(self) -> Response:
        """Return the page of a case without its body, of which nothing is read: it does not say how long that is."""
        answer = HTMLResponse(headers=self.headers)
        del answer.headers["content-length"]
        return answer

    def notice(self, what: str, status: int, headers: Mapping[str, str] | None = None) -> HTMLResponse:
        """Return a page of one sentence in both languages: `gone`, `busy` or `away`."""
        return self._write("notice.html", {"what": what, "language": LANGUAGES[0]}, status, headers or {})

    def _write(self, template: str, shown: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> HTMLResponse:
        style = Markup(self._style)  # noqa: S704 - our own file
        html = self._templates.get_template(template).render({**shown, "style": style})
        return HTMLResponse(html, status_code=status, headers={**self.headers, **headers})


def _headers(style: str) -> dict[str, str]:
    digest = b64encode(sha256(style.encode()).digest()).decode()
    rules = ("default-src 'none'", f"style-src 'sha256-{digest}'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'")
    return {
        "Content-Security-Policy": "; ".join(rules),
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
