"""Who a reporter is stays in the vault: not in a topic but the one it came by, not in a table, a log, a metric or an answer."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from asyncpg import Record

from services.intake import store
from services.intake.vault import Vault
from tests.intake.conftest import SAID, Running, event_of, eventually

REPORTER = {
    "name": "Kenariyanti Wulansuci",
    "nik": "3522014404900077",
    "phone": "0812-9988-7766",
    "email": "kenari.emas@contoh.id",
    "address": "Jl. Sangkar Emas No. 77",
}
TEXT = (
    "Nama saya Kenariyanti Wulansuci, NIK 3522 0144 0490 0077, HP +62 812 9988 7766 atau 081299887766, email KENARI.EMAS@contoh.id, "
    "rumah di jl sangkar emas no 77. Jalan rusak, hubungi Bu Kenariyanti."
)
CANARIES = ("kenariyanti", "wulansuci", "3522014404900077", "81299887766", "9988-7766", "9988 7766", "kenari.emas", "sangkar emas")
SECRET = "burungkenarirahasia"
"""A word that no redaction knows: it may not travel with confidential or refused submissions at all."""


def found(text: str, words: tuple[str, ...] = (*CANARIES, SECRET)) -> list[str]:
    """Return which canaries a text holds, in plain or in hexadecimal, as bytea columns are shown."""
    lower = text.casefold()
    return [word for word in words if word in lower or word.encode().hex() in lower]


async def send_all(running: Running) -> list[str]:
    """Send the canaries by every door, in cases of every kind and in records that are refused; returns the cases' ids."""
    plain = {"text": TEXT, "title": "Laporan Kenariyanti", "reporter": REPORTER, "category": "jalan, hp 081299887766", "addressed_to": TEXT[:200]}
    hidden = {**plain, "text": f"{TEXT} {SECRET}", "title": SECRET, "location": {"address": SECRET}}
    files = [{"url": f"https://contoh.id/{SECRET}.jpg"}]
    good: list[dict[str, Any]] = [plain, {**plain, "location": {"address": SECRET}, "attachments": files}]
    good += [{**hidden, "confidential": True, "attachments": files}, {**hidden, "kind": "whistleblowing"}]
    bad = [
        {**hidden, "region": SECRET},
        {**hidden, "channel": SECRET},
        {**hidden, "reporter": SECRET},
        {**hidden, "submitted_at": "2999-01-01T00:00:00Z"},
    ]
    cases = []
    for data in good:
        cases.append((await running.receipt(await running.submit(data)))["case_id"])
        cases.append((await running.post(data, str(uuid4()))).json()["case_id"])
    for data in bad:
        await running.receipt(await running.submit(data))
        answer = await running.post(data, str(uuid4()))
        assert (answer.status_code, found(answer.text)) == (422, [])
    for broken in (b"{" + TEXT.encode(), orjson.dumps(event_of(hidden, type="salur.complaint.submitted.v2"))):
        place = await running.publish(broken)
        await eventually(lambda place=place: running.receipts_at([place]))
    return cases


async def test_no_canary_leaves_the_vault(running: Running) -> None:
    cases = await send_all(running)
    await eventually(lambda: set(cases) <= {e["subject"] for e in running.documents("salur.intake") + running.documents("salur.restricted")})
    for topic in SAID:
        for record in running.records.get(topic, ()):
            whole = b" ".join([record.key or b"", record.value or b"", *(value for _, value in record.headers)]).decode()
            assert found(whole) == [], topic
    for schema in ("intake", "salur"):
        tables = await running.owner.fetch("SELECT table_name FROM information_schema.tables WHERE table_schema = $1", schema)
        for (table,) in tables:
            for (row,) in await running.owner.fetch(f'SELECT t::text FROM {schema}."{table}" t'):
                assert found(row) == [], table
    for log in running.stack.settings.logs_folder.iterdir():
        assert found(log.read_text(errors="replace")) == [], log.name
    assert found((await running.http.get("/metrics")).text) == []
    assert found((await running.http.get("/ops/v1/parked")).text) == []
    for (tracking_id,) in await running.owner.fetch(
        "SELECT tracking_id FROM intake.submission WHERE case_id = ANY($1::uuid[])", [UUID(c) for c in cases]
    ):
        assert found((await running.http.get(f"/v1/complaints/{tracking_id}")).text) == []


async def test_what_can_still_be_read_in_a_redacted_text_is_the_matter_itself(running: Running) -> None:
    told = (await running.post({"text": TEXT, "reporter": REPORTER}, str(uuid4()))).json()
    event = await running.said(told["case_id"])
    assert event["data"]["text"] == (
        "Nama saya [nama], NIK [NIK], HP [telepon] atau [telepon], email [email], rumah di [alamat]. Jalan rusak, hubungi Bu [nama]."
    )


async def test_whistle_blowing_is_told_on_the_restricted_topic_only(running: Running) -> None:
    told = (await running.post({"text": "Pungutan.", "kind": "whistleblowing"}, str(uuid4()))).json()
    await eventually(lambda: [e for e in running.documents("salur.restricted") if e["subject"] == told["case_id"]])
    assert not [e for e in running.documents("salur.intake") if e["subject"] == told["case_id"]]


async def entry_of(running: Running, case_id: str) -> Record:
    row = await running.owner.fetchrow("SELECT * FROM intake.vault WHERE case_id = $1", UUID(case_id))
    assert row is not None
    return row


def opened_vault(running: Running) -> Vault:
    vault = Vault()
    vault.arm((running.stack.settings.secrets_folder / "intake.key").read_bytes())
    return vault


async def test_the_vault_gives_back_what_was_sent_until_the_person_is_erased(running: Running) -> None:
    data = {"text": TEXT, "title": "Judul", "reporter": REPORTER, "reply_to": "https://contoh.id/balas"}
    case_id = UUID((await running.post(data, str(uuid4()))).json()["case_id"])
    vault = opened_vault(running)
    await running.owner.execute("SET search_path TO intake")
    entry = await store.open_entry(running.owner, vault, case_id)
    assert entry is not None
    assert (entry.text.decode(), orjson.loads(entry.reporter or b""), entry.reply_to) == (TEXT, REPORTER, b"https://contoh.id/balas")
    assert (entry.location, entry.attachments) == (None, None)
    await running.owner.execute("UPDATE vault SET wrapped_key = NULL WHERE case_id = $1", case_id)
    assert await store.open_entry(running.owner, vault, case_id) is None


async def test_no_two_cases_share_a_key_and_nothing_in_the_row_is_readable(running: Running) -> None:
    rows = [await entry_of(running, (await running.post({"text": "Sama persis."}, str(uuid4()))).json()["case_id"]) for _ in range(2)]
    assert rows[0]["wrapped_key"] != rows[1]["wrapped_key"]
    assert rows[0]["text"] != rows[1]["text"]
    assert b"Sama" not in rows[0]["text"]


async def test_a_start_without_the_master_key_that_sealed_this_vault_is_refused(running: Running, tmp_path: Any) -> None:
    process = await running.process(SALUR_SECRETS=str(tmp_path))
    out, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    assert b"not the master key" in out
    assert not (tmp_path / "intake.key").exists()


@pytest.mark.parametrize("statement", ["SELECT 1 FROM routing.head", "UPDATE event SET data = NULL", "DELETE FROM event"])
async def test_intakes_role_reaches_its_own_schema_only_and_cannot_change_what_was_said(running: Running, statement: str) -> None:
    import asyncpg  # noqa: PLC0415 - the driver itself, as a stranger would use the role

    url = (running.stack.settings.secrets_folder / "postgres-intake.url").read_text()
    connection = await asyncpg.connect(url, server_settings={"search_path": "intake"})
    try:
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute(statement)
    finally:
        await connection.close()
