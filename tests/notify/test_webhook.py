"""A webhook is signed as the standard says, goes nowhere it may not, and no receiver can make it cost more than its time."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from chassis.settings import SettingsError
from services.notify.channels.attempt import TAKEN, Attempt
from services.notify.channels.signing import new_secret, read_secrets, sign
from services.notify.channels.webhook import WebhookChannel
from services.notify.settings import NotifySettings
from tests.notify import facts
from tests.notify.receiver import BODY, KEYS, Receiver, Request, Send, answer, channel_settings, saying


async def test_a_webhook_carries_the_event_and_the_headers_that_the_official_library_verifies(receiver: Receiver, send: Send) -> None:
    assert await send(receiver.url) == TAKEN
    (request,) = receiver.requests
    assert request.event == {"id": "é"}
    assert request.body == BODY
    assert (request.path, request.headers["content-type"], request.headers["webhook-id"]) == ("/hook", "application/cloudevents+json", "0198-id")
    assert abs(int(request.headers["webhook-timestamp"]) - time.time()) < 5
    with pytest.raises(WebhookVerificationError):
        Webhook(facts.SECRET).verify(request.body + b" ", request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(request.body, request.headers)


def test_while_one_secret_replaces_another_both_verify() -> None:
    old, new = new_secret(), new_secret()
    headers = sign(read_secrets(f"{old} {new}"), "m", int(time.time()), BODY)
    for secret in (old, new):
        Webhook(secret).verify(BODY, headers)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!!", "whsec_c2hvcnQ=", "c2FsdXIgc2FsdXIgc2FsdXIgc2FsdXIgc2FsdXI=", "whsec_" + "QUFB" * 40])
def test_a_secret_that_cannot_be_one_ends_the_start_and_is_not_repeated(secret: str) -> None:
    with pytest.raises(SettingsError, match="SALUR_NOTIFY_WEBHOOK_SECRET must") as refused:
        NotifySettings(notify_webhook_secret=secret).check()
    assert len(secret) < 7 or secret not in str(refused.value)


def test_the_prepared_secret_signs_unless_a_setting_names_another(tmp_path: Path) -> None:
    prepared, given = new_secret(), new_secret()
    assert NotifySettings(secrets=tmp_path).webhook_keys() == ()
    (tmp_path / "webhook.secret").write_text(prepared)
    assert NotifySettings(secrets=tmp_path).webhook_keys() == read_secrets(prepared)
    assert NotifySettings(secrets=tmp_path, notify_webhook_secret=given).webhook_keys() == read_secrets(given)


@pytest.mark.parametrize(
    ("status", "attempt"),
    [
        (200, TAKEN),
        (299, TAKEN),
        (301, Attempt("redirected")),
        (307, Attempt("redirected")),
        (400, Attempt("refused")),
        (404, Attempt("refused")),
        (410, Attempt("gone", for_good=True)),
        (429, Attempt("throttled", away=True)),
        (500, Attempt("server_error")),
        (503, Attempt("server_away", away=True)),
    ],
)
async def test_an_answer_means_what_the_standard_says(receiver: Receiver, send: Send, status: int, attempt: Attempt) -> None:
    other = await Receiver().start()
    receiver.answers = saying(answer(status, f"location: {other.url}", body=b"x" * 100))
    assert await send(receiver.url) == attempt
    assert other.connections == 0, "no redirect is followed"
    await other.stop()


@pytest.mark.parametrize(
    ("asked", "low", "high"),
    [
        ("7", 7, 7),
        ("in ten minutes", 500, 600),
        ("999999999", 3600, 3600),
        ("-5", 0, 0),
        ("soon", 0, 0),
        ("²", 0, 0),
        ("", 0, 0),
    ],
)
async def test_a_receiver_may_say_when_to_come_again(receiver: Receiver, send: Send, asked: str, low: float, high: float) -> None:
    if asked == "in ten minutes":
        asked = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    receiver.answers = saying(b"HTTP/1.1 429 x\r\nRetry-After: " + asked.encode() + b"\r\ncontent-length: 0\r\n\r\n")
    attempt = await send(receiver.url)
    assert low <= attempt.after_seconds <= high


async def _trickle(_request: Request, writer: asyncio.StreamWriter) -> bytes:
    for letter in b"HTTP/1.1 200 OK\r\n" + b"x-slow: 1\r\n" * 1000:
        writer.write(bytes([letter]))
        await writer.drain()
        await asyncio.sleep(0.05)
    return b""


async def _silence(_request: Request, _writer: asyncio.StreamWriter) -> bytes:
    await asyncio.sleep(30)
    return b""


@pytest.mark.parametrize("answers", [_trickle, _silence])
async def test_a_receiver_that_never_comes_to_the_end_of_its_answer_costs_its_time_and_no_more(receiver: Receiver, send: Send, answers: Any) -> None:
    receiver.answers = answers
    began = time.monotonic()
    assert await send(receiver.url, notify_webhook_seconds=0.5) == Attempt("timeout", away=True)
    assert time.monotonic() - began < 1.5


async def _endless(_request: Request, writer: asyncio.StreamWriter) -> bytes:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n")
    for _ in range(16_384):
        writer.write(bytes(65_536))
        await writer.drain()
        SENT[0] += 65_536
    return b""


SENT = [0]


async def test_of_an_endless_answer_a_little_is_read(receiver: Receiver, send: Send) -> None:
    receiver.answers = _endless
    SENT[0] = 0
    began = time.monotonic()
    assert await send(receiver.url, notify_webhook_seconds=10) == TAKEN
    assert time.monotonic() - began < 3
    await asyncio.sleep(0.3)
    assert SENT[0] < 16_000_000, "what lies in buffers, not the gigabyte"


async def _hang_up(_request: Request, writer: asyncio.StreamWriter) -> bytes:
    writer.transport.abort()
    return b""


@pytest.mark.parametrize("answers", [_hang_up, saying(b"SSH-2.0-OpenSSH_9\r\n\r\n"), saying(b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 1_000_000)])
async def test_an_answer_that_is_none_is_a_failure_that_may_pass(receiver: Receiver, send: Send, answers: Any) -> None:
    receiver.answers = answers
    attempt = await send(receiver.url)
    assert (attempt.reason in ("connection_lost", "timeout"), attempt.for_good, attempt.away) == (True, False, True)


async def test_nobody_there_and_a_name_that_nobody_has_are_failures_that_may_pass(receiver: Receiver, send: Send) -> None:
    url = receiver.url
    await receiver.stop()
    assert await send(url) == Attempt("server_away", away=True)
    assert await send("https://nobody.invalid/", notify_webhook_seconds=10) == Attempt("server_away", away=True)


async def test_connections_are_used_again(receiver: Receiver) -> None:
    channel = WebhookChannel(channel_settings())
    for _ in range(20):
        assert await channel.send(receiver.url, "m", BODY, KEYS) == TAKEN
    assert (len(receiver.requests), receiver.connections) == (20, 1)
    await channel.close()
