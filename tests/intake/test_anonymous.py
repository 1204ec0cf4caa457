"""What an office is shown of an anonymous case besides its words: enough to find the pothole, not the reporter."""

from typing import Any

import pytest

from schemas.inbound.complaint_submitted_v1 import Reporter
from services.intake.anonymous import attachments_of, location_of

REPORTER = Reporter(
    name="Wulan Kenariyanti",
    nik="3522010101900001",
    phone="0812-3456-7890",
    email="wulan.k@contoh.id",
    address="Jl. Melati No. 5, Dander, Bojonegoro",
)
POINT = {"lat": -7.15, "lon": 111.88}


@pytest.mark.parametrize(
    ("address", "shown", "point"),
    [
        ("Jl. Melati No. 5, Dander, Bojonegoro", "[alamat]", False),
        ("jalan melati 5 dander bojonegoro", "[alamat]", False),
        ("Jl. Melati No. 05", "[alamat]", False),
        ("Rumah Bu Wulan, HP 081234567890", "Rumah Bu [nama], HP [telepon]", False),
        ("Jalan Melati", "Jalan Melati", False),
        ("Depan pasar, Jl. Veteran 12, Bojonegoro", "Depan pasar, Jl. Veteran 12, Bojonegoro", True),
        ("Bojonegoro", "Bojonegoro", True),
        (None, None, True),
    ],
)
def test_a_place_that_is_the_reporters_home_is_shown_without_address_and_point(address: str | None, shown: str | None, point: bool) -> None:
    given = {**POINT, **({"address": address} if address else {})}
    told = location_of(given, REPORTER, frozenset())
    assert (told.get("address"), "lat" in told, "lon" in told) == (shown, point, point)


def test_an_address_without_a_number_is_a_home_too_when_it_is_the_one_that_was_given() -> None:
    assert location_of({**POINT, "address": "Dusun Kenari"}, Reporter(address="dusun kenari"), frozenset()) == {"address": "[alamat]"}


def test_of_a_reporter_who_gave_nothing_the_place_is_shown_but_for_what_it_says_of_somebody() -> None:
    assert location_of({**POINT, "address": "Jl. Melati 5"}, None, frozenset()) == {**POINT, "address": "Jl. Melati 5"}
    assert location_of({"address": "telp 081234567890"}, None, frozenset()) == {"address": "telp [telepon]"}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://kanal.example/foto/1730512345678901.jpg", None),
        ("https://kanal.example/u/089999999999/1.jpg", None),
        ("https://kanal.example/foto/wulan-kenariyanti.jpg", "[nama]"),
        ("https://kanal.example/foto/Wulan%20Kenariyanti.jpg", "[nama]"),
        ("https://kanal.example/foto/wulankenariyanti/1.jpg", "[nama]"),
        ("https://kanal.example/foto/w%75lankenariyant%69/1.jpg", "[nama]"),
        ("https://kanal.example/foto/3522010101900001.jpg", "[NIK]"),
        ("https://kanal.example/?dari=wulan.k@contoh.id", "[email]"),
        ("https://kanal.example/u/%30812-3456-7890/1.jpg", "[telepon]"),
    ],
)
def test_a_file_that_is_named_after_the_reporter_is_a_token(url: str, shown: str | None) -> None:
    file: dict[str, Any] = {"url": url, "media_type": "image/jpeg", "size_bytes": 5}
    assert attachments_of([file], REPORTER, frozenset()) == [{**file, "url": shown or url}]
    assert attachments_of([file], None, frozenset()) == [file]
