"""What a reporter wrote, for those who work on the case; each read leaves a trace."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest

from chassis.link import Link, Links, links_of
from tests.intake.conftest import OPEN, Running, until

TEXT = "Nama saya Sutinah Kembangarum, NIK 3522014404900066, pungutan di Jalan Mawar."
DATA = {
    "text": TEXT,
    "title": "Pungutan",
    "location": {"lat": -7.15, "lon": 111.88, "address": "Jl. Mawar 3"},
    "attachments": [{"url": "https://kanal.example/1.jpg", "media_type": "image/jpeg", "size_bytes": 5}],
    "reporter": {"name": "Sutinah Kembangarum", "phone": "081234567890"},
}
SILENT = {"text": "Nama saya [nama], NIK [NIK], pungutan di Jalan Mawar.", "supplements": "Kemarin lagi, telepon [telepon]."}
"""What is shown of an anonymous case instead."""
Case = dict[str, Any]
Submit = Callable[..., Awaitable[Case]]


@pytest.fixture
def submit(running: Running) -> Submit:
    """Hand in a case that routing gave to 35.22, and transferred to 35.22/dishub when `handed` says so."""

    async def made(*, handed: bool = False, **data: Any) -> Case:
        case: Case = (await running.post({**DATA, **data}, str(uuid4()))).json()
        secret = data.get("kind") == "whistleblowing"
        for number, owner in enumerate(["35.22", "35.22/dishub"] if handed else ["35.22"], 1):
            said = {"case_id": case["case_id"], "tracking_id": case["tracking_id"], "state": "verification", "owner": owner, "by": "system"}
            topic = "salur.restricted" if secret else None
            await running.tell("routing", "case.verified", number, said, "2026-11-02T01:00:00Z", topic)
        steps = "SELECT count(*) FROM intake.step WHERE case_id = $1"
        await until(lambda: running.count(steps, UUID(case["case_id"])), lambda number: number == 1 + handed)
        for code, parent in (("ID", None), ("35", "ID"), ("35.22", "35"), ("35.22/dishub", "35.22"), ("35.99", "35")):
            await announce(running, code, parent)
        await until(lambda: running.http.get("/v1/reference/agencies"), lambda answer: "35.99" in answer.text)
        return case

    return made


async def announce(running: Running, code: str, parent: str | None) -> None:
    record = {"code": code, "name": f"Dinas {code}", "level": "regency", "parent": parent, "zone": "Asia/Jakarta", "version": "1"}
    event = {"specversion": "1.0", "id": str(uuid4()), "source": "urn:salur:routing", "type": "salur.reference.agency.v1", "data": record}
    await running.publish(orjson.dumps({**event, "time": "2026-11-02T01:00:00Z"}), key=f"agency/{code}".encode(), topic="salur.reference")


def links(running: Running) -> Links:
    return links_of(running.stack.settings.secrets_folder)


def token(running: Running, case: Case, agency: str = "35.22", *, hours: float = 1) -> str:
    until = datetime.now(UTC) + timedelta(hours=hours)
    return links(running).sign(Link(UUID(case["case_id"]), agency, "liaison", until))


async def read(
    running: Running, case: Case, shown: str | None = None, *, http: httpx.AsyncClient | None = None, query: bool = False
) -> httpx.Response:
    path = f"/v1/complaints/{case['tracking_id']}/content"
    given: dict[str, Any] = {"params": {"token": shown}} if query else {"headers": {"Authorization": f"Bearer {shown}"}}
    return await (http or running.http).get(path, **({} if shown is None else given))


async def reads(running: Running, case: Case) -> list[tuple[str, bytes | None]]:
    rows = await running.owner.fetch("SELECT who, link FROM intake.content_read WHERE case_id = $1 ORDER BY place", UUID(case["case_id"]))
    return [(row["who"], row["link"]) for row in rows]


@pytest.mark.parametrize("more", [{}, {"confidential": True}, {"kind": "whistleblowing"}, {"anonymous": True}])
async def test_the_owner_reads_everything_but_who_it_was_and_that_is_written_down(running: Running, submit: Submit, more: dict[str, Any]) -> None:
    case = await submit(**more)
    named = {"tracking_id": case["tracking_id"]}
    receipt = await running.receipt(await running.later("supplemented", {**named, "text": "Kemarin lagi, telepon 081234567890."}))
    shown = token(running, case)
    answer = await read(running, case, shown)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    told = answer.json()
    assert set(told) == {"tracking_id", "kind", "category", "accepted_at", "title", "text", "location", "attachments", "supplements"}
    written = {name: DATA[name] for name in DATA if name != "reporter"} | {"supplements": "Kemarin lagi, telepon 081234567890."}
    if more.get("anonymous"):
        written |= SILENT
    assert {name: told[name] for name in ("text", "title", "location", "attachments")} == {name: written[name] for name in DATA if name != "reporter"}
    assert told["supplements"] == [{"at": receipt["at"], "text": written["supplements"]}]
    assert "reporter" not in answer.text
    assert await reads(running, case) == [("35.22/liaison", sha256(shown.encode()).digest()[:16])]
    assert (await read(running, case, shown, query=True)).json() == told
    assert len(await reads(running, case)) == 2


async def test_of_an_anonymous_case_neither_place_nor_files_tell_who_it_was(running: Running, submit: Submit) -> None:
    home = {"lat": -7.15, "lon": 111.88, "address": "jalan mawar 3, dukuh kenari"}
    reporter = {**DATA["reporter"], "address": "Jl. Mawar No. 3, Dukuh Kenari"}
    files = [{"url": "https://kanal.example/Sutinah%20Kembangarum.jpg", "size_bytes": 5}, {"url": "https://kanal.example/1.jpg"}]
    given = {"location": home, "reporter": reporter, "attachments": files}
    hidden = await submit(anonymous=True, **given)
    told = (await read(running, hidden, token(running, hidden))).json()
    assert (told["location"], told["attachments"]) == ({"address": "[alamat]"}, [{"url": "[nama]", "size_bytes": 5}, files[1]])
    known = await submit(**given)
    told = (await read(running, known, token(running, known))).json()
    assert (told["location"], told["attachments"]) == (home, files)


async def test_a_title_that_was_not_given_is_made_and_what_is_not_there_is_null(running: Running) -> None:
    case = (await running.post({"text": "Lampu padam. Gelap."}, str(uuid4()))).json()
    told = (await read(running, case)).json()
    assert (told["title"], told["location"], told["attachments"], told["supplements"]) == ("Lampu padam", None, [], [])
    assert await reads(running, case) == [(OPEN, None)]


async def test_a_link_opens_its_own_case_for_who_holds_it_now_or_stands_above(running: Running, submit: Submit) -> None:
    case, other = await submit(handed=True), await submit()
    for agency, status in (("35.22/dishub", 200), ("35.22", 200), ("35", 200), ("ID", 200), ("35.99", 403), ("35.22/dinkes", 403)):
        answer = await read(running, case, token(running, case, agency))
        assert answer.status_code == status, agency
        assert status == 200 or answer.json()["code"] == "forbidden_role"
    assert (await read(running, other, token(running, other, "35.22/dishub"))).status_code == 403
    assert (await read(running, case, token(running, other))).status_code == 403
    assert len(await reads(running, case)) == 4


@pytest.mark.parametrize("forged", ["late", "other key", "changed", "nonsense", "empty"])
async def test_a_token_that_is_not_ours_or_too_old_opens_nothing(running: Running, submit: Submit, forged: str) -> None:
    case = await submit()
    good = token(running, case)
    stranger = Links(b"x" * 32).sign(Link(UUID(case["case_id"]), "35.22", "liaison", datetime.now(UTC) + timedelta(hours=1)))
    changed = good[:30] + ("A" if good[30] != "A" else "B") + good[31:]
    shown = {"late": token(running, case, hours=-1), "other key": stranger, "changed": changed, "nonsense": "!\u2603", "empty": ""}[forged]
    answer = await read(running, case, shown, query=True)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized_source")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert await reads(running, case) == []


async def test_a_whistle_blowers_case_is_not_there_for_anyone_without_the_right(running: Running, submit: Submit) -> None:
    case, other = await submit(kind="whistleblowing"), await submit()
    for shown in (None, "nonsense", token(running, case, "35.99"), token(running, other)):
        answer = await read(running, case, shown)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_case")
    assert await reads(running, case) == []
    for unknown in ("YBT7-S96S-FTP3", "x"):
        assert (await read(running, {"tracking_id": unknown}, token(running, other))).status_code == 404


async def test_with_closed_doors_a_link_is_needed_and_enough(running: Running, submit: Submit) -> None:
    case, secret = await submit(), await submit(kind="whistleblowing")
    async with running.another() as http:
        answer = await read(running, case, http=http)
        assert (answer.status_code, answer.json()["code"], answer.headers["www-authenticate"]) == (401, "unauthorized_source", "Bearer")
        assert (await read(running, secret, http=http)).status_code == 404
        assert (await read(running, case, token(running, case), http=http)).json()["text"] == TEXT
        assert (await read(running, secret, token(running, secret), http=http)).json()["text"] == TEXT


async def test_of_an_erased_person_nothing_is_left(running: Running, submit: Submit) -> None:
    case = await submit()
    await running.receipt(await running.later("supplemented", {"tracking_id": case["tracking_id"], "text": "lagi"}))
    for table in ("vault", "supplement"):
        await running.owner.execute(f"UPDATE intake.{table} SET wrapped_key = NULL WHERE case_id = $1", UUID(case["case_id"]))
    told = (await read(running, case)).json()
    assert [told[name] for name in ("title", "text", "location", "attachments", "supplements")] == [None, None, None, [], []]
