"""What must be found nowhere: a reporter of whom every field is unmistakable, their complaint in every shape, and words of secret texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.system.identity import disguises

REPORTER = {
    "name": "Qorvexindra Zulmatyani",
    "nik": "3522014404907788",
    "phone": "0813-7766-5544",
    "email": "qorvex.zulmat@kenarisuci.id",
    "address": "Jl. Pelangi Kelabuxa No. 77, Dukuh Mbesikwojo RT 09 RW 04",
}
STRANGER = "Wuxolindra Pratiksora"
"""Names themselves in a text; the vault knows nobody of this name."""
TELLING = (
    "Jalan di depan pasar berlubang. Nama saya QORVEXINDRA Zulmatyani, NIK 3522 0144 0490 7788 (3522014404907788, 35.22.01.440490.7788), "
    "HP +62 813 7766 5544, 0813.7766.5544, 81377665544 atau nol delapan satu tiga tujuh tujuh enam enam lima lima empat empat, "
    "email Qorvex.Zulmat@kenarisuci.id atau qorvex.zulmat (at) kenarisuci [dot] id, rumah di jalan pelangi kelabuxa 77. "
    f"Tanya Bu Zulmatyani atau zulmatyani_qorvexindra. Perkenalkan teman saya; saya bernama {STRANGER}, rekening a.n. {STRANGER}."
)
QUOTING = (
    "Pelapor NIK 3522 0144 0490 7788 (3522014404907788) telah dihubungi di +62 813 7766 5544, 0813.7766.5544 dan nol delapan satu tiga tujuh tujuh "
    "enam enam lima lima empat empat, dan disurati di Qorvex.Zulmat@kenarisuci.id atau qorvex.zulmat (at) kenarisuci [dot] id."
)
"""What an office writes that should not: of a person that routing does not know, so only what has a shape can be found."""
TITLE = "Laporan Qorvexindra, WA 081377665544"
PLACE, TEXT, WRONG = "gedungsembunyixq", "burungkenarirahasiaxq", "surattersesatxq"
"""Words that no redaction knows: of where it is, of texts that do not travel, of submissions that are refused."""
IDENTITY = (
    *("qorvexindra", "zulmatyani", "wuxolindra", "pratiksora", "qorvex.zulmat", "kenarisuci", "kelabuxa", "mbesikwojo"),
    *("22014404907", "0144 0490", "01.440490", "77665544", "7766 5544", "7766-5544", "7766.5544", "tujuh tujuh enam enam"),
)
UNWRITTEN = ("mbesikwojo",)
"""Of the reporter's fields, and in no text."""
STEMS = (*IDENTITY, PLACE, TEXT, WRONG)
_LOOKED_FOR = {stem: {disguise.lower() for disguise in disguises(stem)} for stem in STEMS}


def found(text: str, stems: tuple[str, ...] = STEMS) -> list[str]:
    """Return which canaries a text holds, as they are or in base64, hexadecimal, a URL, HTML or JSON."""
    low = text.lower()
    return [stem for stem in stems if any(disguise in low for disguise in _LOOKED_FOR[stem])]


def taken() -> Iterator[dict[str, Any]]:
    """Return submissions that become cases; nothing of their canaries may travel."""
    hidden = {"location": {"lat": -7.15, "lon": 111.88, "address": PLACE}, "attachments": [{"url": f"https://contoh.id/{PLACE}.jpg"}]}
    home: dict[str, Any] = {"location": {"lat": -7.15, "lon": 111.88, "address": REPORTER["address"]}}
    home["attachments"] = [{"url": f"https://contoh.id/{REPORTER['name'].replace(' ', '%20')}.jpg"}]
    telling = {"text": TELLING, "title": TITLE, "reporter": REPORTER, "region": "35.22", **hidden}
    secret = {**telling, "text": f"{TEXT}. {TELLING}", "title": TEXT}
    yield telling
    yield {**telling, "text": TELLING.upper(), "title": None}
    yield {**telling, "title": TITLE.lower(), "text": TELLING.lower(), "anonymous": True, **home}
    yield {"text": f"Lampu padam. Perkenalkan, saya {STRANGER}, warga. Hormat saya,\n{STRANGER}", "region": "35.22"}
    yield {**telling, "category": "jalan di rumah Zulmatyani", "addressed_to": "Bu Qorvexindra 0813-7766-5544", "channel": "sms"}
    yield {**telling, "nama": REPORTER["name"], "reporter": {**REPORTER, "ibu": REPORTER["name"]}, "extra": [{"nik": REPORTER["nik"]}]}
    yield {**secret, "confidential": True}
    yield {**secret, "confidential": True, "kind": "oversight_complaint"}
    yield {**secret, "kind": "whistleblowing"}


def refused() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return submissions that are refused, each with what is wrong: the canaries stand where the answer might repeat them."""
    good = {"text": f"{WRONG} {TELLING}", "title": f"{WRONG} {TITLE}", "reporter": REPORTER}
    yield "region", {**good, "region": WRONG}
    yield "channel", {**good, "channel": WRONG}
    yield "kind", {**good, "kind": TITLE}
    yield "reporter", {**good, "reporter": f"{WRONG} {TELLING}"}
    yield "name", {**good, "reporter": {**REPORTER, "name": [REPORTER["name"]]}}
    yield "nik", {**good, "reporter": {**REPORTER, "nik": f"{REPORTER['nik']}{WRONG}" * 20}}
    yield "title", {**good, "title": TITLE * 20}
    yield "text", {**good, "text": TELLING * 100}
    yield "submitted_at", {**good, "submitted_at": f"{WRONG} 2026"}
    yield "future", {**good, "submitted_at": "2999-01-01T00:00:00Z"}
    yield "reply_to", {**good, "reply_to": f"ftp://{WRONG}"}
    yield "attachments", {**good, "attachments": [{"url": TELLING * 10}] * 11}
    yield "location", {**good, "location": {"lat": WRONG, "lon": 1, "address": PLACE}}
