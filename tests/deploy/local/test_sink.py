"""The webhook sink: what verifies is taken, what does not is refused, and both are shown, within bounds."""

import time
from collections.abc import AsyncIterator

import httpx
import pytest
from standardwebhooks import Webhook

from deploy.local import sink
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Stack
from services.notify.channels.signing import SECRET_FILE, new_secret, read_secrets, sign

SECRET = new_secret()


@pytest.fixture
async def client(settings: LocalSettings) -> AsyncIterator[httpx.AsyncClient]:
    settings.secrets_folder.mkdir(parents=True)
    (settings.secrets_folder / SECRET_FILE).write_text(SECRET)
    stack = Stack(settings, parts={"sink"})
    await stack.start()
    try:
        assert stack.addresses["sink"] == f"http://127.0.0.1:{settings.sink_port}"
        async with httpx.AsyncClient(base_url=stack.addresses["sink"], trust_env=False) as client:
            yield client
    finally:
        await stack.stop()


async def post(client: httpx.AsyncClient, body: bytes, *, secret: str = SECRET, path: str = "/kanal/a", at: float = 0) -> int:
    headers = sign(read_secrets(secret), "m-1", int(time.time() + at), body) | {"content-type": "application/cloudevents+json"}
    Webhook(secret)  # the official library takes the same secrets
    return (await client.post(path, content=body, headers=headers)).status_code


async def test_what_was_taken_and_what_was_refused_is_shown(client: httpx.AsyncClient) -> None:
    assert (await client.get("/messages.json")).json() == []
    assert await post(client, b'{"id":"1"}') == 204
    assert await post(client, b'{"id":"2"}', secret=new_secret()) == 401
    assert await post(client, b'{"id":"3"}', at=-3600) == 401
    assert await post(client, b"not JSON", path="/") == 204
    assert (await client.post("/unsigned", content=b"{}")).status_code == 401
    shown = (await client.get("/messages.json")).json()
    assert [(one["id"], one["verified"], one["path"], one["body"]) for one in shown] == [
        ("1", True, "/kanal/a", {"id": "1"}),
        ("2", False, "/kanal/a", {"id": "2"}),
        ("3", False, "/kanal/a", {"id": "3"}),
        ("4", True, "/", "not JSON"),
        ("5", False, "/unsigned", {}),
    ]
    assert set(shown[0]) == {"id", "at", "path", "webhook_id", "content_type", "verified", "body"}
    assert (shown[0]["webhook_id"], shown[0]["content_type"]) == ("m-1", "application/cloudevents+json")


async def test_the_oldest_go_and_what_is_too_large_is_not_taken(client: httpx.AsyncClient) -> None:
    assert await post(client, b"x" * (sink.BODY_BYTES + 1)) == 413
    large = b'"' + b"x" * (sink.BODY_BYTES - 2) + b'"'
    for _ in range(sink.MEMORY_BYTES // sink.BODY_BYTES + 2):
        assert await post(client, large) == 204
    assert await post(client, b'"last"') == 204
    answer = await client.get("/messages.json")
    assert sink.MEMORY_BYTES * 0.9 < len(answer.content) <= sink.MEMORY_BYTES * 1.01
    assert answer.json()[-1]["body"] == "last"
