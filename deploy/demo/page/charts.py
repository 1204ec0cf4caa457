"""Small pictures: how values are spread, and the provinces as tiles. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from markupsafe import Markup

from deploy.demo.page.words import SHORT_PROVINCES, number, percent, seconds

STEPS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Upper ends of the bars of a spread, in real seconds; what is slower is in one bar more."""
TILES: Final = {
    "11": (0, 0), "12": (1, 1), "14": (2, 1), "21": (3, 1), "13": (1, 2), "15": (2, 2), "19": (3, 2), "17": (1, 3), "16": (2, 3), "18": (2, 4),
    "36": (2, 5), "31": (3, 5), "32": (4, 5), "33": (5, 5), "35": (6, 5), "34": (5, 6), "51": (7, 6), "52": (8, 6), "53": (9, 6),
    "61": (5, 2), "62": (6, 2), "63": (6, 3), "64": (7, 2), "65": (7, 1),
    "75": (9, 1), "71": (10, 1), "72": (9, 2), "76": (8, 3), "74": (9, 3), "73": (8, 4), "82": (11, 2), "81": (11, 3),
    "96": (12, 2), "92": (13, 2), "94": (13, 3), "91": (14, 2), "95": (14, 3), "93": (14, 4),
}  # fmt: skip
"""Column and row of each province: where it lies, roughly."""
TILE: Final = 64
SHADES: Final = ((0.0, "#dcebf5"), (0.1, "#f6e3c5"), (0.2, "#f0bd84"), (0.35, "#e58d4b"), (0.5, "#d55e00"))
"""From which share of cases with a broken promise a tile has which colour."""


class Place(NamedTuple):
    """A province: its code, how many complaints came from it, and in how many of these a promise was broken."""

    code: str
    cases: int
    breached: int
    name: str


def spread(values: Sequence[float], label: str) -> Markup:
    """Return how many values lie in each step, as bars; values are real seconds."""
    ends = [step for step in STEPS if not values or step <= max(values) * 2.5] or [STEPS[0]]
    ends = ends[next((n for n, step in enumerate(ends) if any(value <= step for value in values)), 0) :]
    bounds = [(0.0 if n == 0 else ends[n - 1], step) for n, step in enumerate(ends)]
    counts = [sum(low < value <= high or (n == 0 and value <= low) for value in values) for n, (low, high) in enumerate(bounds)]
    slower = sum(value > ends[-1] for value in values)
    names = [f"≤ {seconds(step)}" for step in ends] + ([f"> {seconds(ends[-1])}"] if slower else [])
    counts += [slower] if slower else []
    most = max(counts, default=1) or 1
    rows = [
        f'<text x="78" y="{y + 13}" text-anchor="end">{name}</text>'
        f'<rect x="86" y="{y}" width="{max(1.0, 220 * count / most):.1f}" height="17" rx="2"/>'
        f'<text x="{92 + max(1.0, 220 * count / most):.1f}" y="{y + 13}" class="strong">{number(count)}</text>'
        for y, name, count in zip(range(0, 24 * len(names), 24), names, counts, strict=True)
    ]
    return Markup(f'<svg class="spread" viewBox="0 0 360 {24 * len(names)}" role="img" aria-label="{label}">{"".join(rows)}</svg>')  # noqa: S704


def tiles(places: Mapping[str, Place]) -> Markup:
    """Return the provinces as tiles, coloured by the share of their cases in which a promise was broken."""
    pieces = []
    for code, (column, row) in TILES.items():
        x, y, place = column * TILE, row * TILE, places.get(code)
        colour, ink = ("#eef0f3", "#8a8f98") if place is None else (shade(place), "#fff" if shade(place) == SHADES[-1][1] else "#1d2733")
        size = TILE - 5
        pieces.append(f'<rect x="{x}" y="{y}" width="{size}" height="{size}" rx="6" fill="{colour}"/>')
        pieces.append(f'<text x="{x + 7}" y="{y + 17}" fill="{ink}" class="tile">{SHORT_PROVINCES[code]}</text>')
        if place is not None:
            pieces.append(f'<text x="{x + 7}" y="{y + 37}" fill="{ink}" class="count">{number(place.cases)}</text>')
            told = percent(place.breached, place.cases).partition(",")[0].strip(" %")
            pieces.append(f'<text x="{x + 7}" y="{y + 52}" fill="{ink}" class="tile">{told} %</text>')
    label = "Peta petak 38 provinsi"
    return Markup(f'<svg viewBox="0 0 {15 * TILE} {7 * TILE}" role="img" aria-label="{label}">{"".join(pieces)}</svg>')  # noqa: S704 - our own words


def shade(place: Place) -> str:
    """Return the colour of a province."""
    part = place.breached / place.cases if place.cases else 0.0
    return next(colour for least, colour in reversed(SHADES) if part >= least)
