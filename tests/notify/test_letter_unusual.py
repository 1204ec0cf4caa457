"""What stands in a mail about a surge or a silence: the numbers in words, and no link."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import orjson
import pytest

from chassis.link import Links
from schemas.base import Data
from services.notify import store
from services.notify.domain import decide
from services.notify.figures import length, number, odds, roughly, span
from services.notify.letter import Desk, Letter
from services.notify.names import shipped_names
from services.notify.offices import NATIONAL, OPERATIONS, Agency, Offices
from services.notify.settings import DATA
from tests.notify import facts
from tests.notify.facts import AGENCIES, NOON, later, offices

PUBLISHER = "urn:example:kanal-kota"
KNOWN = replace(offices(), with_address=offices().with_address | {(NATIONAL, OPERATIONS)})
ALL = (
    (facts.surge(),),
    (facts.surge(), facts.surge_ended()),
    (facts.silent(),),
    (facts.silent(), facts.heard_again()),
    (facts.silent(None, PUBLISHER),),
    (facts.silent(None, PUBLISHER), facts.heard_again(None, PUBLISHER)),
)
NAMES = [f"{'-'.join(data.TYPE.split('.')[1:3])}-{getattr(data, 'about', 'place')}" for *_, data in ALL]


def mails(*told: Data, known: Offices = KNOWN, language: str = "id") -> list[EmailMessage]:
    """Return the mails that the last of these events leads to, as they come out of the delivery log."""
    desk = Desk(DATA / "templates", names=shipped_names(), sender="s@salur.test", public_url="https://x.test", links=Links(b"k"), link_days=90)
    state = None
    effects: tuple[Any, ...] = ()
    for minute, data in enumerate(told):
        decision = decide(state, facts.event(data, later(minute)), later(minute), known)
        state, effects = decision.state, decision.effects
    written = [desk.write(_letter(notice, language), known) for notice in effects if notice.state == "queued"]
    return [message_from_bytes(mail.as_bytes(), policy=policy.default) for mail in written]


def _letter(notice: Any, language: str) -> Letter:
    kept = store.matter(orjson.dumps(notice.matter))
    assert kept == notice.matter
    same = {name: getattr(notice, name) for name in ("case_id", "rule", "agency", "role", "meant_for", "at")}
    return Letter(**same, matter=kept, message_id="<n@salur.test>", mailbox="a@salur.test", deputies=(), language=language)


def bodies(mail: EmailMessage) -> list[str]:
    return [" ".join(mail.get_body((kind,)).get_content().split()) for kind in ("plain", "html")]  # type: ignore[union-attr]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("told", ALL, ids=NAMES)
def test_every_such_mail_is_whole_in_both_languages_and_has_neither_link_nor_case(told: tuple[Data, ...], language: str) -> None:
    (mail,) = mails(*told, language=language)
    assert re.match(r"\[(Lonjakan|Tidak aktif)\] ." if language == "id" else r"\[(Surge|Silent)\] .", mail["Subject"])
    assert mail["Auto-Submitted"] == "auto-generated"
    for body in bodies(mail):
        assert "None" not in body
        assert "{" not in body.split("</style>")[-1]
        assert not re.search(r"https?://|<a |<img|<script|/a/", body)
        first, second = ("Surel otomatis", "Sent automatically") if language == "id" else ("Sent automatically", "Surel otomatis")
        assert 0 <= body.index(first) < body.index(second)


def test_a_surge_says_how_many_where_how_long_and_what_is_usual() -> None:
    (mail,) = mails(facts.surge())
    assert mail["Subject"] == "[Lonjakan] Lingkungan hidup dan kehutanan, Kabupaten Bojonegoro: 47 laporan dalam 1 jam"
    for body in bodies(mail):
        assert "47 laporan" in body
        assert "biasanya sekitar 2 pada jam dan hari yang sama, jadi sekitar 24 kali lipat" in body
        assert "usually about 2 at the same hour and weekday, so about 24 times as many" in body
        assert "Senin, 2 Maret 2026 pukul 11.00 sampai 12.00 WIB" in body
        assert "kurang dari 1 banding 1.000.000" in body
        assert "less than 1 in 1,000,000" in body


def test_a_surge_that_was_judged_by_its_number_alone_claims_nothing_about_what_is_usual() -> None:
    (mail,) = mails(facts.surge(rule="absolute", observed=21, expected=0.03))
    for body in bodies(mail):
        assert "jumlah yang besar bagi wilayah mana pun" in body
        assert "biasanya" not in body
        assert "banding" not in body


def test_a_surge_in_the_east_is_told_in_its_own_time_whoever_reads_it() -> None:
    known = replace(KNOWN, agencies={**AGENCIES, "96.71": Agency("Pemerintah Kota Sorong", "96", "Asia/Jayapura")})
    (mail, other) = mails(facts.surge("96.71", "agama"), known=known)
    for body in bodies(mail) + bodies(other):
        assert "Senin, 2 Maret 2026 pukul 13.00 sampai 14.00 WIT" in body


def test_the_end_of_a_surge_sums_it_up() -> None:
    (mail,) = mails(facts.surge(), facts.surge_ended())
    assert mail["Subject"] == "[Lonjakan] Selesai: Lingkungan hidup dan kehutanan, Kabupaten Bojonegoro"
    for body in bodies(mail):
        assert "1.412 laporan" in body
        assert "biasanya sekitar 21; paling banyak 96 dalam 1 jam" in body
        assert "kembali seperti biasa" in body
    lasted = {"from": NOON.isoformat(), "until": (NOON + timedelta(hours=5, minutes=55)).isoformat()}
    (mail,) = mails(facts.surge(), facts.surge_ended(window=lasted))
    assert all("Selama 5 jam 55 menit" in body for body in bodies(mail))
    (mail,) = mails(facts.surge(), facts.surge_ended(reason="lasting"))
    assert all("kini dianggap biasa" in body for body in bodies(mail))


def test_both_mails_of_a_surge_stand_together_in_a_mailbox() -> None:
    (first,), (last,) = mails(facts.surge()), mails(facts.surge(), facts.surge_ended())
    assert first["References"] == last["References"] == f"<{facts.SURGE}@salur.test>"


def test_a_silence_says_who_for_how_long_and_what_waits() -> None:
    (mail,) = mails(facts.silent())
    assert mail["Subject"] == "[Tidak aktif] Dinas Perhubungan: 5 hari kerja tanpa tindak lanjut"
    for body in bodies(mail):
        assert "12 laporan menunggu" in body
        assert "sejak Senin, 23 Februari 2026 pukul 10.10 WIB" in body
        assert "Sebagai instansi di atasnya" in body
    (own,) = mails(facts.silent("ID"))
    assert all("Sebagai instansi di atasnya" not in body for body in bodies(own))


def test_a_stand_in_of_those_who_run_salur_is_told_so() -> None:
    (mail,) = mails(facts.silent(None, PUBLISHER), known=offices())
    for body in bodies(mail):
        assert "ditujukan kepada petugas operasional Salur" in body
        assert "meant for those who run Salur" in body


def test_what_a_publisher_calls_itself_is_data_never_markup_or_header_and_not_endless() -> None:
    evil = "<script>alert(1)</script>{{ 7*7 }}\r\nBcc: all@evil.test " + "x" * 400
    (mail,) = mails(facts.silent(None, evil))
    text, html = bodies(mail)
    assert mail["Bcc"] is None
    assert "<script>" not in html
    assert "x" * 121 not in text + html + mail["Subject"]


@pytest.mark.parametrize(
    ("chance", "id_", "en"),
    [
        (0.0, "kurang dari 1 banding 1.000.000", "less than 1 in 1,000,000"),
        (3.9e-4, "sekitar 1 banding 2.600", "about 1 in 2,600"),
        (0.25, "sekitar 1 banding 4", "about 1 in 4"),
    ],
)
def test_a_chance_is_said_as_odds(chance: float, id_: str, en: str) -> None:
    assert (odds(chance, "id"), odds(chance, "en")) == (id_, en)


def test_numbers_and_stretches_are_said_as_people_say_them() -> None:
    assert (number(1234567, "id"), number(1234567, "en")) == ("1.234.567", "1,234,567")
    assert (roughly(0.4, "id"), roughly(1.8, "en"), roughly(1499.6, "id")) == ("kurang dari 1", "about 2", "sekitar 1.500")
    assert [length(timedelta(minutes=m), "id") for m in (0, 15, 60, 90, 120, 1440)] == ["1 menit", "15 menit", "1 jam", "90 menit", "2 jam", "1 hari"]
    late = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)
    assert span(NOON, NOON + timedelta(minutes=30), "Asia/Jakarta", "en") == "Monday, 2 March 2026, 12:00 to 12:30 WIB"
    night = "Senin, 2 Maret 2026 pukul 23.30 WIB sampai Selasa, 3 Maret 2026 pukul 00.30 WIB"
    assert span(late, late + timedelta(hours=1), "Asia/Jakarta", "id") == night
