"""The page behind a link, as far as it needs nobody else: fields, words, what a reader may see, and what a browser may do with it."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from chassis.link import Link
from schemas.registry import EVENTS
from schemas.words import Clock, State
from services.notify.case import Case
from services.notify.names import shipped_names
from services.notify.offices import Agency, Offices
from services.notify.page.form_view import Typed
from services.notify.page.forms import FORMS
from services.notify.page.limits import Limiter
from services.notify.page.pen import Pen
from services.notify.page.sources import AWAY, HIDDEN, Looked, Part
from services.notify.page.view import Reader, view
from services.notify.settings import DATA
from tests.notify.facts import AGENCIES, CASE, TRACKING

OFFICES = Offices({**AGENCIES, "35.22/dinas-sosial": Agency("Dinas Sosial", "35.22", "Asia/Jakarta")}, frozenset())
PEN = Pen(DATA / "templates" / "page")
NOW = datetime(2025, 4, 9, 3, 5, tzinfo=UTC)
FACTS = Case(TRACKING, "35.22", "complaint", "pekerjaan-umum.jalan-berlubang", "35.22.15")
RESTRICTED = Case(TRACKING, "35.22", "whistleblowing", restricted=True)
EVIL = '"><script>alert(1)</script>{{ 7*7 }}'
ROUTED = {
    "state": "verification",
    "version": 3,
    "owner": "35.22",
    "hops": [{"agency": "35.22", "from": "2025-04-08T01:00:00Z", "until": None, "reason": EVIL}],
    "allowed": ["verify", "transfer", "acknowledge"],
    "because": [EVIL],
}
CLOCK = {"clock": "verification", "agency": "35.22", "state": "running", "due_at": "2025-04-10T16:59:59Z", "ended_at": None, "consumed_percent": 78}
WRITTEN = {
    "title": EVIL,
    "text": f"Jalan rusak\n{EVIL}",
    "location": {"lat": -7.15, "lon": 111.88, "address": EVIL},
    "attachments": [{"url": "https://lapor.example/1.jpg", "size_bytes": 2048}, {"url": "javascript:alert(1)"}],
    "supplements": [{"at": "2025-04-08T09:30:00Z", "text": EVIL}],
}
TRACK = {
    "status": "verification",
    "kind": "complaint",
    "category": "x",
    "history": [{"at": "2025-04-07T02:10:00Z", "what": "complaint.accepted", "who": "system"}],
}


def looked(**parts: Part) -> Looked:
    given = {"case": Part(ROUTED), "deadlines": Part({"deadlines": [CLOCK]}), "content": Part(WRITTEN), "track": Part(TRACK)}
    return Looked(**{**given, **parts})


def shown(
    facts: Case = FACTS, seen: Looked | None = None, *, agency: str = "35.22", language: str = "id", typed: Typed | None = None, **more: Any
) -> str:
    link = Link(CASE, agency, "coordinator", NOW + timedelta(days=90))
    reader = Reader(link, NOW, language, PEN.words[language], OFFICES, shipped_names())
    page = {"done": "", "refused": "", "key": lambda: "a-key", **view(reader, facts, seen or looked(), typed=typed), **more}
    return bytes(PEN.page(page, language).body).decode()


def fields_of(html: str, action: str) -> str:
    found = re.search(rf'<form method="post" action="[^"]*" id="{action}">(.*?)</form>', html, re.DOTALL)
    assert found, f"there is no form to {action}"
    return found[1]


def test_only_the_allowed_actions_are_offered_and_the_likeliest_is_open() -> None:
    html = shown()
    assert re.findall(r'name="action" value="(\w+)"', html) == ["verify", "transfer", "acknowledge"]
    assert re.findall(r'<details class="act"[^>]* open>\s*<summary>([^<]+)', html) == ["Verifikasi"]
    assert html.count('name="version" value="3"') == 3
    assert 'value="Pemerintah Kota Surabaya (35.78)"' in html


def test_work_is_handed_down_to_what_is_below_the_owner_and_not_offered_where_nothing_is() -> None:
    seen = looked(case=Part({**ROUTED, "allowed": ["hand_down"]}))
    assert re.findall(r'<option value="([^"]+)"', fields_of(shown(seen=seen), "hand_down")) == ["35.22/dinas-perhubungan", "35.22/dinas-sosial"]
    unit = looked(case=Part({**ROUTED, "owner": "35.22/dinas-sosial", "allowed": ["hand_down"]}))
    assert "hand_down" not in shown(seen=unit, agency="35.22/dinas-sosial")


def test_whatever_was_written_is_shown_as_text_and_only_web_addresses_become_links() -> None:
    html = shown(typed=Typed("transfer", {"to": EVIL, "reason": EVIL}, {"to": ("agency", 0)}))
    assert "<script" not in html
    assert "49" not in html.replace("&#34;", "")
    assert html.count("&lt;script&gt;") >= 7
    assert re.findall(r'<a href="(?!\?)([^"]+)"', html) == ["https://lapor.example/1.jpg"]
    assert "javascript:alert(1)" in html


def test_a_browser_may_load_and_run_nothing_and_keeps_and_tells_nothing() -> None:
    answer = PEN.notice("gone", 404)
    policy = answer.headers["content-security-policy"]
    style = re.search(r"<style>(.*?)</style>", bytes(answer.body).decode(), re.DOTALL)
    assert style
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert " style=" not in shown()
    assert " on" not in re.sub(r">[^<]*<", "><", shown()).replace(" open", "")


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_page_speaks_one_language_and_says_which(language: str) -> None:
    html = shown(language=language)
    assert f'<html lang="{language}">' in html
    words = {"id": ("Belum Terverifikasi", "Kamis, 10 April 2025", "1 hari lagi"), "en": ("Not yet verified", "Thursday, 10 April 2025", "in 1 day")}
    assert all(word in html for word in words[language])
    assert ('action="?lang=en"' in html) == (language == "en")


def test_the_catalogues_hold_the_same_words_and_every_word_of_the_contract() -> None:
    def keys(words: Any, path: str = "") -> set[str]:
        return {key for name, value in words.items() for key in keys(value, f"{path}/{name}")} if isinstance(words, dict) else {path}

    indonesian, english = (json.loads((DATA / "templates" / "page" / f"{name}.json").read_text()) for name in ("id", "en"))
    assert keys(indonesian) == keys(english)
    assert set(indonesian["states"]) == set(State)
    assert set(indonesian["clocks"]) == set(Clock)
    assert set(indonesian["actions"]) == set(FORMS)
    shown_steps = {
        entry.type.removeprefix("salur.").removesuffix(".v1") for entry in EVENTS.values() if "intake" in entry.readers and not entry.inbound
    }
    assert shown_steps - {"reference.agency"} <= set(indonesian["history"])


@pytest.mark.parametrize(
    ("part", "lost"), [("case", "Status dan tindakan"), ("deadlines", "Tenggat"), ("content", "Isi laporan"), ("track", "Riwayat")]
)
def test_a_service_that_is_away_takes_only_its_own_part_with_it(part: str, lost: str) -> None:
    html = shown(seen=looked(**{part: AWAY}))
    assert f"{lost} tidak dapat ditampilkan saat ini." in html
    rest = {"case": "Verifikasi laporan", "deadlines": "Kamis, 10 April 2025", "content": "Jalan rusak", "track": "Laporan diterima"}
    assert {name for name, words in rest.items() if words not in html} == {part}
    assert "Pemerintah Kabupaten Bojonegoro" in html


def test_who_may_not_read_the_text_reads_no_reasons_either() -> None:
    html = shown(seen=looked(content=HIDDEN, case=Part({**ROUTED, "allowed": []})), agency="35.78")
    assert "hanya dapat dibaca oleh kantor penanggung jawab" in html
    assert "&lt;script&gt;" not in html
    assert "Penanggung jawab laporan ini adalah Pemerintah Kabupaten Bojonegoro." in html


def test_of_a_whistle_blowing_case_its_holder_sees_facts_without_title_and_another_nothing() -> None:
    seen = looked(content=HIDDEN, track=HIDDEN)
    html = shown(RESTRICTED, seen)
    assert "Isi laporan pelanggaran (WBS) tidak ditampilkan" in html
    assert "Belum Terverifikasi" in html
    assert "&lt;script&gt;" not in html
    assert "Verifikasi laporan" in html
    assert "Kamis, 10 April 2025" in shown(RESTRICTED, looked(content=HIDDEN, track=HIDDEN, case=Part({**ROUTED, "allowed": []})), agency="35")
    other = shown(RESTRICTED, looked(content=HIDDEN, track=HIDDEN, case=Part({**ROUTED, "allowed": []})), agency="35.78")
    assert "tidak berada pada kantor Anda" in other
    assert not any(word in other for word in ("Bojonegoro", "10 April 2025", "Belum Terverifikasi", "<form"))


def test_who_closed_a_case_is_said_with_its_state() -> None:
    for who, words in {"system": "Ditutup oleh Sistem", "35.22/coordinator": "Ditutup oleh Admin", "reporter": "Ditutup oleh Pelapor"}.items():
        track = Part({**TRACK, "history": [{"at": "2025-04-08T02:10:00Z", "what": "case.closed", "who": who}]})
        assert words in shown(seen=looked(case=Part({**ROUTED, "state": "closed", "allowed": []}), track=track))


def test_a_breached_deadline_that_is_still_open_stands_before_the_others_and_an_ended_one_behind() -> None:
    breached = {**CLOCK, "clock": "follow_up", "state": "breached", "due_at": "2025-04-07T16:59:59Z", "consumed_percent": 120}
    ended = {**CLOCK, "clock": "decision", "state": "met", "due_at": "2025-04-06T16:59:59Z", "ended_at": "2025-04-05T16:59:59Z"}
    html = shown(seen=looked(deadlines=Part({"deadlines": [CLOCK, ended, breached]})))
    assert html.index("lewat 1 hari") < html.index("1 hari lagi") < html.index("Tenggat yang sudah berakhir (1)") < html.index("Keputusan pelimpahan")


@pytest.mark.parametrize(("language", "words"), [("id", "Jawaban ini bersifat publik"), ("en", "This answer is public")])
def test_whoever_writes_an_answer_is_told_that_everybody_reads_it_and_whom_it_must_not_name(language: str, words: str) -> None:
    form = fields_of(shown(seen=looked(case=Part({**ROUTED, "allowed": ["follow_up"]})), language=language), "follow_up")
    (hint,) = re.findall(r'<p class="hint" id="follow_up-text-hint">([^<]+)</p>', form)
    assert hint == {"id": f"{words}: jangan menyebut identitas pelapor.", "en": f"{words}: do not name the reporter."}[language]


@pytest.mark.parametrize("action", ["transfer", "acknowledge"])
def test_what_must_be_sent_again_keeps_the_version_that_it_had_so_that_it_is_still_the_same(action: str) -> None:
    html = shown(seen=looked(case=AWAY), typed=Typed(action, {"version": "2", "reason": "x"}, key="the-key"))
    assert 'name="key" value="the-key"><input type="hidden" name="version" value="2">' in fields_of(html, action)
    assert 'name="version" value="3"' in fields_of(shown(typed=Typed(action, {"version": "2", "reason": "x"})), action)


def test_what_was_typed_stays_when_the_case_has_moved_on() -> None:
    typed = Typed("transfer", {"reason": "Ruas jalan ini milik kota."})
    assert "Ruas jalan ini milik kota.</textarea>" in fields_of(shown(typed=typed), "transfer")
    gone = shown(seen=looked(case=Part({**ROUTED, "allowed": []})), typed=typed)
    assert "Tulisan Anda yang belum terkirim" in gone
    assert "Ruas jalan ini milik kota." in gone


def test_one_link_may_ask_so_often_a_minute_and_others_do_not_suffer() -> None:
    limiter = Limiter(3, most_links=2)
    assert [limiter.passes("a", 0.0) for _ in range(4)] == [True, True, True, False]
    assert [limiter.passes("b", 0.0) for _ in range(4)] == [True, True, True, False]
    assert [limiter.passes("a", 20.0) for _ in range(2)] == [True, False]
    assert limiter.passes("c", 20.0)  # and the one that rested longest is forgotten
    assert [limiter.passes("b", 20.0) for _ in range(4)] == [True, True, True, False]
