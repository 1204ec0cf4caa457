"""The directory as the other services hear it: one record an agency on the compacted `salur.reference`. Pure."""

from __future__ import annotations

from datetime import datetime

from chassis.hashing import key_hash
from chassis.kafka import Outgoing
from schemas.envelope import Stamp, join
from schemas.ids import caused_text
from schemas.reference.agency_v1 import AgencyRecord
from schemas.registry import dataschema
from schemas.topics import REFERENCE
from services.routing.directory import Agency, Directory

SOURCE = "urn:salur:routing"


def records(directory: Directory, at: datetime) -> list[Outgoing]:
    """Return the records that tell a version of the directory."""
    return [_record(agency, directory.version, at) for agency in directory]


def _record(agency: Agency, version: str, at: datetime) -> Outgoing:
    data = AgencyRecord(
        code=agency.code,
        name=agency.name,
        level=agency.level,
        parent=agency.parent,
        zone=agency.zone,
        version=version,
        valid_from=agency.valid_from,
        valid_to=agency.valid_to,
    )
    stamp = Stamp(SOURCE, AgencyRecord.TYPE, dataschema(AgencyRecord.TYPE))
    own = {"id": caused_text(f"directory {version}", agency.code, at), "time": f"{at.isoformat()[:-6]}Z"}
    key = f"agency/{agency.code}".encode()
    return Outgoing(REFERENCE, key, key_hash(key), join(stamp.header(own), data.to_json()), stamp.headers(own))
