"""Who may ask notify about a case where authentication is on: the offices that its links were signed for, and nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from chassis.link import Link, links_of
from schemas.topics import NOTIFY, RESTRICTED, ROUTING
from tests.notify import facts
from tests.notify.office import Office
from tests.waiting import until


def key(office: Office, case_id: UUID, days: int = 1) -> dict[str, str]:
    """Return the header that a link leads to."""
    link = Link(case_id, "35.22", "coordinator", datetime.now(UTC) + timedelta(days=days))
    return {"Authorization": f"Bearer {links_of(office.folder).sign(link)}"}


async def test_behind_closed_doors_only_a_link_of_the_case_shows_what_became_of_its_notices(office: Office) -> None:
    await office.start(SALUR_OPEN="0", SALUR_NOTIFY_MAILBOXES=str(facts.ROOT / "data" / "mailboxes.csv"))
    case_id, restricted = uuid4(), uuid4()
    await office.tell(ROUTING, facts.routed(case_id=case_id))
    await office.tell(RESTRICTED, facts.routed("ID", restricted, kind="whistleblowing", triage=True))
    await until(lambda: _delivered(office, case_id, NOTIFY), 40)
    await until(lambda: _delivered(office, restricted, RESTRICTED), 40)

    for wanted in (case_id, restricted, uuid4()):
        path = f"/v1/notices?case_id={wanted}"
        dead = {"Authorization": "Bearer bm90IG9mIG91cnM"}
        for shown in (None, dead, key(office, wanted, days=-1), {"Authorization": "Basic dTpw"}):
            refused = await office.get(path, headers=shown)
            assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized_source")
            assert refused.headers["www-authenticate"] == "Bearer"
            assert "35.22" not in refused.text
        other = await office.get(path, headers=key(office, uuid4()))
        assert (other.status_code, other.json()["code"]) == (403, "forbidden_role")

    for wanted in (case_id, restricted):
        answer = await office.get(f"/v1/notices?case_id={wanted}", headers=key(office, wanted))
        assert (answer.status_code, [notice["outcome"] for notice in answer.json()["notices"]]) == (200, ["delivered"])
    unknown = uuid4()
    assert (await office.get(f"/v1/notices?case_id={unknown}", headers=key(office, unknown))).status_code == 404


async def test_where_doors_are_open_a_token_that_is_shown_is_judged_all_the_same(office: Office) -> None:
    await office.start()
    case_id = uuid4()
    await office.tell(ROUTING, facts.routed(case_id=case_id))
    await until(lambda: _delivered(office, case_id, NOTIFY), 40)
    path = f"/v1/notices?case_id={case_id}"
    assert (await office.get(path)).status_code == 200
    assert (await office.get(path, headers=key(office, case_id))).status_code == 200
    assert (await office.get(path, headers=key(office, uuid4()))).status_code == 403
    assert (await office.get(path, headers=key(office, case_id, days=-1))).status_code == 401


async def _delivered(office: Office, case_id: UUID, topic: str) -> bool:
    return "delivered" in [record["type"].split(".")[2] for record in await office.said(case_id, topic) if ".notice." in record["type"]]
