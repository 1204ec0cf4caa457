"""Finds where people name themselves: "nama saya …", "saya bernama …", "a.n. …", "hormat saya, …". Pure; looks a few words ahead at most."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schemas.redaction.seen import Seen, Span
from services.intake.redaction.words import COMMON, HONORIFICS, PLAIN, plain

_S: Final = "[ \t\u00a0]{1,3}"
_COLON: Final = "[ \t\u00a0]{0,3}[:=][ \t\u00a0]{0,3}"
_IS: Final = rf"(?:{_S}(?:adalah|ialah|yaitu|yakni))?(?:[ \t]{{0,3}}[:=,])?[ \t\u00a0]{{0,3}}"
_KIN: Final = "anak|istri|isteri|suami|ibu|ayah|bapak|orang tua|adik|kakak"
_WHO: Final = "lengkap|panggilan|pelapor|pengadu|pengirim|pemohon|pemilik|warga|kepala keluarga"
_MINE: Final = rf"nama(?:(?:{_S}(?:lengkap|asli|panggilan))?{_S}(?:saya|sy|aku|gue)\b|ku\b|{_S}(?:{_KIN}){_S}saya\b){_IS}"
_FOLLOWS: Final = (
    "warga dari selaku sebagai asal umur usia beralamat tinggal ingin mau hendak bermaksud melaporkan melapor mengadu mengadukan bekerja ketua "
    "penduduk pelanggan siswa mahasiswa pensiunan guru dengan umur nik"
)
"""What stands behind "Saya Budi": what the one named is, or wants."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Begins with one of the anchors; `loose`: names without capitals are read too; `ends`: nothing may follow in the line."""

    anchors: tuple[str, ...]
    pattern: re.Pattern[str]
    loose: bool = True
    ends: bool = False


_PHRASES: Final = (
    _Phrase(("nama",), re.compile(rf"{_MINE}|nama(?:{_S}(?:{_WHO}))?{_COLON}")),
    _Phrase(("bernama",), re.compile(rf"(?<=saya )bernama(?:[ \t]{{0,2}}[:=])?{_S}")),
    _Phrase(("perkenalkan",), re.compile(rf"perkenalkan[ ,]{{1,3}}(?:nama{_S})?(?:saya|sy|aku)(?:{_S}(?:adalah|bernama))?[ ,:]{{1,3}}")),
    _Phrase(("my name", "my full name"), re.compile(rf"my{_S}(?:full{_S})?name(?:{_S}is|['\u2019]s)[ :]{{1,3}}")),
    _Phrase(
        ("atas nama", "a.n", "a. n", "a/n", "an. "),
        re.compile(rf"(?:atas{_S}nama|a\. ?n\b\.?|a/n\b\.?|(?<!\d )an\.)[ \t\u00a0]{{0,3}}[:=]?[ \t\u00a0]{{0,3}}"),
        loose=False,
    ),
    _Phrase(
        ("hormat", "tertanda", "ttd", "pelapor", "pengirim", "pengadu", "pemohon"),
        re.compile(r"(?:hormat[ \t]{1,3}(?:saya|kami)|hormat|tertanda|ttd|pelapor|pengirim|pengadu|pemohon)[ \t]{0,3}[.:,\n][\s(]{0,6}"),
        ends=True,
    ),
)
_ANCHORS: Final = [(anchor, phrase) for phrase in _PHRASES for anchor in phrase.anchors]
_SAYA: Final = re.compile(r"saya,? (?=[^\W\d_])")
_SENTENCE: Final = ".!?,;:\n"
_WORD: Final = re.compile(r"[^\W\d_]++(?:['\u2019`.-][^\W\d_]++)*+\.?")
_GAP: Final = re.compile("[ \t\u00a0]{1,2}")
_MOST_HONORIFICS: Final = 2
_MOST_WORDS: Final = 5
_MOST_PLAIN_WORDS: Final = 3
"""Names written without capitals end where the eye sees it; three words are most of them."""
_INITIAL: Final = 3
_CUT_SHORT: Final = frozenset(("moh", "muh", "moch", "much", "abd", "drs", "dra", "sdr", "alm"))
_PARTICLES: Final = frozenset(("bin", "binti", "al", "el", "van", "de"))
_FOLLOW: Final = frozenset(_FOLLOWS.split())
_FOLLOW_ANY: Final = frozenset(["warga", "dari", "umur", "usia", "beralamat", "selaku", "asal", "penduduk", "nik"])
"""Those that no verb or feeling stands before: "saya kapok, ingin pindah" names nobody."""
_VERB: Final = re.compile(r"di[a-z]{3,}(?:kan|i)|ter[a-z]{5,}|(?:meng|mem|men|ber)[a-z]{4,}")
"""What was done to the name, or what its bearer does: "nama saya dihapuskan", "terdaftar"."""


def introduced(seen: Seen) -> Iterator[Span]:
    """Return the spans of names behind a phrase of introduction."""
    low = seen.low
    for anchor, phrase in _ANCHORS:
        if anchor in low:
            yield from _behind(seen, phrase, anchor)
    if "saya" in low:
        yield from _saya(seen)


def _behind(seen: Seen, phrase: _Phrase, anchor: str) -> Iterator[Span]:
    at = seen.low.find(anchor)
    while at >= 0:
        begun = phrase.pattern.match(seen.low, at) if at == 0 or not seen.low[at - 1].isalpha() else None
        after = at + len(anchor)
        if begun is not None:
            start, end, count = _name(seen, begun.end(), loose=phrase.loose)
            if count and not (phrase.ends and _goes_on(seen, end)):
                yield start, end, "nama"
                after = end
        at = seen.low.find(anchor, after)


def _saya(seen: Seen) -> Iterator[Span]:
    """Return the spans of names in "Saya Budi Santoso, warga …", where the sentence begins with it."""
    at = seen.low.find("saya")
    while at >= 0:
        begun = _SAYA.match(seen.low, at)
        if begun is not None and (not (before := seen.text[max(0, at - 3) : at].rstrip(" ")) or before[-1] in _SENTENCE):
            start, end, count = _name(seen, begun.end(), loose=False)
            if count and _is_followed(seen, end, sure=seen.text[start].isupper() and seen.text[at + 1].islower()):
                yield start, end, "nama"
        at = seen.low.find("saya", at + 4)


def _is_followed(seen: Seen, end: int, *, sure: bool) -> bool:
    """Tell whether what follows tells of a person; a comma does where the name has capitals of its own."""
    if sure and seen.text[end : end + 1] in ("", ",", ".", "\n"):
        return True
    word = _WORD.match(seen.low, end + 2 if seen.text[end : end + 1] == "," else end + 1)
    return word is not None and word[0] in (_FOLLOW if sure else _FOLLOW_ANY)


def _goes_on(seen: Seen, end: int) -> bool:
    """Tell whether words follow a name in its line."""
    return seen.text[end : end + 2].lstrip(" \t,")[:1].isalpha()


def _name(seen: Seen, start: int, *, loose: bool) -> tuple[int, int, int]:
    """Return where the name that begins here begins and ends, behind what it is addressed by, and its count of words; 0 of them: none."""
    word = _WORD.match(seen.text, start)
    for _ in range(_MOST_HONORIFICS):
        if word is not None and word[0].rstrip(".").lower() in HONORIFICS and (gap := _GAP.match(seen.text, word.end())) is not None:
            start = gap.end()
            word = _WORD.match(seen.text, start)
    end, count = start, 0
    capitals, shouted = seen.text[start : start + 1].isupper(), seen.text[start : start + 3].isupper()
    most = _MOST_WORDS if capitals else _MOST_PLAIN_WORDS
    while count < most and word is not None and _belongs(word[0].rstrip("."), count, capitals=capitals, shouted=shouted, loose=loose):
        end, count = word.end(), count + 1
        gap = None if _ends_sentence(word[0]) else _GAP.match(seen.text, end)
        word = None if gap is None else _WORD.match(seen.text, gap.end())
    return start, end - seen.text.endswith(".", start, end), count


def _ends_sentence(word: str) -> bool:
    """Tell whether the dot behind a word ends the sentence; behind an initial, or what is cut short in names, it does not."""
    return word.endswith(".") and len(word) > _INITIAL and word[:-1].lower() not in _CUT_SHORT


def _belongs(word: str, number: int, *, capitals: bool, shouted: bool, loose: bool) -> bool:
    """Tell whether a word is a name's; what has no capitals, or nothing but, ends at the first word of another sort."""
    low = plain(word.lower())
    if low in PLAIN:
        return False
    if not capitals:
        return not _VERB.fullmatch(low) and (loose or low not in COMMON)
    if shouted:
        return word.isupper() and not (number and _VERB.fullmatch(low))
    return word[0].isupper() or low in _PARTICLES
