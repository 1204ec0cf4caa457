"""`salur sla compute` as a stranger uses it: a process, lines in, lines out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOUR = """\
{"id":"a","start":"2025-03-27T10:15:00+07:00","budget":{"working_days":3},"calendar":"id-national"}
{"id":"b","start":"2025-03-27T15:30:00+07:00","budget":{"working_seconds":7200},"calendar":"id-national","until":"2025-04-08T08:00:00+07:00"}
{"id":"c","start":"2024-06-03T09:00:00+00:00","budget":{"working_seconds":7200},"calendar":{"timezone":"UTC","weekly":{"mon":[["09:00","17:00"]]},"holidays":[],"exceptions":{}},"pauses":[["2024-06-03T10:00:00+00:00","2024-06-03T12:00:00+00:00"]]}
{"id":"d","start":"2024-06-03T09:00:00+00:00","budget":{"working_days":2},"calendar":{"timezone":"UTC","weekly":{"mon":[["09:00","17:00"]],"tue":[["09:00","17:00"]],"wed":[["09:00","17:00"]],"thu":[["09:00","17:00"]]}},"pauses":[["2024-06-04T08:00:00+00:00","2024-06-05T08:00:00+00:00"]]}
"""
ANSWERS = """\
{"id":"a","due_at":"2025-04-10T23:59:59+07:00"}
{"id":"b","due_at":"2025-04-08T09:00:00+07:00","elapsed_working_seconds":3600}
{"id":"c","due_at":"2024-06-03T13:00:00+00:00"}
{"id":"d","due_at":"2024-06-06T23:59:59+00:00"}
"""
SALUR = [str(Path(sys.executable).with_name("salur")), "sla", "compute"]


def run(*arguments: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*SALUR, *arguments], input=given, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("arguments", [(), ("-",), ("--json", "-")])
def test_the_four_lines_of_the_contract_give_its_four_answers(arguments: tuple[str, ...]) -> None:
    done = run(*arguments, given=FOUR)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(list(answer)[-1] == "because" and answer.pop("because") for answer in answers)
    assert [list(answer.items()) for answer in answers] == [list(json.loads(line).items()) for line in ANSWERS.splitlines()]


def test_a_file_is_read_and_broken_lines_do_not_stop_the_others(tmp_path: Path) -> None:
    file = tmp_path / "lines.ndjson"
    first, *rest = FOUR.splitlines()
    file.write_text("\n".join([first, "{nonsense", '{"id":"e"}', *rest]))
    done = run(str(file))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [answer["id"] for answer in answers] == ["a", None, "e", "b", "c", "d"]
    assert answers[2]["error"]["path"] == "/start"
    assert done.stderr == ""


def test_a_due_time_on_the_border_of_the_years_takes_no_other_answer_with_it() -> None:
    border = [
        '{"id":"F","start":"2499-12-30T09:00:00Z","budget":{"calendar_days":1},"calendar":"id-national"}',
        '{"id":"G","start":"2499-12-31T09:00:00Z","budget":{"calendar_days":1},"calendar":"id-national"}',
    ]
    first, *rest = FOUR.splitlines()
    done = run(given="\n".join([first, *border, *rest]))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (1, "")
    assert [answer["id"] for answer in answers] == ["a", "F", "G", "b", "c", "d"]
    assert answers[1]["due_at"] == "2499-12-31T23:59:59+07:00"
    assert answers[2]["error"]["code"] == "out_of_range"


def test_no_lines_have_no_answers() -> None:
    done = run(given="\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ["missing.ndjson", "."])
def test_a_file_that_cannot_be_read_is_wrong_use_and_said_in_a_sentence(tmp_path: Path, name: str) -> None:
    done = run(str(tmp_path / name))
    assert done.returncode == 2
    assert done.stderr.strip().endswith(".")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_output_is_not_told_as_an_input_that_cannot_be_read() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(SALUR, input=FOUR.encode(), stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (done.returncode, done.stderr.decode()) == (1, "The answers cannot be written: No space left on device.\n")


def test_a_reader_that_has_gone_ends_it_without_a_word() -> None:
    with subprocess.Popen(SALUR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, said = process.communicate(FOUR.encode(), timeout=60)
    assert (process.returncode, said) == (1, b"")


def test_an_unknown_option_is_wrong_use() -> None:
    assert run("--colour").returncode == 2


def test_each_answer_comes_before_the_next_line_is_sent() -> None:
    with subprocess.Popen(SALUR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line, answer in zip(FOUR.splitlines(), ANSWERS.splitlines(), strict=True):
            process.stdin.write(line + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["due_at"] == json.loads(answer)["due_at"]
        process.stdin.close()
        assert process.wait(timeout=30) == 0
