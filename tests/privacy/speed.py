"""How long a redaction takes, in processor time."""

from __future__ import annotations

import time
from timeit import repeat

from schemas.inbound.complaint_submitted_v1 import Reporter
from services.intake.redaction import redact

REPORTER = Reporter(
    name="Wulan A. Kenariyanti",
    nik="3522010101900001",
    phone="+62 812-3456-7890",
    email="wulan.k@contoh.id",
    address="Jl. Melati Putih No. 5, Kec. Dander, Bojonegoro",
)
ORDINARY = (
    "Yth. Bapak Bupati, kami warga RT 05 RW 02 Desa Sumberrejo melaporkan bahwa lampu penerangan jalan umum di sepanjang jalan raya depan "
    "pasar sudah mati sejak tiga minggu yang lalu. Kondisi ini sangat membahayakan pengendara terutama pada malam hari, apalagi jalan "
    "tersebut berlubang cukup dalam. Sudah pernah kami sampaikan kepada pihak kelurahan tetapi sampai sekarang belum ada tindak lanjut. "
    "Mohon kiranya dinas terkait segera memperbaiki. Terima kasih atas perhatiannya. Salam hormat dari warga."
)
TELLING = f"{ORDINARY} Nama saya Wulan Kenariyanti, NIK 3522010101900001, HP 0812-3456-7890, email wulan.k@contoh.id, sejak 12-03-2025."
_TIMES = 200


def microseconds(text: str, reporter: Reporter | None) -> float:
    """Return the processor's time of one redaction, the best of some."""
    return min(repeat(lambda: redact(text, reporter), number=_TIMES, repeat=7, timer=time.process_time)) / _TIMES * 1e6


def spent() -> dict[str, float]:
    """Return the times of ordinary texts of about 500 characters and of one that tells everything."""
    return {
        "ordinary text, reporter unknown": microseconds(ORDINARY, None),
        "ordinary text, reporter known": microseconds(ORDINARY, REPORTER),
        "telling text, reporter known": microseconds(TELLING, REPORTER),
    }
