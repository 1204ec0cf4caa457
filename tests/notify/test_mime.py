"""A mail's bytes, as a foreign parser reads them."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

from hypothesis import given, settings
from hypothesis import strategies as st

from services.notify.mime import Mail

texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=400)
lines = st.lists(texts.map(lambda text: "".join(text.splitlines())), min_size=1, max_size=10).map("\n".join)


def read(mail: Mail) -> EmailMessage:
    return message_from_bytes(mail.as_bytes(), policy=policy.default)  # type: ignore[return-value]


def one(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


@settings(max_examples=60, deadline=None)
@given(texts.map(lambda text: " ".join(text.split())).filter(str.isprintable), lines, lines)
def test_what_is_written_is_what_is_read(subject: str, text: str, html: str) -> None:
    mail = read(Mail((("Subject", subject), ("To", "a@salur.test, b@salur.test")), text, html))
    assert not mail.defects
    assert mail["Subject"] == subject
    assert [address.addr_spec for address in mail["To"].addresses] == ["a@salur.test", "b@salur.test"]
    assert [one(mail, kind).strip("\r\n") for kind in ("plain", "html")] == [text.strip("\r\n"), html.strip("\r\n")]


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text(), st.text())
def test_whatever_is_written_lines_are_short_ascii_and_no_header_is_made_by_a_value(subject: str, text: str, html: str) -> None:
    raw = Mail((("Subject", subject), ("X", "y")), text, html).as_bytes()
    assert raw.isascii()
    assert b"\0" not in raw.split(b"\r\n\r\n")[0]
    assert all(len(line) <= 78 or b" " not in line[9:] for line in raw.split(b"\r\n")), "longer is only what cannot be parted"
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert [name for name, _ in read(Mail((("Subject", subject), ("X", "y")), text, html)).raw_items()] == [
        "Subject",
        "X",
        "MIME-Version",
        "Content-Type",
    ]


def test_a_long_list_of_deputies_is_folded_between_addresses() -> None:
    addresses = [f"deputi.{number}.dinas-perhubungan@salur.test" for number in range(50)]
    mail = Mail((("To", ", ".join(addresses)),), "a", "b")
    assert all(len(line) <= 78 for line in mail.as_bytes().split(b"\r\n"))
    assert [address.addr_spec for address in read(mail)["To"].addresses] == addresses
