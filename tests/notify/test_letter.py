"""What stands in a mail, and what can never get into one."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from chassis.link import Link, Links
from chassis.settings import SettingsError
from services.notify.addresses import read_mailboxes
from services.notify.case import Matter
from services.notify.letter import Desk, Letter
from services.notify.names import Names, shipped_names
from services.notify.offices import Agency, Offices
from services.notify.rules import RULES
from services.notify.settings import DATA
from services.notify.wording import distance, moment
from tests.notify.facts import AGENCIES, CASE, TRACKING

DUE = datetime(2025, 4, 10, 16, 59, 59, tzinfo=UTC)
FULL = Matter(
    TRACKING,
    kind="complaint",
    category="pekerjaan-umum.jalan-berlubang",
    region="35.22.15",
    owner="35.22",
    from_="35.78",
    to="35.78",
    clock="verification",
    agency="35.22",
    due_at=DUE,
    percent=75,
    level=1,
)


LINKS = Links(b"a key of this test")
AT = DUE - timedelta(days=1, hours=9)


def write(rule: str, matter: Matter = FULL, *, names: Names | None = None, agencies: dict[str, Agency] = AGENCIES, **more: Any) -> EmailMessage:
    url = "https://salur.example/x/"
    desk = Desk(DATA / "templates", names=names or shipped_names(), sender="salur@salur.test", public_url=url, links=LINKS, link_days=90)
    given = {"agency": "35.22", "role": "coordinator", "meant_for": None, "mailbox": "koordinator.35.22@salur.test", "deputies": []}
    letter = Letter(case_id=CASE, rule=rule, matter=matter, message_id="<n@salur.test>", **{**given, "at": AT, "language": "id"} | more)
    return message_from_bytes(desk.write(letter, Offices(agencies, frozenset())).as_bytes(), policy=policy.default)  # type: ignore[return-value]


def bodies(mail: EmailMessage) -> list[str]:
    """Return text and HTML; where lines break does not matter here."""
    return [" ".join(mail.get_body((kind,)).get_content().split()) for kind in ("plain", "html")]  # type: ignore[union-attr]


def link_in(body: str) -> str:
    """Return the one address that a body holds."""
    (address,) = re.findall(r"https?://[^\s\"<]+", body)
    return address


@pytest.mark.parametrize(
    ("at", "zone", "id_", "en"),
    [
        (DUE, "Asia/Jakarta", "Kamis, 10 April 2025 pukul 23.59 WIB", "Thursday, 10 April 2025 at 23:59 WIB"),
        (DUE, "Asia/Makassar", "Jumat, 11 April 2025 pukul 00.59 WITA", "Friday, 11 April 2025 at 00:59 WITA"),
        (DUE, "Asia/Jayapura", "Jumat, 11 April 2025 pukul 01.59 WIT", "Friday, 11 April 2025 at 01:59 WIT"),
        (datetime(2026, 8, 2, 1, 5, tzinfo=UTC), "Asia/Jakarta", "Minggu, 2 Agustus 2026 pukul 08.05 WIB", "Sunday, 2 August 2026 at 08:05 WIB"),
    ],
)
def test_a_moment_is_said_in_the_local_time_and_words_of_the_agency(at: datetime, zone: str, id_: str, en: str) -> None:
    assert (moment(at, zone, "id"), moment(at, zone, "en")) == (id_, en)


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_every_mail_begins_its_subject_with_the_tracking_id_and_has_one_link_for_the_office_that_is_told(rule: str) -> None:
    mail = write(rule, agency="35", role="liaison")
    assert mail["Subject"].startswith(f"[{TRACKING}] ")
    assert len(mail["Subject"]) > len(TRACKING) + 10
    for body in bodies(mail):
        place, _, token = link_in(body).rpartition("/")
        assert place == "https://salur.example/x/a"
        assert LINKS.read(token, AT) == Link(CASE, "35", "liaison", (AT + timedelta(days=90)).replace(microsecond=0))
        assert LINKS.read(token, AT + timedelta(days=90)) is None
        assert TRACKING in body
        assert "None" not in body
        assert "{" not in body.split("</style>")[-1]


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_every_mail_can_be_written_of_a_case_of_which_only_the_event_itself_is_known(rule: str) -> None:
    bare = Matter(TRACKING, owner="35.22", from_="35", clock="verification", agency="35.22", due_at=DUE, percent=50, level=1)
    for body in bodies(write(rule, bare)):
        assert "None" not in body


def test_the_copies_of_a_notice_are_equal_whenever_they_are_made() -> None:
    first, second = write("breached", at=DUE), write("breached", at=DUE)
    assert bodies(first) == bodies(second)


@pytest.mark.parametrize(
    ("at", "percent", "id_", "en"),
    [
        (DUE - timedelta(days=2, hours=5), 75, "tersisa 2 hari, 75% waktu terpakai", "2 days left, 75% of the time used"),
        (DUE - timedelta(hours=5), 90, "tersisa 5 jam, 90% waktu terpakai", "5 hours left, 90% of the time used"),
        (DUE + timedelta(days=4), 120, "sudah lewat 4 hari", "overdue by 4 days"),
    ],
)
def test_a_mail_says_how_far_the_deadline_is_from_the_moment_at_which_it_was_made(at: datetime, percent: int, id_: str, en: str) -> None:
    matter = replace(FULL, percent=percent)
    assert all(f"Saat surel ini dibuat: {id_}" in body for body in bodies(write("warned", matter, at=at)))
    assert all(f"When this mail was made: {en}" in body for body in bodies(write("warned", matter, at=at, language="en")))


@pytest.mark.parametrize(
    ("apart", "words"),
    [
        (timedelta(days=2, hours=23), ("2 hari", "2 days")),
        (timedelta(days=-1), ("1 hari", "1 day")),
        (timedelta(hours=23, minutes=59), ("23 jam", "23 hours")),
        (timedelta(seconds=3), ("1 menit", "1 minute")),
    ],
)
def test_a_distance_is_said_in_its_largest_whole_unit(apart: timedelta, words: tuple[str, str]) -> None:
    assert (distance(DUE, DUE + apart, "id"), distance(DUE, DUE + apart, "en")) == words


@pytest.mark.parametrize(
    ("apart", "words"),
    [
        (timedelta(hours=5, minutes=55), ("5 jam 55 menit", "5 hours 55 minutes")),
        (timedelta(days=3, hours=1, minutes=59), ("3 hari 1 jam", "3 days 1 hour")),
        (timedelta(days=3, minutes=59), ("3 hari", "3 days")),
        (timedelta(minutes=7, seconds=59), ("7 menit", "7 minutes")),
    ],
)
def test_what_lasted_is_said_in_two_units_that_stand_beside_each_other(apart: timedelta, words: tuple[str, str]) -> None:
    assert (distance(DUE, DUE + apart, "id", units=2), distance(DUE, DUE + apart, "en", units=2)) == words


def test_a_case_that_others_may_not_receive_is_not_asked_to_be_channelled_and_its_kind_is_not_named() -> None:
    mail = write("new-case", Matter(TRACKING, reserved=True, owner="ID"), agency="ID")
    assert mail["Subject"] == f"[{TRACKING}] Laporan baru"
    for body in bodies(mail):
        first, second = "Laporan ini hanya boleh diterima Koordinator Nasional, karena", "Only Koordinator Nasional may receive this case, since"
        assert 0 <= body.index(first) < body.index(second)
        assert not re.search("ditentukan|menyalurkannya|to be channelled|channel it|whistle|WBS|pelanggaran", body)
    for body in bodies(write("new-case", Matter(TRACKING, triage=True, owner="35"), agency="35")):
        assert "memverifikasi dan menyalurkannya kepada instansi yang berwenang" in body


def test_a_mail_loads_nothing_and_runs_nothing() -> None:
    for rule in RULES:
        html = bodies(write(rule.name))[1]
        assert not re.search(r"<(img|script|link|iframe|object|form)|url\(|@import|https?://(?!salur\.example/x/a/)", html)


def test_a_mail_is_indonesian_first_and_says_that_a_machine_wrote_it() -> None:
    mail = write("warned")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == "<n@salur.test>"
    assert mail["List-Unsubscribe"] is None
    assert "Kamis, 10 April 2025 pukul 23.59 WIB" in mail["Subject"]
    for body in bodies(mail):
        assert 0 <= body.index("Tenggat verifikasi mendekat") < body.index("Deadline for verification approaching")
        assert "Kecamatan Bojonegoro, Kabupaten Bojonegoro, Jawa Timur" in body


def test_an_office_that_asked_for_english_reads_it_first() -> None:
    mail = write("new-case", language="en")
    assert "New case" in mail["Subject"]
    assert all(body.index("New case") < body.index("Laporan baru") for body in bodies(mail))
    assert all(link_in(body).endswith("?lang=en") for body in bodies(mail))


def test_deputies_get_the_mail_too() -> None:
    assert write("new-case", deputies=["wakil@salur.test"])["To"] == "koordinator.35.22@salur.test, wakil@salur.test"


def test_a_stand_in_is_told_for_whom_the_notice_was_meant() -> None:
    for body in bodies(write("new-case", agency="35", meant_for="35.22")):
        assert "ditujukan kepada admin koordinator Pemerintah Kabupaten Bojonegoro" in body


EVIL = "{{ 7*7 }}{% for x in [1] %}<script>alert(1)</script>{% endfor %}\r\nBcc: all@evil.test\u2028x\x00"


def test_names_are_data_never_template_markup_or_header() -> None:
    agencies = {**AGENCIES, "35.22": Agency(EVIL, "35", "Asia/Jakarta")}
    names = Names({FULL.category: EVIL}, {"35.22.15": EVIL})  # type: ignore[dict-item]
    for rule in RULES:
        mail = write(rule.name, agencies=agencies, names=names)
        text, html = bodies(mail)
        assert mail["Bcc"] is None
        assert "\n" not in mail["Subject"]
        assert "\x00" not in mail["Subject"]
        assert "49" not in (mail["Subject"] + text).replace(TRACKING, "")
        assert "<script>" not in html
        assert "&lt;script&gt;" in html


def test_line_breaks_in_a_tracking_id_or_address_cannot_make_a_header() -> None:
    mail = write("new-case", Matter("A\r\nBcc: x@evil.test", owner="35.22"), mailbox="a@salur.test\r\nBcc: x@evil.test")
    assert mail["Bcc"] is None
    assert "\n" not in mail["To"]


@pytest.mark.parametrize(
    "line",
    [
        "35.22,coordinator,a@salur.test\tb@evil.test,,id",
        "35.22,coordinator,no address,,id",
        "35.22,reporter,a@salur.test,,id",
        "35.22,liaison,a@salur.test,,xx",
    ],
)
def test_a_file_of_mailboxes_with_a_wrong_line_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    file = tmp_path / "mailboxes.csv"
    file.write_text(f"agency,role,mailbox,deputies,language\n35,coordinator,a@salur.test,b@salur.test c@salur.test,id\n{line}\n")
    with pytest.raises(SettingsError, match="line 3"):
        read_mailboxes(file)


def test_the_shipped_mailboxes_serve_every_agency_of_the_directory_under_a_reserved_domain() -> None:
    rows = read_mailboxes(DATA / "mailboxes.csv")
    with (DATA / "agencies.csv").open(encoding="utf-8", newline="") as lines:
        agencies = {row["code"] for row in csv.DictReader(lines)}
    offices = {(code, role) for code in agencies for role in ("coordinator", "liaison")}
    assert {(row[0], row[1]) for row in rows} == offices | {("ID", "operations")}
    assert all(row[2].endswith("@salur.test") for row in rows)
    assert len({row[2] for row in rows}) == len(rows)
