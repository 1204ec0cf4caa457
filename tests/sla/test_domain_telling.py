"""What `GET …/deadlines` tells of a case: every clock, and each day that counted or did not, in Indonesian."""

from __future__ import annotations

from services.sla.telling import deadlines
from tests.sla.conftest import Life, wib


def test_each_day_of_a_deadline_is_told_with_why_it_counts_or_does_not(life: Life) -> None:
    life.routed(wib("2025-03-27 10:15"))
    (told,) = deadlines(life.state, wib("2025-04-09 08:52:30"), life.reference)["deadlines"]
    assert (told["state"], told["due_at"], told["consumed_percent"]) == ("running", "2025-04-10T16:59:59Z", 50)
    because = told["because"]
    assert because[0].startswith("Kebijakan default-1: verifikasi dalam 3 hari kerja (")
    assert because[1] == "Dihitung sejak Kamis, 27 Maret 2025 pukul 10.15.00 WIB untuk Pemerintah Kabupaten Bojonegoro."
    assert because[2] == "Kalender kerja id-national-1 menurut waktu Asia/Jakarta."
    assert because[3] == "Kamis, 27 Maret 2025 adalah hari ke-0."
    assert "Senin, 31 Maret 2025 tidak dihitung: Hari Raya Idul Fitri." in because
    assert "Sabtu, 5 April 2025 tidak dihitung: bukan hari kerja (Sabtu)." in because
    assert because[-2:] == ["Kamis, 10 April 2025 adalah hari ke-3.", "Tenggat: Kamis, 10 April 2025 pukul 23.59.59 WIB."]


def test_what_became_of_each_clock_is_told_too(life: Life) -> None:
    life.routed(wib("2025-03-27 10:15"))
    life.pass_until(wib("2025-04-11 00:00"))
    life.verified(wib("2025-04-11 10:00"))
    first, second = deadlines(life.state, wib("2025-04-14 10:00"), life.reference)["deadlines"]
    assert (first["state"], first["level"], first["ended_at"]) == ("breached", 1, "2025-04-11T03:00:00Z")
    assert first["consumed_percent"] > 100
    assert first["because"][-2:] == [
        "Terlampaui; dicatat pada Kamis, 10 April 2025 pukul 23.59.59 WIB.",
        "Berakhir setelah terlampaui pada Jumat, 11 April 2025 pukul 10.00.00 WIB.",
    ]
    assert (second["clock"], second["state"], second["ended_at"]) == ("follow_up", "running", None)
