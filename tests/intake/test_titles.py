"""Titles made of texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.titles import MAX_TITLE, derive_title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Lampu jalan di depan balai desa padam. Mohon diperbaiki.", "Lampu jalan di depan balai desa padam"),
        ("Jalan berlubang antara dua desa\n\nMohon segera diperbaiki.", "Jalan berlubang antara dua desa"),
        ("Bagaimana cara mengurus kartu keluarga yang hilang?", "Bagaimana cara mengurus kartu keluarga yang hilang"),
        ("Assalamualaikum wr. wb.\nSaluran air di Jl. Melati tersumbat sampah.", "Saluran air di Jl. Melati tersumbat sampah"),
        ("Selamat pagi pak. Jembatan putus.", "Jembatan putus"),
        ("Yth. Bapak Bupati, jalan desa kami rusak parah. Tolong.", "jalan desa kami rusak parah"),
        ("Banjir", "Banjir"),
        ("   ", ""),
    ],
)
def test_a_title_is_the_first_sentence_that_says_something(text: str, title: str) -> None:
    assert derive_title(text) == title


def test_a_long_sentence_is_cut_behind_a_word() -> None:
    title = derive_title("Jalan penghubung dua desa berlubang sepanjang kira-kira 400 meter, beberapa pengendara sepeda motor terjatuh")
    assert title == "Jalan penghubung dua desa berlubang sepanjang kira-kira 400 meter, beberapa…"


@given(st.text(max_size=400))
def test_a_title_is_short_stands_on_one_line_and_is_there_when_the_text_is(text: str) -> None:
    title = derive_title(text)
    assert len(title) <= MAX_TITLE
    assert "\n" not in title
    assert title or not any(letter.isalnum() for letter in text)
