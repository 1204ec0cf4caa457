"""Finds where people name themselves: "nama saya …", "saya bernama …", "nama: …". Pure; looks a few words ahead at most."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_PHRASE: Final = re.compile(
    r"\b(?:nama\s{1,3}(?:lengkap\s{1,3})?saya(?:\s{1,3}(?:adalah|ialah|yaitu))?|saya\s{1,3}bernama|perkenalkan[\s,]{1,3}saya"
    r"|nama(?:\s{1,3}(?:lengkap|pelapor|pengadu|pengirim))?(?=\s{0,3}[:=]))(?:\s{0,3}[:=,])?\s{0,3}",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W\d_]++(?:['\u2019`.-][^\W\d_]++)*+\.?")
_GAP: Final = re.compile(r"[ \t\u00a0]{1,2}")
_MOST_WORDS: Final = 5
_MOST_PLAIN_WORDS: Final = 3
"""Names written without capitals end where the eye sees it; three words are most of them."""
_PARTICLES: Final = frozenset(("bin", "binti", "al", "el", "van", "de"))
_OTHER_WORDS: Final = (
    "ada adalah akan alamat asal atau apa bahwa beralamat berasal belum berdomisili bertempat bukan dan dapat dari dengan di dulu gang "
    "hanya hendak hilang hp ingin ini itu jadi jalan jl juga kami karena ke kenapa keluarga kepada kok kosong kurang lagi lalu malah masih "
    "masuk mau memang mengapa menjadi mohon nik no nomor nya pada padahal perihal rt rw saat sah salah sampai sangat saya sebagai "
    "sebelumnya seharusnya sekarang selaku selalu semua sering seorang sesuai setelah sudah supaya tapi telah tempat tentang terima tetap "
    "tetapi tidak tdk tinggal tsb tersebut ternyata tgl ttl umur untuk usia wa warga yaitu yang yg"
)
_NO_NAME: Final = frozenset(_OTHER_WORDS.split())
"""Words that follow "nama saya" when no name does, and that end a name when one did."""
_VERB: Final = re.compile(r"(?:di|ter)[a-z]{5,}")
"""What was done to the name: "nama saya dicoret", "nama saya terdaftar"."""


def introduced(text: str) -> Iterator[tuple[int, int, str]]:
    """Return the spans of names behind a phrase of introduction."""
    folded = text.casefold()
    for phrase in _PHRASE.finditer(text) if "nama" in folded or "perkenalkan" in folded else ():
        end = _name_end(text, phrase.end())
        if end > phrase.end():
            yield phrase.end(), end, "nama"


def _name_end(text: str, start: int) -> int:
    """Return where the name that begins at `start` ends; `start` itself when there is none."""
    end = at = start
    capitals = text[start : start + 1].isupper()
    for number in range(_MOST_WORDS if capitals else _MOST_PLAIN_WORDS):
        word = _WORD.match(text, at)
        if word is None or not _belongs(word[0].rstrip("."), capitals=capitals, first=number == 0):
            break
        end = word.end()
        gap = _GAP.match(text, end)
        if gap is None:
            break
        at = gap.end()
    return end


def _belongs(word: str, *, capitals: bool, first: bool) -> bool:
    plain = word.casefold()
    if plain in _NO_NAME:
        return False
    if capitals:
        return first or word[0].isupper() or plain in _PARTICLES
    return not _VERB.fullmatch(word)
