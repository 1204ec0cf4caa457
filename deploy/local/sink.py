"""The webhook sink: takes webhooks at any path, verifies them as a receiver should, and shows them; `python -m deploy.local.sink`."""

from collections import deque
from datetime import UTC, datetime
from typing import Any

import orjson
import uvicorn
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chassis.settings import knob
from deploy.local.settings import LocalSettings
from services.notify.channels.signing import SECRET_FILE

MESSAGES = 2_000
MEMORY_BYTES = 64_000_000
BODY_BYTES = 1_000_000
"""The newest messages are shown, up to these limits; one that is larger is not taken."""


class SinkSettings(BaseSettings):
    """What the sink must know besides where it listens."""

    model_config = SettingsConfigDict(env_prefix="SALUR_", extra="ignore", frozen=True)

    notify_webhook_secret: SecretStr | None = knob(None, "what webhooks are signed with; the one in the secrets folder when unset")


class Sink:
    """The newest messages, in memory; `secret` is asked for with each, for the preparation may make it after the sink has started."""

    def __init__(self, local: LocalSettings, given: SinkSettings) -> None:
        self._file = local.secrets_folder / SECRET_FILE
        self._given = given.notify_webhook_secret
        self._messages: deque[bytes] = deque()
        self._bytes = 0
        self._number = 0

    async def take(self, request: Request) -> Response:
        """Answer 204 to a webhook that verifies and 401 to one that does not; both are shown."""
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > BODY_BYTES:
                return Response(status_code=413)
        verified = self._verify(bytes(body), dict(request.headers))
        self._keep(request, bytes(body), verified=verified)
        return Response(status_code=204 if verified else 401)

    def show(self, _: Request) -> Response:
        """Return the messages as a JSON array, the oldest first."""
        return Response(b"[%b]" % b",".join(self._messages), media_type="application/json", headers={"cache-control": "no-store"})

    def _verify(self, body: bytes, headers: dict[str, str]) -> bool:
        try:
            secret = self._given.get_secret_value().split()[0] if self._given else self._file.read_text()
            Webhook(secret).verify(body, headers, json_parse=False)
        except (WebhookVerificationError, OSError, ValueError):
            return False
        return True

    def _keep(self, request: Request, body: bytes, *, verified: bool) -> None:
        self._number += 1
        message: dict[str, Any] = {
            "id": str(self._number),
            "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "path": request.url.path,
            "webhook_id": request.headers.get("webhook-id", ""),
            "content_type": request.headers.get("content-type", ""),
            "verified": verified,
        }
        try:
            kept = orjson.dumps({**message, "body": orjson.loads(body)})
        except ValueError:  # not JSON, or nested too deep
            kept = orjson.dumps({**message, "body": body.decode("utf-8", "replace")})
        self._messages.append(kept)
        self._bytes += len(kept)
        while len(self._messages) > MESSAGES or self._bytes > MEMORY_BYTES:
            self._bytes -= len(self._messages.popleft())


def application(sink: Sink) -> Starlette:
    """Return the web application of one sink."""

    def alive(_: Request) -> Response:
        return Response(b'{"ready":true}', media_type="application/json")

    return Starlette(
        routes=[
            Route("/", lambda _: RedirectResponse("/messages.json")),
            Route("/messages.json", sink.show),
            Route("/livez", alive),
            Route("/readyz", alive),
            Route("/{path:path}", sink.take, methods=["POST"]),
        ]
    )


def main() -> None:
    """Take webhooks until SIGTERM or SIGINT."""
    settings = LocalSettings()
    app = application(Sink(settings, SinkSettings()))
    uvicorn.run(app, host=settings.host, port=settings.sink_port, log_level="warning", timeout_graceful_shutdown=2)


if __name__ == "__main__":
    main()
