"""The doors of the page, on the whole of Salur: what a form may say of its version, a HEAD, and authentication."""

from __future__ import annotations

import pytest

from tests.notify.town import TEXT, Town
from tests.waiting import until


@pytest.mark.parametrize("version", ["zz", "-1", "0", "1 or 2", "9" * 40, "٢"])
async def test_a_version_that_was_never_shown_is_stale_like_any_other_wrong_one(town: Town, version: str) -> None:
    case_id, tracking_id = await town.file()
    url = await town.link(tracking_id)
    refused = await town.send(url, "verify", version=version)
    assert refused.status_code == 409
    assert "sudah berubah sejak Anda membuka halaman" in refused.text
    assert await town.state(case_id) == "verification"
    assert (await town.send(url, "acknowledge", version=version)).status_code == 303


async def test_a_head_is_answered_as_a_get_would_be_without_its_body(town: Town) -> None:
    _, tracking_id = await town.file()
    url = await town.link(tracking_id)
    for address in (url, f"{url}x"):
        got, asked = await town.http.get(address), await town.http.head(address)
        assert (asked.status_code, asked.content) == (got.status_code, b"")
        of_the_body = {"date", "content-length", "transfer-encoding"}
        assert dict(asked.headers).keys() - of_the_body == dict(got.headers).keys() - of_the_body
        assert all(asked.headers[name] == got.headers[name] for name in asked.headers.keys() - of_the_body)


@pytest.mark.parametrize("method", ["PUT", "OPTIONS"])
async def test_a_method_that_the_page_does_not_take_is_told_those_that_it_takes(town: Town, method: str) -> None:
    _, tracking_id = await town.file()
    url = await town.link(tracking_id)
    refused = await town.http.request(method, url)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, POST")
    assert (await town.http.get(f"{url}/")).status_code == 404


async def test_behind_closed_doors_the_link_of_a_mail_opens_its_page_and_nothing_opens_without_one(town: Town) -> None:
    case_id, tracking_id = await town.file()
    url = await town.link(tracking_id)
    async with town.closed() as doors:
        paths = {"notify": f"/v1/notices?case_id={case_id}", "routing": f"/v1/cases/{case_id}", "sla": f"/v1/cases/{case_id}/deadlines"}
        for service, path in paths.items():
            refused = await town.http.get(f"{doors[service]}{path}")
            assert (service, refused.status_code, refused.json()["code"]) == (service, 401, "unauthorized_source")
        link = f"{doors['notify']}/a/{url.rpartition('/')[2]}"
        words = ("waktu terpakai", TEXT.splitlines()[1], "Belum Terverifikasi", "Disalurkan kepada penanggung jawab")
        await until(lambda: town.shows(link, *words), 30)
        assert "tidak dapat ditampilkan" not in (await town.http.get(link)).text
        assert (await town.send(link, "verify")).status_code == 303
    assert await town.state(case_id) == "verified"
