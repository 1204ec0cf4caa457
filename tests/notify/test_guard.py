"""Where a webhook may go, and that its receiver must prove who it is."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from schemas.targets import read_target
from services.notify.channels import guard
from services.notify.channels.attempt import TAKEN, Attempt
from services.notify.channels.guard import allowed
from tests.notify.receiver import Receiver, Send


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "10.0.0.1", "169.254.169.254"],
)
async def test_without_leave_nothing_of_this_machine_or_a_private_network_is_even_connected_to(receiver: Receiver, send: Send, host: str) -> None:
    for url in (f"https://{host}:{receiver.port}/", f"http://{host}:{receiver.port}/"):
        assert await send(url, notify_allow_loopback=False) == Attempt("target_refused", for_good=True)
    assert receiver.connections == 0


@pytest.mark.parametrize("host", ["169.254.169.254", "0.0.0.0", "[::]", "[fe80::1]", "224.0.0.1", "[::ffff:169.254.169.254]"])
async def test_with_leave_a_cloud_s_own_addresses_stay_out_of_reach(receiver: Receiver, send: Send, host: str) -> None:
    assert await send(f"https://{host}:{receiver.port}/") == Attempt("target_refused", for_good=True)
    assert receiver.connections == 0


async def test_in_the_clear_a_webhook_goes_to_this_machine_only(send: Send) -> None:
    assert await send("http://192.168.1.1/") == Attempt("target_refused", for_good=True)
    assert await send("http://kanal.example.org/") == Attempt("target_refused", for_good=True)


def _addresses(*found: str) -> Callable[..., list[Any]]:
    left = list(found)

    def look_up(_host: str, port: int, **_given: Any) -> list[Any]:
        address = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in address.split()]

    return look_up


@pytest.mark.parametrize("found", ["127.0.0.1", "93.184.216.34 127.0.0.1", "10.1.2.3", "100.64.0.1", "169.254.169.254"])
async def test_a_name_that_points_inward_is_refused_whatever_else_it_points_to(
    receiver: Receiver, send: Send, monkeypatch: pytest.MonkeyPatch, found: str
) -> None:
    monkeypatch.setattr(guard.socket, "getaddrinfo", _addresses(found))
    assert await send(f"https://kanal.example.org:{receiver.port}/", notify_allow_loopback=False) == Attempt("target_refused", for_good=True)
    assert receiver.connections == 0


async def test_a_name_is_asked_for_once_so_that_it_cannot_change_between_the_look_and_the_connection(
    receiver: Receiver, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = await Receiver().start("127.0.0.2", port=receiver.port)
    monkeypatch.setattr(guard.socket, "getaddrinfo", _addresses("127.0.0.2", "127.0.0.1"))
    attempt = await send(f"https://kanal.example.org:{receiver.port}/")  # no TLS is spoken there, but a connection is made
    assert attempt.away
    assert (judged.connections, receiver.connections) == (1, 0)
    await judged.stop()


@pytest.mark.parametrize(
    ("address", "outside", "inside"),
    [
        ("93.184.216.34", True, True),
        ("2606:2800:220:1::1", True, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("192.168.0.1", False, True),
        ("fd00::1", False, True),
        ("100.64.0.1", False, False),
        ("169.254.169.254", False, False),
        ("0.0.0.0", False, False),
        ("255.255.255.255", False, False),
        ("224.0.0.1", False, False),
        ("::ffff:10.0.0.1", False, True),
        ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("2002:7f00:1::", False, True),
        ("2002:a9fe:a9fe::", False, False),
        ("fe80::1", False, False),
    ],
)
def test_addresses_are_judged_by_what_they_stand_for(address: str, outside: bool, inside: bool) -> None:
    assert (allowed(ip_address(address), inward=False), allowed(ip_address(address), inward=True)) == (outside, inside)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.test/",
        "https://",
        "https:///x",
        "//a.test/",
        "https://user@a.test/",
        "https://a.test@b.test/",
        "https://user:pw@a.test/",
        "https://a.test:99999/",
        "https://a.test:x/",
        "https://a.test\\@b.test/",
        "https://a.test/\r\nx: y",
        "https://a b.test/",
        "https://a.test/" + "x" * 2048,
        "https://[::1/",
        "https://[::1]x/",
        "https://[v1.x]/",
        "https://a.test:65536/",
        "https://a.test:0/",
        "https://%61.test/",
        "javascript:alert(1)",
        "",
    ],
)
async def test_what_is_no_plain_url_is_sent_nowhere(send: Send, url: str) -> None:
    assert read_target(url) is None
    assert await send(url) == Attempt("invalid_url", for_good=True)


def test_a_url_is_sent_as_it_stands_but_for_its_fragment() -> None:
    target = read_target("https://Kanal.Example.org:8443/a%20b/ö?x=1&y=%2F ü#part".replace(" ", "%20"))
    assert target is not None
    assert (target.host, target.port, target.path) == ("kanal.example.org", 8443, "/a%20b/%C3%B6?x=1&y=%2F%20%C3%BC")
    assert target.authority == "kanal.example.org:8443"
    assert read_target("HTTPS://Kanal.Example.org:8443/a%20b/ö?x=1&y=%2F%20ü#part") == target
    plain = read_target("https://bücher.example")
    assert plain is not None
    assert (plain.host, plain.authority, plain.path) == ("xn--bcher-kva.example", "xn--bcher-kva.example", "/")


def _certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    pem = serialization.Encoding.PEM
    file.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return file, context


async def test_a_receiver_must_prove_its_name_and_a_self_made_proof_is_none(tmp_path: Path, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    file, tls = _certificate(tmp_path, "localhost")
    receiver = await Receiver().start(tls=tls)
    url = f"https://localhost:{receiver.port}/hook"
    assert await send(url) == Attempt("server_away", away=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    assert await send(url) == TAKEN
    assert await send(url.replace("localhost", "127.0.0.1")) == Attempt("server_away", away=True)
    assert [request.headers["host"] for request in receiver.requests] == [f"localhost:{receiver.port}"]
    await receiver.stop()
