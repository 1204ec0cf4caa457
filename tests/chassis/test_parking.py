"""What cannot be processed now is kept byte for byte, visible, and taken up again in order; its neighbours go on."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import httpx

from chassis.item import Raw
from chassis.seal import Seal
from tests.chassis import counting
from tests.chassis.conftest import Bench, order_event, own_event


async def test_a_failing_decision_blocks_its_case_only_and_is_redriven_in_order(bench: Bench) -> None:
    await bench.start()
    bad, good = uuid4(), uuid4()
    await bench.feed([bad, good, bad, bad, good], [1, 1, 2, 3, 2])
    await bench.until("SELECT count(*) FROM event", 5)
    await bench.feed([bad], [4], boom=True)
    await bench.feed([bad, good, bad], [5, 3, 6])
    await bench.until("SELECT count(*) FROM kept WHERE state = 'parked'", 3)
    await bench.order(order_event(bad, 7, "behind"))
    assert await bench.until("SELECT count(*) FROM kept WHERE state = 'parked'", 4) == 4
    rows = await bench.query("SELECT case_id, seen FROM tally")
    assert {row["case_id"]: list(row["seen"]) for row in rows} == {bad: [1, 2, 3], good: [1, 2, 3]}
    (receipt,) = await bench.receipts(1)
    assert (receipt["data"]["outcome"], receipt["data"]["code"]) == ("parked", "queued_behind")

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bench.port}") as http:
        parked = (await http.get("/ops/v1/parked")).json()["parked"]
        assert [row["reason"] for row in parked] == ["internal_error", "queued_behind", "queued_behind", "queued_behind"]
        assert (await http.get("/ops/v1/parked")).json()["parked"] == parked  # also the moments, however often one looks
        still = (await http.post(f"/ops/v1/parked/{parked[0]['id']}:redrive")).json()
        assert still["state"] == "parked"
        (bench.folder / "mended").touch()
        # whichever is named, its case is taken up from its first: what waits behind cannot overtake
        done = (await http.post(f"/ops/v1/parked/{parked[2]['id']}:redrive")).json()
        assert done["state"] == "redriven"
        assert (await http.post(f"/ops/v1/parked/{uuid4()}:redrive")).status_code == 404
    rows = await bench.query("SELECT seen FROM tally WHERE case_id = $1", bad)
    assert list(rows[0]["seen"]) == [1, 2, 3, 4, 5, 6, 7]
    receipts = await bench.receipts(2)
    assert [receipt["data"]["outcome"] for receipt in receipts] == ["parked", "accepted"]
    assert (await bench.query("SELECT count(*) FROM head WHERE blocked_by IS NOT NULL"))[0][0] == 0


async def test_what_is_discarded_lets_the_rest_go_on(bench: Bench) -> None:
    await bench.start()
    case = uuid4()
    await bench.feed([case], [1])
    await bench.feed([case], [2], boom=True)
    await bench.feed([case], [3])
    await bench.until("SELECT count(*) FROM kept WHERE state = 'parked'", 2)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bench.port}") as http:
        parked = (await http.get("/ops/v1/parked")).json()["parked"]
        assert (await http.post(f"/ops/v1/parked/{parked[0]['id']}:discard")).json()["state"] == "discarded"
        assert (await http.post(f"/ops/v1/parked/{parked[1]['id']}:redrive")).json()["state"] == "redriven"
    assert list((await bench.query("SELECT seen FROM tally"))[0]["seen"]) == [1, 3]


async def test_a_text_the_database_refuses_parks_its_event_and_no_other(bench: Bench) -> None:
    cases = [uuid4() for _ in range(64)]
    for n, case in enumerate(cases):
        await bench.feed([case], [n], note="a\u0000b" if n == 37 else "fine")
    await bench.start()
    assert await bench.until("SELECT count(*) FROM tally", 63) == 63
    rows = await bench.query("SELECT case_id, reason, detail FROM kept WHERE state = 'parked'")
    assert [tuple(row) for row in rows] == [(cases[37], "internal_error", "CharacterNotInRepertoireError")]


async def test_an_unreadable_record_of_our_own_is_parked_bytes_first(bench: Bench) -> None:
    case = uuid4()
    event = own_event(case, {"case_id": str(case), "number": "not a number"})
    await (await bench.send_own(event))
    await bench.feed([case], [2])
    await bench.start()
    assert await bench.until("SELECT count(*) FROM kept WHERE state = 'parked'", 2) == 2
    rows = await bench.query("SELECT reason, sealed FROM kept ORDER BY place")
    assert [row["reason"] for row in rows] == ["undecodable", "queued_behind"]
    key = (bench.folder / f"{bench.name}.key").read_bytes()
    raw = Raw.unpack(Seal(key).open(rows[0]["sealed"], b"record"))
    assert json.loads(raw.value or b"") == event


async def test_an_order_for_a_case_that_never_comes_is_refused_once(bench: Bench) -> None:
    await bench.start()
    case = uuid4()
    await bench.order(order_event(case, 5, "lost"))
    assert await bench.until("SELECT count(*) FROM held", 1) == 1
    await bench.owner.execute(f'UPDATE "{bench.name}".held SET until = now()')
    (receipt,) = await bench.receipts(1)
    assert (receipt["data"]["outcome"], receipt["data"]["code"]) == ("rejected", "unknown_case")
    rows = await bench.query("SELECT (SELECT count(*) FROM held), (SELECT count(*) FROM head), (SELECT count(*) FROM inbox)")
    assert tuple(rows[0]) == (0, 0, 0)
    await bench.feed([case], [1])
    await bench.order(order_event(case, 5, "lost"))
    assert [receipt["data"]["outcome"] for receipt in await bench.receipts(2)] == ["rejected", "accepted"], "a rejected id is not used up"


async def test_a_newer_version_is_parked_with_a_receipt(bench: Bench) -> None:
    await bench.start()
    event = json.loads(order_event(uuid4(), 1, "new"))
    event["type"] = counting.Add.TYPE.replace(".v1", ".v2")
    await bench.order(json.dumps(event).encode())
    (receipt,) = await bench.receipts(1)
    assert (receipt["data"]["outcome"], receipt["data"]["code"]) == ("parked", "unsupported_version")
    assert (await bench.query("SELECT reason FROM kept"))[0]["reason"] == "unsupported_version"


async def test_an_alarm_whose_decision_fails_is_parked_and_rings_after_the_redrive(bench: Bench) -> None:
    await bench.start()
    case, other = uuid4(), uuid4()
    await bench.feed([case], [1], alarm_ms=1, alarm_boom=True)
    await bench.feed([other], [1], alarm_ms=1)
    assert await bench.until("SELECT count(*) FROM kept WHERE state = 'parked' AND reason = 'internal_error'", 1) == 1
    assert await bench.until("SELECT count(*) FROM timer", 0) == 0
    await bench.feed([case], [2], alarm_ms=1)
    assert await bench.until("SELECT count(*) FROM kept WHERE state = 'parked'", 2) == 2
    (bench.folder / "mended").touch()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bench.port}") as http:
        parked = (await http.get("/ops/v1/parked")).json()["parked"]
        assert (await http.post(f"/ops/v1/parked/{parked[0]['id']}:redrive")).json()["state"] == "redriven"
    await bench.until("SELECT count(*) FROM event", 6)
    assert await bench.until("SELECT count(*) FROM outbox", 0) == 0
    rang = [event["subject"] for event in await bench.said() if event["type"] == counting.Rang.TYPE]
    assert sorted(rang) == sorted([str(case), str(case), str(other)])


async def test_an_unreadable_record_keeps_its_place_among_those_parked(bench: Bench) -> None:
    case, other = uuid4(), uuid4()
    await bench.feed([case], [1], boom=True)
    await (await bench.send_own(own_event(case, {"case_id": str(case), "number": "not a number"})))
    await bench.feed([case, other], [3, 1])
    await bench.start()
    assert await bench.until("SELECT count(*) FROM kept WHERE state = 'parked'", 3) == 3
    rows = await bench.query("SELECT reason FROM kept ORDER BY place")
    assert [row["reason"] for row in rows] == ["internal_error", "undecodable", "queued_behind"]


async def test_what_is_discarded_frees_its_id(bench: Bench) -> None:
    await bench.start()
    case = uuid4()
    await bench.feed([case], [1])
    await bench.until("SELECT count(*) FROM tally", 1)
    await bench.order(order_event(case, 2, "again", boom=True))
    await bench.until("SELECT count(*) FROM kept WHERE state = 'parked'", 1)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bench.port}") as http:
        parked = (await http.get("/ops/v1/parked")).json()["parked"]
        assert (await http.post(f"/ops/v1/parked/{parked[0]['id']}:discard")).json()["state"] == "discarded"
    await bench.order(order_event(case, 2, "again"))
    assert sorted(receipt["data"]["outcome"] for receipt in await bench.receipts(3)) == ["accepted", "parked", "rejected"]


async def test_events_that_come_during_a_redrive_do_not_overtake(bench: Bench) -> None:
    await bench.start()
    case = uuid4()
    await bench.feed([case], [1])
    await bench.feed([case], [2], boom=True)
    await bench.feed([case] * 60, range(3, 63))
    await bench.until("SELECT count(*) FROM kept WHERE state = 'parked'", 61)
    (bench.folder / "mended").touch()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bench.port}", timeout=60) as http:
        parked = (await http.get("/ops/v1/parked")).json()["parked"]
        redriving = asyncio.create_task(http.post(f"/ops/v1/parked/{parked[0]['id']}:redrive"))
        for number in range(63, 123):
            await bench.feed([case], [number])
        assert (await redriving).json()["state"] == "redriven"
        for row in (await http.get("/ops/v1/parked")).json()["parked"][:1]:
            await http.post(f"/ops/v1/parked/{row['id']}:redrive")
    await bench.until("SELECT coalesce(max(cardinality(seen)), 0) FROM tally", 122)
    assert list((await bench.query("SELECT seen FROM tally"))[0]["seen"]) == list(range(1, 123))
