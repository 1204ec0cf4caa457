"""What is taken out of a text, what stays in it, and how long that may take."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.inbound.complaint_submitted_v1 import Reporter
from services.intake.redaction import redact, redact_name

REPORTER = Reporter(
    name="Wulan A. Kenariyanti",
    nik="3522 0101 0190 0001",
    phone="+62 812-3456-7890",
    email="wulan.k@contoh.id",
    address="Jl. Melati Putih No. 5, Kec. Dander, Bojonegoro",
)


@pytest.mark.parametrize(
    ("text", "travels"),
    [
        ("NIK 3522010101900001 belum aktif", "NIK [NIK] belum aktif"),
        ("NIK: 3522 0101 0190 0001.", "NIK: [NIK]."),
        ("35.22.01.010190.0001", "[NIK]"),
        ("3522-0101-0190-0001 2 orang", "[NIK] 2 orang"),
        ("NPWP 01.234.567.8-901.000", "NPWP [NPWP]"),
        ("npwp: 012345678901000", "npwp: [NPWP]"),
        ("hubungi 081234567890", "hubungi [telepon]"),
        ("0812 3456 7890 / 0812-3456-7890", "[telepon] / [telepon]"),
        ("+62 812 3456 7890", "[telepon]"),
        ("6281234567890", "[telepon]"),
        ("(0353) 881234", "[telepon]"),
        ("telp 021-7654321", "telp [telepon]"),
        ("WA 8123456789 ya", "WA [telepon] ya"),
        ("08\u200b12\u200b3456\u200b7890", "[telepon]"),
        ("kirim ke wulan.k+lapor@mail.contoh.co.id.", "kirim ke [email]."),
        ("siapa @ contoh.id", "[email]"),
    ],
)
def test_numbers_and_addresses_are_taken_out_however_they_are_written(text: str, travels: str) -> None:
    assert redact(text) == travels


@pytest.mark.parametrize(
    "text",
    [
        "anggaran Rp 1.234.567.890.123 dan Rp. 25.000.000, sisanya Rp750000000",
        "biaya 1.250.000.000.000 rupiah",
        "tahun 2021 2022 2023 2024",
        "tanggal 08-12-2024 08.00 sampai 01-02-2024 - 05-02-2024",
        "2026-11-02 sampai 20261103 20261104",
        "jam 08.00-12.00 13.00-16.00",
        "kode rekening 5.1.02.01.01.0024.00012 dan kegiatan 1.03.10.2.01.0005",
        "RT 005 RW 012, sejak 0,5 km dari KM 12+500",
        "SK nomor 188/123/KPTS/2024, call center 1500-299",
        "koordinat -7.2206, 111.8801",
        "NIP 19850101 201001 1 001",
        "ikuti @gubernur_kami di media sosial",
    ],
)
def test_amounts_dates_hours_and_codes_stay(text: str) -> None:
    assert redact(text, REPORTER) == text


@pytest.mark.parametrize(
    ("text", "travels"),
    [
        ("Saya WULAN melapor", "Saya [nama] melapor"),
        ("wulan a. kenariyanti dan Wulannya", "[nama] dan [nama]"),
        ("Wulandari bukan orang itu", "Wulandari bukan orang itu"),
        ("nomor saya 8123-4567-890", "nomor saya [telepon]"),
        ("rumah di jl melati putih no. 5 RT 3", "rumah di [alamat] RT 3"),
        ("banjir di Kec. Dander, Bojonegoro", "banjir di Kec. Dander, Bojonegoro"),
        ("akun @wulanakenariyanti", "akun @[nama]"),
        ("Kenariyanti, W.", "[nama]."),
    ],
)
def test_what_the_reporter_gave_about_themselves_is_taken_out(text: str, travels: str) -> None:
    assert redact(text, REPORTER) == travels


@pytest.mark.parametrize(
    ("text", "travels"),
    [
        ("nama saya budi santoso dari Kediri mau lapor", "nama saya [nama] dari Kediri mau lapor"),
        ("NAMA SAYA BUDI SANTOSO INGIN MELAPOR", "NAMA SAYA [nama] INGIN MELAPOR"),
        ("Saya bernama Siti binti Ahmad, warga", "Saya bernama [nama], warga"),
        ("Nama : Siti Aminah\nNIK : -", "Nama : [nama]\nNIK : -"),
        ("nama lengkap: Ma'ruf Al-Amin.", "nama lengkap: [nama]."),
        ("Perkenalkan, saya Rina.", "Perkenalkan, saya [nama]."),
        ("nama saya tidak terdaftar di DTKS", "nama saya tidak terdaftar di DTKS"),
        ("Nama saya sudah dicoret", "Nama saya sudah dicoret"),
        ("nama saya terdaftar dua kali", "nama saya terdaftar dua kali"),
        ("nama jalan: Melati", "nama jalan: Melati"),
    ],
)
def test_phrases_in_which_people_name_themselves_lose_the_name(text: str, travels: str) -> None:
    assert redact(text) == travels


def test_a_word_that_stands_for_no_name_does_not_empty_every_text() -> None:
    assert redact("Warga desa melapor, warga lain juga", Reporter(name="Warga")) == "Warga desa melapor, warga lain juga"
    assert redact("hamba allah melapor", Reporter(name="Hamba Allah")) == "hamba allah melapor"
    assert redact("hamba allah melapor", Reporter(name="Hamba Wulan")) == "hamba allah melapor"


def test_an_office_keeps_its_name_though_the_reporter_bears_the_same() -> None:
    public = frozenset({"jawa", "timur"})
    assert redact_name("Provinsi Jawa Timur", Reporter(name="Budi Jawa"), public) == "Provinsi Jawa Timur"
    assert redact_name("35.22/dinas-perhubungan", REPORTER) == "35.22/dinas-perhubungan"
    assert redact_name("Wulan A. Kenariyanti 081234567890", REPORTER, public) == "[nama] [telepon]"
    assert redact_name("Bu Kenariyanti", REPORTER, public) == "Bu [nama]"


WORDS = (
    "nama saya: Nama = 0812 3456 7890 3522010101900001 62 08 +62 1.000 .000 . - ( ) @ a@b.co wulan Wulan A kenariyanti "
    "melati putih jl no 5 rp hp NPWP 012345678901000 01 2024 [nama] [NIK] perkenalkan saya \n , 12 345"
)
PIECES = st.sampled_from(WORDS.split(" "))
TEXTS = st.one_of(st.lists(PIECES, max_size=25).map(" ".join), st.lists(PIECES, max_size=25).map("".join), st.text(max_size=200))


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_taking_out_twice_takes_out_no_more(text: str) -> None:
    once = redact(text, REPORTER)
    assert redact(once, REPORTER) == once


@given(TEXTS, TEXTS)
@settings(max_examples=200, deadline=None)
def test_what_the_reporter_gave_is_gone_wherever_it_stands(before: str, after: str) -> None:
    text = f"{before} | Kenariyanti | wulan.k@contoh.id | 3522010101900001 | {after}"
    left = redact(text, REPORTER).casefold()
    assert re.search(r"(?<![^\W\d_])kenariyanti(?![^\W\d_])", left) is None
    assert "wulan.k@contoh.id" not in left
    assert "3522010101900001" not in left


UNITS = (
    *("1", "1 ", "08", "0812 ", "012.", "123.", "1234.", "2024-", "81234567890 ", "+62", "11 ", "hp 1"),
    *("a", "a@", "a.", "a@a.", "nama saya ", "nama: ", "wulan ", "jl ", "(", "A. "),
)


def seconds(text: str) -> float:
    """Return the processor's time of one redaction, the best of three."""
    spent = []
    for _ in range(3):
        started = time.process_time()
        redact(text, REPORTER)
        spent.append(time.process_time() - started)
    return min(spent)


@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_with_the_length_and_no_faster(unit: str) -> None:
    assert seconds((unit * 20_000)[:20_000]) < 10 * max(seconds((unit * 5_000)[:5_000]), 0.003)
