"""Times, regions, texts and ids that are read only when they are right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tests.poison.record import MARK, TYPE, Poison, Writer

AHEAD = timedelta(hours=24)


def corpus(write: Writer) -> Iterator[Poison]:
    yield from _filed(write)
    yield from _around_now(write)
    yield from _happened(write)
    yield from _regions(write)
    yield from _texts(write)
    yield from _copies(write)


GOOD_TIMES = {
    "UTC": "2026-01-02T03:04:05Z",
    "a small t and z": "2026-01-02t03:04:05z",
    "a blank for the T": "2026-01-02 03:04:05+07:00",
    "an offset": "2026-01-02T03:04:05+07:00",
    "the offset of nowhere": "2026-01-02T03:04:05-00:00",
    "far east": "2026-01-02T03:04:05+14:00",
    "farther than any zone": "2026-01-02T03:04:05+23:59",
    "a fraction": "2026-01-02T03:04:05.123456789012Z",
    "a fraction of 250 digits": f"2026-01-02T03:04:05.{'9' * 250}Z",
    "the first instant of 2000": "2000-01-01T00:00:00Z",
    "a leap day": "2024-02-29T00:00:00Z",
}
BAD_TIMES = {
    "a leap second": "2016-12-31T23:59:60Z",
    "no offset": "2026-01-02T03:04:05",
    "no seconds": "2026-01-02T03:04Z",
    "a day": "2026-01-02",
    "no colons": "20260102T030405Z",
    "an offset without colon": "2026-01-02T03:04:05+0700",
    "an offset of a day": "2026-01-02T03:04:05+24:00",
    "a zone's name": "2026-01-02T03:04:05 WIB",
    "hour 24": "2026-01-02T24:00:00Z",
    "month 13": "2026-13-01T00:00:00Z",
    "30 February": "2026-02-30T00:00:00Z",
    "no leap day": "2025-02-29T00:00:00Z",
    "year 0": "0000-01-01T00:00:00Z",
    "year 10000": "10000-01-01T00:00:00Z",
    "minutes beyond an hour in the offset": "2026-01-02T03:04:05+01:60",
    "a fraction without end": f"2026-01-02T03:04:05.{'1' * 300}Z",
    "other digits": "\u0662\u0660\u0662\u0666-\u0660\u0661-\u0660\u0662T03:04:05Z",
    "blanks around": " 2026-01-02T03:04:05Z ",
    "a line feed behind": "2026-01-02T03:04:05Z\n",
    "a comma for the point": "2026-01-02T03:04:05,5Z",
    "no digits behind the point": "2026-01-02T03:04:05.Z",
    "seconds since 1970": "1767322245",
    "words": f"kemarin {MARK}",
    "nothing": "",
}
NO_TIMES = {"a number": 1767322245, "a float": 1767322245.5, "true": True, "a list": [2026, 1, 2], "an object": {"$date": MARK}}
AHEAD_OF_ALL = ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "2999-01-01T00:00:00+14:00")
OLD = {"1999": "1999-12-31T23:59:59Z", "2000 in the east only": "2000-01-01T06:59:59+07:00", "year 1": "0001-01-02T00:00:00Z"}


def _filed(write: Writer) -> Iterator[Poison]:
    for name, time in GOOD_TIMES.items():
        yield write.data(f"filed at {name}", {"submitted_at": time})
    yield write.data("filed at null", {"submitted_at": None})
    for name, value in {**BAD_TIMES, **NO_TIMES, **OLD}.items():
        yield write.data(f"filed at {name}", {"submitted_at": value}, "schema_violation", "/data/submitted_at")
    for time in AHEAD_OF_ALL:
        yield write.data(f"filed at {time}", {"submitted_at": time}, "time_in_future", "/data/submitted_at")
        yield write.data(f"happened at {time}", {}, "time_in_future", "/time", time=time)


def _around_now(write: Writer) -> Iterator[Poison]:
    # The moment that counts is the one at which it is read, a little later: so the second beyond the limit has some seconds to spare.
    now = datetime.now(UTC)
    for name, seconds, code in (("a second less than", -1, "ok"), ("half a minute more than", 30, "time_in_future")):
        time = (now + AHEAD + timedelta(seconds=seconds)).isoformat()
        place = None if code == "ok" else "/data/submitted_at"
        yield write.data(f"filed {name} a day ahead", {"submitted_at": time}, code, place)
        yield write.data(f"happened {name} a day ahead", {}, code, place and "/time", time=time)
        east = datetime.fromisoformat(time).astimezone().isoformat()
        yield write.data(f"filed {name} a day ahead, in another zone", {"submitted_at": east}, code, place)
    yield write.data("filed today, happened in the year 9999", {"submitted_at": now.isoformat()}, time="9999-12-31T23:59:59Z")


def _happened(write: Writer) -> Iterator[Poison]:
    for name, time in GOOD_TIMES.items():
        yield write.data(f"happened at {name}", {}, time=time)
    for name, value in {**BAD_TIMES, **NO_TIMES}.items():
        yield write.data(f"happened at {name}", {}, "not_cloudevent", "/time", time=value)
    for name, time in OLD.items():
        yield write.data(f"happened at {name}", {}, "schema_violation", "/time", time=time)
        yield write.data(f"happened at {name}, filed later", {"submitted_at": "2026-01-02T03:04:05Z"}, time=time)


def _regions(write: Writer) -> Iterator[Poison]:
    for code in ("35", "35.22", "35.22.05", "35.22.05.2001", "00", "99.99", "35.99.99.9999", "99.99.99.9999", None):
        yield write.data(f"the region {code}", {"region": code})
    forms = ("", "3", "3a", "3522", "35.", ".35", "35.2", "35.222", "35.22.5", "35.22.05.201", "35.22.05.20011", "35.22.05.2001.1", "35,22", "35-22")
    odd = (" 35", "35 ", "35\n", "35.22\n", "35\u200b", "\u0663\u0665", "\uff13\uff15", "35.٢٢", "ID.35", f"35 {MARK}", "35' OR '1'='1", "x" * 50_000)
    for code in (*forms, *odd):
        yield write.data(f"the region {code[:20]!r}", {"region": code}, "schema_violation", "/data/region")
    for value in (35, 35.22, True, ["35"], {"code": "35"}):
        yield write.data(f"the region {value!r} that is no text", {"region": value}, "schema_violation", "/data/region")


def _texts(write: Writer) -> Iterator[Poison]:
    texts = {
        "emoji with joiners": "👩‍👩‍👧‍👦" * 2_000,
        "right to left": "שלום \u202e olleh \u202c",
        "letters with a hundred marks": ("a" + "\u0301" * 100) * 100,
        "Javanese": "ꦱꦸꦫꦧꦪ " * 100,
        "not characters": "\ufffe\uffff\U0001fffe",
        "line ends": "a\r\nb\rc\nd\u2028e\u2029f\x85g",
        "blanks": " " * 20_000,
        "invisible": "\u200b" * 20_000,
        "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "SQL": "'; DROP TABLE kept; --",
        "templates": "{{7*7}} ${7*7} %(x)s %s {0} {x} #{7*7} <%= 7*7 %>",
        "a formula": '=HYPERLINK("http://x","y")',
        "mail headers": "a\r\nBcc: x@example.org\r\n\r\nb",
        "a log line": '{"level":"error","text":"x"}\n{"level":"error"}',
        "terminal codes": "\x1b[2J\x1b]0;x\x07",
        "paths": "../../../../etc/passwd\0.jpg",
        "slow for a pattern": "a" * 10_000 + "!" + "nama saya " * 900,
        "digits without end": "1" * 20_000,
        "addresses without end": "a@" * 10_000,
        "dots without end": "." * 20_000,
    }
    for name, text in texts.items():
        yield write.data(f"a text of {name}", {"text": text, "title": text[:200], "reporter": {"name": text[:200]}, "addressed_to": text[:200]})
    yield write.data("a name of nothing but marks", {"reporter": {"name": ".*+?()[]{}|^$\\" * 10}, "text": f"{MARK} .*+?()"})


def _copies(write: Writer) -> Iterator[Poison]:
    first = write.data("the first of its id", {"text": f"Satu. {MARK}"})
    yield first
    again = first.id
    yield write.data("the same again", {"text": f"Satu. {MARK}"}, "duplicate", None, id=again)
    yield write.data("the same at another time", {"text": f"Satu. {MARK}"}, "duplicate", None, id=again, time="2026-01-02T03:04:05Z")
    yield write.data("another text under the same id", {"text": f"Dua. {MARK}"}, "idempotency_conflict", "/id", id=again)
    yield write.data("a field more under the same id", {"text": f"Satu. {MARK}", "title": None}, "idempotency_conflict", "/id", id=again)
    yield write.data("the same under the id of another source", {"text": f"Satu. {MARK}"}, id=again, source="urn:poison:other")
    yield write.event("another version under the same id", {"id": again, "type": TYPE.replace("v1", "v2")}, "unsupported_version", "/type")
