"""The AsyncAPI document: valid by the official parser, with examples that the real reader reads."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from schemas.envelope import parse
from schemas.registry import EVENTS, model_of, read

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
ASYNCAPI = ROOT / "schemas" / "published" / "asyncapi.json"
PARSER = "@asyncapi/parser@3.6.3"
PARSE = """
const {Parser} = require("@asyncapi/parser");
new Parser().parse(require("fs").readFileSync(process.argv[1], "utf8"), {source: process.argv[1]})
  .then(({document, diagnostics}) => console.log(JSON.stringify({read: document !== undefined, diagnostics})));
"""


def messages() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ASYNCAPI.read_bytes())["components"]["messages"]
    return found


@pytest.mark.parametrize("type_", EVENTS)
def test_every_example_of_the_asyncapi_document_is_read(type_: str) -> None:
    examples = messages()[type_]["examples"]
    assert examples
    for example in examples:
        headers = {name: value.encode() for name, value in example["headers"].items()}
        envelope = parse(json.dumps(example["payload"]).encode(), headers)
        assert envelope.type == type_
        read(model_of(type_), envelope.data)


def parser() -> Path:
    """Return the folder of the official parser, which is fetched once."""
    folder = Path(os.environ.get("SALUR_CACHE", ROOT / ".salur" / "cache")) / "asyncapi-parser"
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("not run: node and npm are not here")
    if not (folder / "node_modules" / "@asyncapi" / "parser" / "package.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text("{}")
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", PARSER]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=240)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            pytest.skip(f"not run: the official AsyncAPI parser could not be fetched ({type(error).__name__})")
    return folder


def test_the_official_parser_has_nothing_to_say_about_the_asyncapi_document() -> None:
    told = subprocess.run(["node", "-e", PARSE, str(ASYNCAPI)], cwd=parser(), check=True, capture_output=True, timeout=120)
    assert json.loads(told.stdout) == {"read": True, "diagnostics": []}
