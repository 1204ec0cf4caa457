"""Each service's OpenAPI document: valid by a foreign validator, with examples that run, and true of every answer."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import pytest
from jsonschema import Draft202012Validator

from tests.system.stack import SERVICES, Town

pytestmark = pytest.mark.long

CONTRACT = {
    "intake": (
        "/v1/complaints",
        "/v1/complaints:batch",
        "/v1/complaints/{tracking_id}",
        "/v1/complaints/{tracking_id}/content",
        "/v1/reference/{name}",
    ),
    "routing": ("/v1/cases/{case_id}", "/v1/cases/{case_id}/actions", "/v1/routing:explain"),
    "sla": ("/v1/cases/{case_id}/deadlines",),
    "notify": ("/v1/notices", "/a/{token}"),
}
OF_ALL = (
    "/livez",
    "/readyz",
    "/metrics",
    *(f"/ops/v1/{path}" for path in ("trace/{case_id}", "parked", "parked/{kept_id}:redrive", "parked/{kept_id}:discard")),
)
BEFORE: dict[str, tuple[str, ...]] = {
    "resume": ("defer",),
    "decide_transfer": ("request",),
    "hand_down": ("verify",),
    "follow_up": ("verify",),
    "extend": ("verify",),
    "close": ("verify", "follow_up"),
    "reopen": ("archive",),
}
"""What must have been done to a case before an action's example can be taken; the others are taken of a new one."""
NOBODY = str(uuid4())


class Described:
    """A running service beside its own description; every answer is held against it."""

    def __init__(self, town: Town, service: str, document: dict[str, Any], http: httpx.AsyncClient) -> None:
        self.town = town
        self.service = service
        self.document = document
        self.http = http

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for path, operations in self.document["paths"].items():
            for method, operation in operations.items():
                yield method, path, operation

    def validator(self, schema: dict[str, Any]) -> Draft202012Validator:
        return Draft202012Validator({**schema, "components": self.document["components"]}, format_checker=Draft202012Validator.FORMAT_CHECKER)

    def examples(self, path: str, method: str = "post") -> list[tuple[str, str, Any]]:
        """Return the examples of what is sent, each with its content type and name."""
        found = []
        for content_type, told in self.document["paths"][path][method]["requestBody"]["content"].items():
            named = {name: example["value"] for name, example in told.get("examples", {}).items()}
            named |= {"example": told["example"]} if "example" in told else {}
            found += [(content_type, name, value) for name, value in named.items()]
        return found

    async def send(self, method: str, path: str, *, content: Any = None, headers: dict[str, str] | None = None, **values: str) -> httpx.Response:
        """Send a request; its answer must be one of those that the document names, in the shape that it names."""
        body = content if content is None or isinstance(content, str) else json.dumps(content)
        query = values.pop("query", "")
        answer = await self.http.request(method, self.town.url(self.service) + path.format(**values) + query, content=body, headers=headers)
        answers = self.document["paths"][path][method]["responses"]
        assert str(answer.status_code) in answers, f"{method} {path} answers {answer.status_code}: {answer.text}"
        told = answers[str(answer.status_code)].get("content", {})
        kind = answer.headers.get("content-type", "").split(";")[0]
        if told:
            assert kind in told, f"{method} {path} answers {kind}"
        lines = answer.text.splitlines() if kind == "application/x-ndjson" else [answer.text] if kind == "application/json" else []
        for line in lines:
            self.validator(told.get(kind, {}).get("schema", {})).validate(json.loads(line))
        for name in answers[str(answer.status_code)].get("headers", {}):
            if answer.status_code in (429, 503):
                assert name.lower() in answer.headers
        return answer


@cache
def _http() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=20)


async def described(town: Town, service: str) -> Described:
    answer = await _http().get(f"{town.url(service)}/openapi.json")
    return Described(town, service, answer.json(), _http())


async def submitted(town: Town, **data: Any) -> dict[str, Any]:
    """Hand in a case of 35.22; return its ids."""
    key = f"described-{uuid4().hex}"
    await town.ledger.note(op="invoke", what="submit", id=key, source="urn:salur:open", door="http", expect="any")
    body = {"text": "Lampu jalan padam.", "region": "35.22", "addressed_to": "35.22", **data}
    answer = await _http().post(f"{town.url('intake')}/v1/complaints", json=body, headers={"Idempotency-Key": key})
    told: dict[str, Any] = answer.json()
    return told


async def routed(town: Town) -> str:
    """Hand in a case and wait until routing knows it; return its id."""
    case_id: str = (await submitted(town))["case_id"]
    async with asyncio.timeout(30):
        while (await _http().get(f"{town.url('routing')}/v1/cases/{case_id}")).status_code != 200:
            await asyncio.sleep(0.1)
    return case_id


@pytest.mark.parametrize("service", SERVICES)
async def test_a_foreign_validator_finds_nothing_wrong_with_the_openapi_document(town: Town, service: str) -> None:
    validators = pytest.importorskip("openapi_spec_validator", reason="not run: openapi-spec-validator is not here")
    document = (await described(town, service)).document
    assert document["openapi"].startswith("3.1.")
    assert [error.message for error in validators.OpenAPIV31SpecValidator(document).iter_errors()] == []
    assert {*CONTRACT[service], *OF_ALL} <= document["paths"].keys()


@pytest.mark.parametrize("service", SERVICES)
async def test_every_example_of_the_openapi_document_fits_its_schema(town: Town, service: str) -> None:
    known = await described(town, service)
    for _, _, operation in known.operations():
        for told in (operation.get("requestBody", {}), *operation["responses"].values()):
            for content_type, content in told.get("content", {}).items():
                values = [example["value"] for example in content.get("examples", {}).values()] + [
                    content[name] for name in ("example",) if name in content
                ]
                for value in values:
                    lines = [json.loads(line) for line in value.splitlines() if line.strip()] if content_type.endswith("ndjson") else [value]
                    for line in lines:
                        known.validator(content["schema"]).validate(line)


async def test_every_example_for_intake_is_taken(town: Town) -> None:
    intake = await described(town, "intake")
    first = await submitted(town, external_ref="LPR-1001")
    sent = intake.examples("/v1/complaints")
    assert {name for _, name, _ in sent} == {"example", "submitted", "supplemented", "withdrawn", "rated"}
    for content_type, _, example in sent:
        key, body = f"described-{uuid4().hex}", example
        if "specversion" in example:
            # its own id may have been used already, and the cases that it names are the documentation's
            data = {**example["data"], **({"tracking_id": first["tracking_id"]} if "tracking_id" in example["data"] else {})}
            data |= {"external_ref": None, "tracking_id": first["tracking_id"]} if example["type"].endswith("supplemented.v1") else {}
            body = {**example, "id": key, "data": data}
        source = body.get("source", "urn:salur:open")
        await town.ledger.note(op="invoke", what="submit", id=key, source=source, door="http", expect="any")
        answer = await intake.send("post", "/v1/complaints", content=body, headers={"content-type": content_type, "idempotency-key": key})
        assert answer.status_code == 202, answer.text
    for content_type, _, example in intake.examples("/v1/complaints:batch"):
        text = re.sub(r"lpr-\d+", lambda found: f"{found[0]}-{uuid4().hex}", example)
        for line in map(json.loads, filter(str.strip, text.splitlines())):
            id_, source = line.get("id", line.get("idempotency_key")), line.get("source", "urn:salur:open")
            await town.ledger.note(op="invoke", what="submit", id=id_, source=source, door="http", expect="any")
        answer = await intake.send("post", "/v1/complaints:batch", content=text, headers={"content-type": content_type})
        assert {json.loads(line)["outcome"] for line in answer.text.splitlines()} <= {"accepted", "rejected"}


async def test_every_action_has_an_example_that_an_office_may_send_as_it_stands(town: Town) -> None:
    routing = await described(town, "routing")
    act = "/v1/cases/{case_id}/actions"
    examples = {name: value for _, name, value in routing.examples(act)}
    schema = routing.document["paths"][act]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert list(examples) == schema["properties"]["action"]["enum"]
    request = {**examples["transfer"], "data": {**examples["transfer"]["data"], "to": None}}

    async def send(case_id: str, body: Any) -> None:
        answer = await routing.send("post", act, content=body, headers={"idempotency-key": uuid4().hex}, case_id=case_id)
        assert answer.status_code == 200, (body["action"], answer.text)

    async def try_one(action: str) -> None:
        case_id = await routed(town)
        for before in (*BEFORE.get(action, ()), action):
            await send(case_id, request if before == "request" else examples[before])

    await asyncio.gather(*(try_one(action) for action in examples))
    for _, _, example in routing.examples("/v1/routing:explain"):
        assert (await routing.send("post", "/v1/routing:explain", content=example)).json()["owner"]


@pytest.mark.parametrize("service", SERVICES)
async def test_every_answer_is_one_that_the_document_names(town: Town, service: str) -> None:
    known = await described(town, service)
    told = await submitted(town)
    case_id = await routed(town)
    good = {"tracking_id": told["tracking_id"], "case_id": case_id, "name": "categories", "kept_id": NOBODY, "token": "none"}
    wrong = {"tracking_id": "none", "case_id": "none", "name": "none", "kept_id": "none", "token": "none"}
    for method, path, operation in known.operations():
        needed = [parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "query" and parameter["required"]]
        for values in (good, {**good, "case_id": NOBODY}, wrong):
            query = "?" + "&".join(f"{name}={values[name]}" for name in needed)
            answer = await known.send(method, path, content=None if method == "get" else "{", query=query, **values)
            assert answer.status_code < 500
            if method == "get" and values is good and "kept_id" not in path and "token" not in path:
                assert answer.status_code in (200, 404), answer.text
