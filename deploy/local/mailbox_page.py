"""The mailbox as pages for people, phone first, and as JSON for programs."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from deploy.local.mailbox_store import MailStore

PAGE_MAILS = 50
# Mails are foreign text: no script runs, nothing is loaded from elsewhere, and HTML mails live in a sandboxed frame besides.
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; base-uri 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
# In the frame, a link opens a page of its own: the way from the mail to the action is one click.
FRAME_HEAD = '<base target="_blank">'


def page(store: MailStore) -> Starlette:
    """Return the web application of one store."""
    templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True)

    def listing(request: Request) -> Response:
        before = _number(request.query_params.get("before"))
        mails = store.latest(PAGE_MAILS, before)
        older = mails[-1]["id"] if mails and mails[-1]["id"] != "1" else None
        template = templates.get_template("mailbox_list.html")
        html = template.render(mails=mails, total=len(store), older=older, first=before is None)
        return HTMLResponse(html, headers=HEADERS)

    def one(request: Request) -> Response:
        mail = store.mail(request.path_params["number"])
        if mail is None:
            return HTMLResponse("<p>Tidak ada surat ini. · No such mail.</p>", status_code=404, headers=HEADERS)
        frame = FRAME_HEAD + mail["html"] if mail["html"] else None
        return HTMLResponse(templates.get_template("mailbox_mail.html").render(mail=mail, frame=frame), headers=HEADERS)

    def messages(_: Request) -> Response:
        return StreamingResponse(store.as_json(), media_type="application/json", headers={"cache-control": "no-store"})

    def alive(_: Request) -> Response:
        return Response(b'{"ready":true}', media_type="application/json")

    return Starlette(
        routes=[
            Route("/", listing),
            Route("/mails/{number:int}", one),
            Route("/messages.json", messages),
            Route("/livez", alive),
            Route("/readyz", alive),
        ]
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None
