"""The HTTP side that all services share: health, metrics, and answers to what no route answers for itself."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from http import HTTPMethod, HTTPStatus
from typing import Any, Final

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.routing import Match

from chassis.described import describe
from chassis.metrics import Metrics
from chassis.postgres import AwayError

AWAY_SECONDS: Final = 2
_STARTING: Final = "the service is starting or stopping; send it again later, under the same id"
_AWAY: Final = "the database is away; send it again later, under the same id"
_BROKEN: Final = "this is a fault of ours; it is written down"
_NO_ADDRESS: Final = "there is nothing at this address"
_NO_METHOD: Final = "this method is not taken here"
_CODES: Final[Mapping[int, str]] = {
    401: "unauthorized_source",
    403: "forbidden_role",
    404: "unknown_case",
    413: "too_large",
    429: "rate_limited",
    503: "unavailable",
}
"""The code of a status; what is not here is a request that its address does not take."""
_PLACES: Final = {"body": "data", "header": "headers"}


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
    # An address with a slash too many is another one, and a redirect would name whatever host its caller did.
    app = FastAPI(title=f"Salur {name}", version=version, redirect_slashes=False)

    @app.get("/livez", response_class=PlainTextResponse, summary="Is the process alive?", tags=["operations"])
    async def livez() -> str:
        return "ok\n"

    @app.get(
        "/readyz", summary="Does the process take part?", tags=["operations"], responses={503: {"description": "not now; `waiting_for` says why"}}
    )
    async def readyz() -> JSONResponse:
        waiting = unready()
        return JSONResponse({"ready": not waiting, "waiting_for": waiting}, status_code=503 if waiting else 200)

    @app.get("/metrics", response_class=PlainTextResponse, summary="Prometheus metrics", tags=["operations"])
    async def metrics_page() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    _answer_refusals(app, unready)
    # Before it is wired it would describe itself without its doors, and who fetched that would keep it.
    app.openapi = describe(app, lambda: not unready())  # type: ignore[method-assign] # the framework's own way to have another one
    return app


def _answer_refusals(app: FastAPI, unready: Callable[[], list[str]]) -> None:
    """Answer what the framework refuses, and what fails, as the contract tells every refusal."""

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            return _refusal(405, "schema_violation", [("", _NO_METHOD)], {"Allow": ", ".join(_taken(request))})
        if error.status_code != HTTPStatus.NOT_FOUND or error.detail != HTTPStatus.NOT_FOUND.phrase:
            return _refusal(error.status_code, _CODES.get(error.status_code, "schema_violation"), [("", error.detail)], error.headers)
        # Before it is wired it has no routes: a caller that is told 404 would give up what it should send again.
        if unready():
            return _refusal(503, "unavailable", [("", _STARTING)], {"Retry-After": "1"})
        return _refusal(404, "schema_violation", [("", _NO_ADDRESS)])

    @app.exception_handler(RequestValidationError)
    async def not_as_asked(_: Request, error: RequestValidationError) -> Response:
        # The framework's own answer repeats what was sent.
        return _refusal(422, "schema_violation", [(_pointer(problem["loc"]), "is not what is asked for here") for problem in error.errors()])

    @app.exception_handler(AwayError)
    async def away(_: Request, __: Exception) -> Response:
        return _refusal(503, "unavailable", [("", _AWAY)], {"Retry-After": str(AWAY_SECONDS)})

    @app.exception_handler(Exception)
    async def broken(_: Request, __: Exception) -> Response:
        return _refusal(500, "internal_error", [("", _BROKEN)])


def _taken(request: Request) -> list[str]:
    """Return the methods of an address; the framework names those of its first route only."""
    routes = request.app.routes
    return [method for method in HTTPMethod if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)]


def _refusal(status: int, code: str, problems: list[tuple[str, str]], headers: Mapping[str, str] | None = None) -> JSONResponse:
    errors = [{"path": path, "message": message} for path, message in problems]
    return JSONResponse({"outcome": "rejected", "code": code, "errors": errors}, status_code=status, headers=headers)


def _pointer(place: tuple[Any, ...]) -> str:
    first, *rest = place
    return "".join(f"/{step}" for step in (_PLACES.get(first, first), *rest))
