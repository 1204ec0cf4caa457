"""Pure: may this schema replace that one within a version? The answer is a list of reasons against it.

What we read (inbound): whatever a sender could send yesterday must be taken, and heard, today. What we say (outbound): a reader
of yesterday must be able to read today's events, and a reader of today yesterday's, for both versions of a service run side by
side. So inbound limits may be widened, outbound ones may not change; new optional fields and new prose are always free.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any, Final

Schema = Mapping[str, Any]

_PROSE: Final = frozenset({"title", "description", "examples", "$schema", "$id", "$defs", "x-salur"})
_UPPER: Final = ("maxLength", "maximum", "maxItems", "exclusiveMaximum")
_LOWER: Final = ("minLength", "minimum", "minItems", "exclusiveMinimum")
_STRUCTURE: Final = ("type", "enum", "const", "pattern", "format", "properties", "required", "items", "default")
_JUDGED: Final = frozenset((*_STRUCTURE, *_UPPER, *_LOWER))


def reasons_against(old: Schema, new: Schema) -> list[str]:
    """Return why `new` may not replace the released `old`, each with its place; empty when it may."""
    cards = old["x-salur"], new["x-salur"]
    found = [f"{name}: was {cards[0][name]}, is {cards[1][name]}" for name in ("type", "topic") if cards[0][name] != cards[1][name]]
    found += _removed(old, new, old, new, "")
    found += _refused(_Pair(old, new, "what could be sent is refused now"), old, new, "")
    if cards[0]["direction"] == "out":
        found += _refused(_Pair(new, old, "readers of before cannot take it"), new, old, "")
    return list(dict.fromkeys(found))


class _Pair:
    """The two documents that a comparison resolves references in, and what it means when `wide` does not fit into `narrow`."""

    def __init__(self, wide: Schema, narrow: Schema, why: str) -> None:
        self.wide = wide
        self.narrow = narrow
        self.why = why

    def against(self, path: str, what: str) -> str:
        return f"{path or '/'}: {what} ({self.why})"


def _refused(pair: _Pair, wide: Schema, narrow: Schema, path: str) -> list[str]:
    """Return why something that fits `wide` may not fit `narrow`."""
    found = []
    if wide.get("default") != narrow.get("default"):
        found.append(pair.against(path, "the default differs, so an absent field means something else"))
    targets = _arms(narrow, pair.narrow)
    for arm in _arms(wide, pair.wide):
        answers = [_refused_arm(pair, arm, target, path) for target in targets]
        if [] not in answers:
            same = [answer for target, answer in zip(targets, answers, strict=True) if target.get("type") == arm.get("type")]
            found += same[0] if len(same) == 1 else [pair.against(path, f"{_named(arm)} is not among what is taken")]
    return found


def _refused_arm(pair: _Pair, wide: Schema, narrow: Schema, path: str) -> list[str]:
    kinds = wide.get("type"), narrow.get("type")
    if kinds[1] not in (None, kinds[0]) and kinds != ("integer", "number"):
        return [pair.against(path, f"{kinds[0]} and {kinds[1]} are different types")]
    found = [pair.against(path, what) for what in (*_limits(wide, narrow), *_values(wide, narrow), *_unjudged(wide, narrow))]
    became = set(narrow.get("required", ())) - set(wide.get("required", ()))
    found += [pair.against(f"{path}/{name}", "is required on one side only") for name in sorted(became)]
    shared = wide.get("properties", {}).keys() & narrow.get("properties", {}).keys()
    for name in sorted(shared):
        found += _refused(pair, wide["properties"][name], narrow["properties"][name], f"{path}/{name}")
    if "items" in narrow:
        found += _refused(pair, wide.get("items", {}), narrow["items"], f"{path}/*")
    return found


def _limits(wide: Schema, narrow: Schema) -> list[str]:
    tighter = [name for name in _UPPER if name in narrow and wide.get(name, inf) > narrow[name]]
    tighter += [name for name in _LOWER if name in narrow and wide.get(name, -inf) < narrow[name]]
    return [f"{name} is {narrow[name]} against {wide.get(name, 'none')}" for name in tighter]


def _values(wide: Schema, narrow: Schema) -> list[str]:
    allowed, given = _words(narrow), _words(wide)
    found = []
    if allowed is not None and given is None:
        found.append("only listed values are taken on one side")
    elif allowed is not None and given is not None and (extra := [word for word in given if word not in allowed]):
        found.append(f"{', '.join(map(str, extra))} is listed on one side only")
    if "format" in narrow and wide.get("format") != narrow["format"]:
        found.append("format differs")
    # No machine tells what a pattern takes; but `a|b` takes whatever `a` does.
    if "pattern" in narrow and not ("pattern" in wide and f"{narrow['pattern']}|".startswith(f"{wide['pattern']}|")):
        found.append("pattern differs")
    return found


def _unjudged(wide: Schema, narrow: Schema) -> list[str]:
    names = (wide.keys() | narrow.keys()) - _PROSE - _JUDGED
    return [f"{name} differs, which cannot be judged" for name in sorted(names) if wide.get(name) != narrow.get(name)]


def _words(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _removed(old: Schema, new: Schema, old_root: Schema, new_root: Schema, path: str) -> list[str]:
    """Return the fields that are no longer there, at any depth."""
    before, after = _fields(old, old_root), _fields(new, new_root)
    found = [f"{path}/{name}: was removed (readers and senders rely on it)" for name in sorted(before.keys() - after.keys())]
    for name in sorted(before.keys() & after.keys()):
        found += _removed(before[name], after[name], old_root, new_root, f"{path}/{name}")
    return found


def _fields(schema: Schema, root: Schema) -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for arm in _arms(schema, root):
        found.update(arm.get("properties", {}))
        if "items" in arm:
            found["*"] = arm["items"]
    return found


def _arms(schema: Schema, root: Schema) -> list[Schema]:
    """Return the alternatives of a schema, references resolved."""
    if "$ref" in schema:
        return _arms(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    if "properties" in schema or "anyOf" not in schema:
        return [schema]
    return [arm for part in schema["anyOf"] for arm in _arms(part, root)]


def _named(schema: Schema) -> str:
    return str(schema.get("type", "anything"))
