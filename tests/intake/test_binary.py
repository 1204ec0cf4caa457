"""Events whose attributes stand in headers: read as the HTTP binding of CloudEvents demands (§3.1.3.2)."""

from uuid import uuid4

import pytest

from tests.intake.conftest import TYPE, Running, event_of

SAID = {"ce-specversion": '"1.0"', "ce-type": f'"{TYPE}"', "ce-source": '"urn:test:dua pintu"', "ce-time": '"2026-01-02T03:04:05%2B07:00"'}


@pytest.mark.parametrize(
    ("said", "id_"),
    [
        ('"{0}"', "{0}"),
        ('"{0} \\\\\\"\\x"', '{0} \\"x'),
        ("{0}%22%5C%C3%A9", '{0}"\\é'),
        ('"{0}%20x"', "{0} x"),
        ("{0}%2541", "{0}%41"),
        ("{0}%G1%4%", "{0}%G1%4%"),
        ('{0}"x', '{0}"x'),
        ('"{0}', '"{0}'),
    ],
)
async def test_an_attribute_in_a_header_is_unquoted_and_decoded_once(running: Running, said: str, id_: str) -> None:
    number = uuid4().hex
    binary = await running.http.post("/v1/complaints", json={"text": "Rambu."}, headers={**SAID, "ce-id": said.format(number)})
    assert (binary.status_code, binary.json()["outcome"]) == (202, "accepted")
    event = event_of({"text": "Rambu."}, id_=id_.format(number), source="urn:test:dua pintu")
    structured = await running.http.post("/v1/complaints", json=event)
    assert (structured.status_code, structured.json()["case_id"]) == (200, binary.json()["case_id"])


@pytest.mark.parametrize("name", ["id", "source", "type", "specversion", "time"])
@pytest.mark.parametrize("said", ["X%FF", '"X%FE"', "%C0%A0", "%ED%A0%80", b"\xff", b"\xe9"])
async def test_an_attribute_in_a_header_that_is_not_utf_8_is_refused_at_its_place(running: Running, name: str, said: str | bytes) -> None:
    headers: dict[str, str | bytes] = {**SAID, "ce-id": str(uuid4()), f"ce-{name}": said}
    raw = [(key.encode(), value if isinstance(value, bytes) else value.encode()) for key, value in headers.items()]
    answer = await running.http.post("/v1/complaints", json={"text": "Rambu."}, headers=raw)
    told = answer.json()
    assert (answer.status_code, told["code"], [error["path"] for error in told["errors"]]) == (422, "not_cloudevent", [f"/{name}"])


async def test_an_optional_attribute_that_is_not_utf_8_is_left_out(running: Running) -> None:
    headers = {**SAID, "ce-id": str(uuid4()), "ce-subject": "%FF", "ce-x": "%FF"}
    assert (await running.http.post("/v1/complaints", json={"text": "Rambu."}, headers=headers)).status_code == 202
