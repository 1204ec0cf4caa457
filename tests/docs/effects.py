"""What each snippet must have done: told by what it printed, and by what the stack says afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from tests.docs.conftest import Desk

TRACKING = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}")
Said = dict[str, str]
Effect = Callable[[Desk, Said], Awaitable[None]]
EFFECTS: dict[tuple[str, str], Effect] = {}


def of(page: str, name: str) -> Callable[[Effect], Effect]:
    """Say which snippet an effect is of."""

    def keep(effect: Effect) -> Effect:
        EFFECTS[page, name] = effect
        return effect

    return keep


def outcomes(said: str) -> list[str]:
    return re.findall(r'"outcome": ?"(\w+)"', said)


async def _status(desk: Desk, tracking_id: str) -> str:
    status: str = (await desk.get("intake", f"/v1/complaints/{tracking_id}"))["status"]
    return status


async def _sent_again(desk: Desk, key: str, data: dict[str, Any]) -> dict[str, Any]:
    answer = await desk.http.post(f"{desk.url('intake')}/v1/complaints", json=data, headers={"Idempotency-Key": key})
    found: dict[str, Any] = answer.json()
    return found


@of("publishers", "hand-in")
@of("publishers", "structured")
@of("publishers", "binary")
async def taken(desk: Desk, said: Said) -> None:
    for name in ("hand-in", "structured", "binary"):
        told = json.loads(said[name])
        assert (told["outcome"], told["code"]) == ("accepted", "ok")
        assert (await desk.http.get(told["status_url"])).status_code == 200


@of("publishers", "again")
async def the_same_ids(desk: Desk, said: Said) -> None:
    assert said["again"].strip() == json.loads(said["hand-in"])["tracking_id"]


@of("publishers", "track")
async def tracked(desk: Desk, said: Said) -> None:
    view = json.loads(said["track"])
    assert view["tracking_id"] == said["again"].strip()
    assert view["history"][0]["what"] == "complaint.accepted"
    assert "Lampu" not in said["track"]


@of("publishers", "batch")
async def a_receipt_a_line(desk: Desk, said: Said) -> None:
    first, second = (json.loads(line) for line in said["batch"].splitlines())
    assert (first["outcome"], first["received_id"]) == ("accepted", "kanal-2004")
    assert (second["outcome"], second["received_id"], second["errors"][0]["path"]) == ("rejected", "kanal-2005", "/data/text")


@of("publishers", "file")
async def the_file_is_in(desk: Desk, said: Said) -> None:
    assert len(TRACKING.findall(said["file"])) == 2
    row = {"text": "Trotoar di depan sekolah rusak.", "region": "35.22", "channel": "hotline"}
    assert (await _sent_again(desk, "kanal-2006", row))["outcome"] == "duplicate"


@of("publishers", "send")
async def sent(desk: Desk, said: Said) -> None:
    good, bad = said["send"].splitlines()
    assert "'outcome': 'accepted'" in good
    assert "'outcome': 'rejected'" in bad
    assert "/data/text" in bad


@of("publishers", "kafka")
async def receipts_and_owners(desk: Desk, said: Said) -> None:
    for id_ in ("kanal-2010", "kanal-2011"):
        assert re.search(rf"{id_} accepted {TRACKING.pattern}", said["kafka"])
        assert f"{id_} is with 35.22/dinas-perhubungan" in said["kafka"]


@of("publishers", "webhook")
async def the_first_step_is_heard(desk: Desk, said: Said) -> None:
    assert "1 salur.case.routed.v1 verification 35.22/dinas-perhubungan" in said["webhook"]


@of("publishers", "later")
async def it_changed_the_cases(desk: Desk, said: Said) -> None:
    assert outcomes(said["later"]) == ["accepted"] * 3
    withdrawn = json.loads(said["binary"])["tracking_id"]

    async def over() -> bool:
        return await _status(desk, withdrawn) == "withdrawn"

    await desk.until(over)
    history = (await desk.get("intake", f"/v1/complaints/{json.loads(said['structured'])['tracking_id']}"))["history"]
    assert {"complaint.supplement_accepted", "complaint.rating_accepted"} <= {step["what"] for step in history}


@of("operators", "status")
async def all_are_ready(desk: Desk, said: Said) -> None:
    assert {"kafka", "postgres", "mailbox", "sink", "intake", "routing", "sla", "notify"} <= {
        line.split()[0] for line in said["status"].splitlines()[1:]
    }


@of("operators", "ready")
async def each_says_so(desk: Desk, said: Said) -> None:
    assert [json.loads(line)["ready"] for line in said["ready"].splitlines()] == [True] * 5


@of("operators", "gauges")
async def the_four_are_there(desk: Desk, said: Said) -> None:
    names = {re.split(r"[ {]", line)[0] for line in said["gauges"].splitlines()}
    assert names == {
        f"salur_{name}" for name in ("oldest_unprocessed_age_seconds", "cases_without_owner", "cases_without_clock", "notices_without_recipient")
    }
    assert all(float(line.split()[-1]) < 60 for line in said["gauges"].splitlines())


@of("operators", "park")
async def it_is_parked(desk: Desk, said: Said) -> None:
    assert said["park"].count("unsupported_version") >= 3  # the receipt, the list, and its own page


@of("operators", "settle")
async def it_is_given_up(desk: Desk, said: Said) -> None:
    assert (await desk.get("intake", "/ops/v1/parked"))["parked"] == []
    assert outcomes(json.dumps(await _sent_again(desk, "from-the-future", {"text": "Sekarang dengan versi yang dikenal."}))) == ["accepted"]


@of("operators", "trace")
async def the_way_is_told(desk: Desk, said: Said) -> None:
    assert TRACKING.search(said["trace"])
    assert "35.22/dinas-perhubungan" in said["trace"]
    assert "Halte" not in said["trace"]
    assert said["trace"].count(": whole") == 4


@of("operators", "explain")
async def an_owner_is_named(desk: Desk, said: Said) -> None:
    assert "35.22/dinas-pu-bina-marga" in said["explain"]


@of("operators", "settings")
async def the_settings_are_listed(desk: Desk, said: Said) -> None:
    assert {"SALUR_OPEN", "SALUR_PATIENCE_SECONDS", "SALUR_SECRETS"} <= {line.split()[0] for line in said["settings"].splitlines() if line.strip()}


@of("operators", "prepare")
async def it_changed_nothing(desk: Desk, said: Said) -> None:
    assert said["prepare"].startswith("ready:")
    assert (await desk.http.get(f"{desk.url('intake')}/readyz")).status_code == 200


@of("README", "try")
async def the_first_case_is_followed(desk: Desk, said: Said) -> None:
    (tracking_id,) = set(re.findall(r'"tracking_id": ?"([^"]+)"', said["try"]))
    assert tracking_id in said["try"].split("}", 1)[1]

    async def mailed() -> bool:
        return any(tracking_id in mail["subject"] for mail in await desk.get("mailbox", "/messages.json"))

    await desk.until(mailed)
