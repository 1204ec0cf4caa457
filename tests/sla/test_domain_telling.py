"""What `GET …/deadlines` tells of a case: every clock, and each day that counted or did not, in Indonesian and English."""

from __future__ import annotations

import pytest

from schemas.words import Clock, Kind
from services.sla import phrases
from services.sla.because import StepKind
from services.sla.clocks import ChangeKind
from services.sla.phrases import Language
from services.sla.telling import deadlines, language_of
from tests.sla.conftest import Life, wib


def test_each_day_of_a_deadline_is_told_with_why_it_counts_or_does_not(life: Life) -> None:
    life.routed(wib("2025-03-27 10:15"))
    told, _ = deadlines(life.state, wib("2025-04-09 08:52:30"), life.reference)["deadlines"]
    assert (told["state"], told["due_at"], told["consumed_percent"]) == ("running", "2025-04-10T16:59:59Z", 50)
    because = told["because"]
    guide = "petunjuk SP4N-LAPOR! dari KemenPANRB: diteruskan paling lambat 3 hari kerja"
    assert because[0] == f"Kebijakan default-1: verifikasi dalam 3 hari kerja ({guide})."
    assert because[1] == "Dihitung sejak Kamis, 27 Maret 2025 pukul 10.15.00 WIB untuk Pemerintah Kabupaten Bojonegoro."
    assert because[2] == "Kalender kerja id-national-1 menurut waktu Asia/Jakarta."
    assert because[3] == "Kamis, 27 Maret 2025 adalah hari ke-0."
    assert "Senin, 31 Maret 2025 tidak dihitung: Hari Raya Idul Fitri." in because
    assert "Sabtu, 5 April 2025 tidak dihitung: bukan hari kerja (Sabtu)." in because
    assert because[-2:] == ["Kamis, 10 April 2025 adalah hari ke-3.", "Tenggat: Kamis, 10 April 2025 pukul 23.59.59 WIB."]


def test_the_rule_a_deadline_rests_on_is_told_in_the_readers_language(life: Life) -> None:
    life.routed(wib("2025-03-27 10:15"))
    told, _ = deadlines(life.state, wib("2025-03-27 11:00"), life.reference, Language.EN)["deadlines"]
    guide = "KemenPANRB's guide to SP4N-LAPOR!: passed on within 3 working days"
    assert told["because"][0] == f"Policy default-1: verification within 3 working days ({guide})."


def test_what_became_of_each_clock_is_told_too(life: Life) -> None:
    life.routed(wib("2025-03-27 10:15"))
    life.pass_until(wib("2025-04-11 00:00"))
    life.verified(wib("2025-04-11 10:00"))
    first, _, second = deadlines(life.state, wib("2025-04-14 10:00"), life.reference)["deadlines"]
    assert (first["state"], first["level"], first["ended_at"]) == ("breached", 1, "2025-04-11T03:00:00Z")
    assert first["consumed_percent"] > 100
    assert first["because"][-2:] == [
        "Terlampaui; dicatat pada Kamis, 10 April 2025 pukul 23.59.59 WIB.",
        "Berakhir setelah terlampaui pada Jumat, 11 April 2025 pukul 10.00.00 WIB.",
    ]
    assert (second["clock"], second["state"], second["ended_at"]) == ("follow_up", "running", None)


def test_a_pause_more_days_another_kind_and_other_hands_are_told_each_with_its_time(whole: Life) -> None:
    whole.routed(wib("2025-06-16 09:00"))
    whole.transferred(wib("2025-06-16 10:00"), "35.78")
    whole.verified(wib("2025-06-16 11:00"))
    whole.extended(wib("2025-06-17 10:00"), 10)
    whole.reclassified(wib("2025-06-17 11:00"), "information_request")
    whole.deferred(wib("2025-06-18 10:00"))
    whole.resumed(wib("2025-06-19 10:00"))
    whole.deferred(wib("2025-06-23 10:00"))
    assert whole.state is not None
    told = {clock["clock"]: clock for clock in deadlines(whole.state, wib("2025-06-25 10:00"), whole.reference)["deadlines"]}
    resolution, completion = told["resolution"], told["completion"]
    assert (resolution["state"], resolution["due_at"], completion["state"]) == ("paused", "2025-07-09T16:59:59Z", "running")
    assert resolution["pauses"] == [
        {"from": "2025-06-18T03:00:00Z", "until": "2025-06-19T03:00:00Z"},
        {"from": "2025-06-23T03:00:00Z", "until": None},
    ]
    because = resolution["because"]
    assert because[0].startswith("Kebijakan default-1: penyelesaian dalam 5 hari kerja (")
    assert because[1:4] == [
        "Dihitung sejak Senin, 16 Juni 2025 pukul 09.00.00 WIB untuk Pemerintah Kota Surabaya.",
        "Di tangan Pemerintah Kabupaten Bojonegoro sampai Senin, 16 Juni 2025 pukul 10.00.00 WIB; tenggat tidak berubah karenanya.",
        "Diperpanjang 10 hari kerja pada Selasa, 17 Juni 2025 pukul 10.00.00 WIB; tenggat semula Senin, 7 Juli 2025 pukul 23.59.59 WIB.",
    ]
    assert because[4].startswith(
        "Klasifikasi menjadi permintaan informasi pada Selasa, 17 Juni 2025 pukul 11.00.00 WIB; tenggat semula Senin, 21 Juli"
    )
    assert "Dihentikan sementara dari Rabu, 18 Juni 2025 pukul 10.00.00 WIB sampai Kamis, 19 Juni 2025 pukul 10.00.00 WIB." in because
    assert "Rabu, 18 Juni 2025 tidak dihitung: waktu dihentikan sementara pada akhir harinya." in because
    assert any(sentence.startswith("Jumat, 27 Juni 2025 tidak dihitung: Tahun Baru") for sentence in because)
    assert because[-3:] == [
        "Rabu, 9 Juli 2025 adalah hari ke-15.",
        "Tenggat: Rabu, 9 Juli 2025 pukul 23.59.59 WIB.",
        "Dihentikan sementara sejak Senin, 23 Juni 2025 pukul 10.00.00 WIB: menunggu kelengkapan dari pelapor.",
    ]


def test_the_same_is_told_in_english(whole: Life) -> None:
    whole.routed(wib("2025-03-27 10:15"))
    whole.verified(wib("2025-03-27 10:30"))
    whole.extended(wib("2025-03-27 11:00"), 1)
    whole.followed_up(wib("2025-04-08 09:00"))
    assert whole.state is not None
    told = deadlines(whole.state, wib("2025-04-09 10:00"), whole.reference, Language.EN)["deadlines"]
    because = {clock["clock"]: clock["because"] for clock in told}
    assert because["verification"][0].startswith("Policy default-1: verification within 3 working days (")
    assert because["verification"][1:4] == [
        "Counted from Thursday, 27 March 2025 at 10:15:00 WIB for Pemerintah Kabupaten Bojonegoro.",
        "Calendar id-national-1 in Asia/Jakarta.",
        "Thursday, 27 March 2025 is day 0.",
    ]
    assert "Monday, 31 March 2025 does not count: Hari Raya Idul Fitri." in because["verification"]
    assert "Saturday, 5 April 2025 does not count: Saturday." in because["verification"]
    assert because["verification"][-2:] == ["Due Thursday, 10 April 2025 at 23:59:59 WIB.", "Met on Thursday, 27 March 2025 at 10:30:00 WIB."]
    assert (
        "Extended by 1 working day on Thursday, 27 March 2025 at 11:00:00 WIB; it was due Monday, 28 April 2025 at 23:59:59 WIB."
        in because["resolution"]
    )


@pytest.mark.parametrize(
    ("lang", "header", "language"),
    [
        (None, None, "id"),
        (None, "", "id"),
        (None, "en", "en"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "fr, id;q=0.5, en;q=0.8", "en"),
        (None, "en;q=0.2, id-ID;q=0.8", "id"),
        (None, "en;q=0", "id"),
        (None, "en;q=much", "id"),
        (None, "fr", "id"),
        (None, "*", "id"),
        ("en", "id", "en"),
        ("id", "en", "id"),
        ("EN", None, "en"),
        ("fr", "en", "id"),
    ],
)
def test_indonesian_is_spoken_unless_english_is_asked_for(lang: str | None, header: str | None, language: str) -> None:
    assert language_of(lang, header) == language


def test_every_word_of_the_lists_has_its_words_in_both_languages() -> None:
    for language in Language:
        assert set(phrases.CLOCKS[language]) == set(Clock)
        assert set(phrases.KINDS[language]) == set(Kind)
        assert set(phrases.STEPS[language]) == set(StepKind)
        assert set(phrases.STORY[language]) == set(phrases.STORY[Language.ID]) >= {*ChangeKind}
