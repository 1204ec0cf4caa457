"""A service describes itself when it can, and tells refusals as the contract does."""

from __future__ import annotations

import httpx

from chassis.http import application
from chassis.metrics import Metrics


async def test_a_service_does_not_describe_itself_before_it_has_all_its_doors() -> None:
    waiting = ["kafka"]
    app = application("intake", "1", Metrics("intake"), lambda: waiting)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://salur") as http:
        early = await http.get("/openapi.json")
        assert (early.status_code, early.json()["code"]) == (503, "unavailable")
        assert early.headers["retry-after"]
        app.get("/v1/late")(lambda: None)
        waiting.clear()
        assert "/v1/late" in (await http.get("/openapi.json")).json()["paths"]


async def test_what_the_framework_would_refuse_is_described_as_it_is_refused() -> None:
    app = application("sla", "1", Metrics("sla"), list)

    @app.get("/v1/cases/{number}")
    async def case(number: int) -> int:
        return number

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://salur") as http:
        document = (await http.get("/openapi.json")).json()
        answers = document["paths"]["/v1/cases/{number}"]["get"]["responses"]
        assert answers["422"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Refusal"}
        assert set(answers) == {"200", "404", "422", "500", "503"}
        assert "HTTPValidationError" not in document["components"]["schemas"]
        refused = (await http.get("/v1/cases/none")).json()
        assert refused.keys() == document["components"]["schemas"]["Refusal"]["properties"].keys()
