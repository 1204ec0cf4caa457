"""The HTTP side that all services share: health, metrics, and the operators' way to what is parked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Annotated, Any, Final
from uuid import UUID

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException as StarletteHTTPException

from chassis import parking
from chassis.carry import Carrier
from chassis.metrics import Metrics

MAX_PARKED: Final = 1000
_STARTING: Final = {
    "outcome": "rejected",
    "code": "unavailable",
    "errors": [{"path": "", "message": "the service is starting or stopping; send it again later, under the same id"}],
}


class Server(uvicorn.Server):
    """A uvicorn server that leaves the signals to the process it lives in."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signals."""
        yield


def serve(app: FastAPI, host: str, port: int) -> Server:
    """Return a server for `app`, not started."""
    quiet: dict[str, Any] = {"log_config": None, "access_log": False, "server_header": False}
    return Server(uvicorn.Config(app, host=host, port=port, lifespan="off", timeout_graceful_shutdown=5, **quiet))


def application(name: str, version: str, metrics: Metrics, unready: Callable[[], list[str]]) -> FastAPI:
    """Return the service's application with health and metrics; `unready` says what it still waits for."""
    app = FastAPI(title=f"Salur {name}", version=version)

    @app.get("/livez", response_class=PlainTextResponse, summary="Is the process alive?", tags=["operations"])
    async def livez() -> str:
        return "ok\n"

    @app.get("/readyz", summary="Does the process take part?", tags=["operations"])
    async def readyz() -> JSONResponse:
        waiting = unready()
        return JSONResponse({"ready": not waiting, "waiting_for": waiting}, status_code=503 if waiting else 200)

    @app.get("/metrics", summary="Prometheus metrics", tags=["operations"])
    async def metrics_page() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    @app.exception_handler(404)
    async def not_there(request: Request, error: Exception) -> Response:
        # Before it is wired it has no routes: a caller that is told 404 would give up what it should send again.
        if unready():
            return JSONResponse(_STARTING, status_code=503, headers={"Retry-After": "1"})
        assert isinstance(error, StarletteHTTPException)
        return await http_exception_handler(request, error)

    return app


def operators_only(request: Request) -> None:
    """Let in callers from this machine only."""
    if request.client is None or not ip_address(request.client.host).is_loopback:
        raise HTTPException(403, "operators only")


def operations(carrier: Carrier) -> APIRouter:
    """Return the operators' endpoints."""
    router = APIRouter(prefix="/ops/v1", tags=["operations"], dependencies=[Depends(operators_only)])

    @router.get("/clock", summary="Salur time, and how fast it runs")
    async def clock() -> dict[str, Any]:
        return {"now": carrier.clock.now(), "speed": carrier.clock.speed}

    @router.get("/parked", summary="What is parked, the oldest first")
    async def list_parked(limit: Annotated[int, Query(ge=1, le=MAX_PARKED)] = 100) -> dict[str, Any]:
        return {"service": carrier.service.name, "parked": [parking.describe(row) for row in await parking.parked(carrier, limit)]}

    @router.post("/parked/{kept_id}:redrive", summary="Take up what is parked, with what waits behind it")
    async def redrive(kept_id: UUID) -> dict[str, Any]:
        row = await parking.redrive(carrier, kept_id)
        if row is None:
            raise HTTPException(404, "nothing is parked under this id")
        return parking.describe(row)

    @router.post("/parked/{kept_id}:discard", summary="Give up what is parked; its bytes stay")
    async def discard(kept_id: UUID) -> dict[str, Any]:
        if not await parking.discard(carrier, kept_id):
            raise HTTPException(404, "nothing is parked under this id")
        return {"id": kept_id, "state": "discarded"}

    return router
