"""The flow from door over the first owner's level to the outcome, as a picture with bands as wide as their cases are many. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from deploy.demo.page.figures import Way
from deploy.demo.page.words import LEVELS, OUTCOMES, Both, level, number

DOORS: Final[Mapping[str, Both]] = {
    "kafka": Both("Melalui Kafka", "By Kafka"),
    "http": Both("Melalui HTTP", "By HTTP"),
    "batch": Both("Kiriman berkelompok", "In batches"),
}
OUTCOME_COLOURS: Final = {
    "system": "#0072b2", "office": "#3b94c9", "reporter": "#7cbce0", "archived": "#8a8f98", "referred": "#a9adb5",
    "withdrawn": "#c4c7cd", "open": "#d55e00",
}  # fmt: skip
NEUTRAL: Final = "#5b6b7b"
WIDTH, HEIGHT, BAR, GAP, TOP = 1000.0, 500.0, 16.0, 6.0, 34.0
PITCH: Final = 30.0
"""The least room of a bar: two lines of its name."""
COLUMNS: Final = (0.0, 420.0, WIDTH - 232.0)


@dataclass(slots=True)
class Node:
    """One bar: where it stands, and how much of it the bands have used on either side."""

    name: Both
    count: int
    colour: str
    x: float
    y: float = 0.0
    left: float = 0.0
    right: float = 0.0


def stages(ways: Sequence[Way]) -> list[tuple[Both, list[tuple[Both, int, str]]]]:
    """Return the three stages with their parts, the largest first: what the picture shows, as lists."""
    doors, owners, ends = (Counter(key) for key in zip(*(_keys(way) for way in ways), strict=True)) if ways else (Counter[str](),) * 3
    titles = (Both("Pintu", "Door"), Both("Pemilik pertama", "First owner"), Both("Hasil akhir", "Outcome"))
    names: tuple[Mapping[str, Both], ...] = (DOORS, LEVELS, OUTCOMES)
    return [
        (title, [(known[key], count, OUTCOME_COLOURS.get(key, NEUTRAL)) for key, count in _ordered(found, known)])
        for title, found, known in zip(titles, (doors, owners, ends), names, strict=True)
    ]


def picture(ways: Sequence[Way]) -> Markup:
    """Return the picture as SVG."""
    columns: list[dict[str, Node]] = [{}, {}, {}]
    keys = [_keys(way) for way in ways]
    scale = _place(columns, keys)
    middle: Counter[tuple[str, str]] = Counter((door, owner) for door, owner, _ in keys)
    ends: Counter[tuple[str, str]] = Counter((owner, end) for _, owner, end in keys)
    bands = [
        *(_band(columns[0][a], columns[1][b], middle[a, b] * scale, NEUTRAL) for a in columns[0] for b in columns[1] if middle[a, b]),
        *(_band(columns[1][a], columns[2][b], ends[a, b] * scale, OUTCOME_COLOURS[b]) for a in columns[1] for b in columns[2] if ends[a, b]),
    ]
    nodes = [_bar(node, scale) for column in columns for node in column.values()]
    titles = [
        f'<text x="{x:.0f}" y="14" class="head">{name.id} <tspan class="en">{name.en}</tspan></text>'
        for x, (name, _) in zip(COLUMNS, stages(ways), strict=True)
    ]
    label = "Alur laporan dari pintu lewat pemilik pertama ke hasil akhir"
    inside = "".join((*titles, *bands, *nodes))
    return Markup(f'<svg viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{label}">{inside}</svg>')  # noqa: S704 - our own words


def _keys(way: Way) -> tuple[str, str, str]:
    owner = level(way.first_owner)
    return way.door, "regency" if owner == "city" else owner, way.outcome


def _ordered(found: Counter[str], known: Mapping[str, Both]) -> list[tuple[str, int]]:
    places = list(known)
    return sorted(((key, count) for key, count in found.items() if count), key=lambda pair: places.index(pair[0]))


def _place(columns: list[dict[str, Node]], keys: Sequence[tuple[str, str, str]]) -> float:
    """Put the bars on the page and return how high one case is."""
    names: tuple[Mapping[str, Both], ...] = (DOORS, LEVELS, OUTCOMES)
    counted = [_ordered(Counter(key[place] for key in keys), names[place]) for place in range(3)]
    room = HEIGHT - TOP - 8
    scale = room / max(1, len(keys))
    while any(_height(column, scale) > room for column in counted) and scale > room / max(1, len(keys)) / 10:
        scale *= 0.97
    for place, column in enumerate(counted):
        gap = GAP + (room - _height(column, scale)) / max(1, len(column) - 1) if len(column) > 1 else GAP
        y = TOP
        for key, count in column:
            pitch = max(PITCH, count * scale)
            columns[place][key] = Node(names[place][key], count, OUTCOME_COLOURS.get(key, NEUTRAL), COLUMNS[place], y + (pitch - count * scale) / 2)
            y += pitch + gap
    return scale


def _height(column: Sequence[tuple[str, int]], scale: float) -> float:
    return sum(max(PITCH, count * scale) for _, count in column) + GAP * (len(column) - 1)


def _band(start: Node, end: Node, width: float, colour: str) -> str:
    y0, y1 = start.y + start.right + width / 2, end.y + end.left + width / 2
    start.right += width
    end.left += width
    x0, x1 = start.x + BAR, end.x
    bend = (x1 - x0) / 2
    path = f"M{x0:.1f} {y0:.1f}C{x0 + bend:.1f} {y0:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-opacity=".34" stroke-width="{max(0.6, width):.2f}"/>'


def _bar(node: Node, scale: float) -> str:
    height = max(2.0, node.count * scale)
    x, y = node.x + BAR + 7, node.y + height / 2
    return (
        f'<rect x="{node.x:.1f}" y="{node.y:.1f}" width="{BAR:.0f}" height="{height:.1f}" fill="{node.colour}"/>'
        f'<text x="{x:.0f}" y="{y - 2:.1f}" class="halo"><tspan class="strong">{number(node.count)}</tspan> {node.name.id}</text>'
        f'<text x="{x:.0f}" y="{y + 12:.1f}" class="halo en">{node.name.en}</text>'
    )
