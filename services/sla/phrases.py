"""What sla's sentences are made of, in the languages it speaks. Data, no more."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from schemas.words import Clock, Kind
from services.sla.because import SENTENCES, StepKind
from services.sla.clocks import ChangeKind, Standing


class Language(StrEnum):
    """What a reader may ask for (`?lang=`, `Accept-Language`); the first is spoken to whoever asks for none of them."""

    ID = "id"
    EN = "en"


WEEKDAYS: Final = {
    Language.ID: ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    Language.EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS: Final = {
    Language.ID: ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"),
    Language.EN: ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
}
TIME: Final = {Language.ID: "pukul %H.%M.%S", Language.EN: "at %H:%M:%S"}
AND: Final = {Language.ID: " dan ", Language.EN: " and "}
UNITS: Final = {
    Language.ID: {"calendar_days": "hari kalender", "working_days": "hari kerja", "working_seconds": "detik kerja"},
    Language.EN: {"calendar_days": "calendar days", "working_days": "working days", "working_seconds": "working seconds"},
}

CLOCKS: Final = {
    Language.ID: {
        Clock.VERIFICATION: "verifikasi",
        Clock.FOLLOW_UP: "tindak lanjut pertama",
        Clock.RESOLUTION: "penyelesaian",
        Clock.DECISION: "penetapan instansi oleh koordinator",
        Clock.COMPLETION: "kelengkapan informasi dari pelapor",
        Clock.REPLY: "tanggapan pelapor",
    },
    Language.EN: {
        Clock.VERIFICATION: "verification",
        Clock.FOLLOW_UP: "first follow-up",
        Clock.RESOLUTION: "resolution",
        Clock.DECISION: "the coordinator's decision on a transfer",
        Clock.COMPLETION: "completion by the reporter",
        Clock.REPLY: "the reporter's reply",
    },
}
KINDS: Final = {
    Language.ID: {
        Kind.COMPLAINT: "pengaduan",
        Kind.OVERSIGHT_COMPLAINT: "pengaduan berkadar pengawasan",
        Kind.ASPIRATION: "aspirasi",
        Kind.INFORMATION_REQUEST: "permintaan informasi",
        Kind.WHISTLEBLOWING: "whistleblowing",
    },
    Language.EN: {
        Kind.COMPLAINT: "complaint",
        Kind.OVERSIGHT_COMPLAINT: "oversight complaint",
        Kind.ASPIRATION: "aspiration",
        Kind.INFORMATION_REQUEST: "information request",
        Kind.WHISTLEBLOWING: "whistleblowing",
    },
}

CLOSED: Final = {
    **{english: f"bukan hari kerja ({word})" for english, word in zip(WEEKDAYS[Language.EN], WEEKDAYS[Language.ID], strict=True)},
    "closed by an exception": "tutup menurut pengecualian kalender",
    "holiday": "hari libur",
}
"""Why a day is closed, in Indonesian, by its English words; a holiday has its own name in both."""

STEPS: Final = {
    Language.ID: {
        StepKind.CALENDAR: "Kalender kerja {reason} menurut waktu {on}.",
        StepKind.DAY_ZERO: "{on} adalah hari ke-0.",
        StepKind.MOVED: "Permulaan jatuh pada hari tutup dan bergeser ke jam buka berikutnya, {on}.",
        StepKind.CLOSED: "{on} tidak dihitung: {reason}.",
        StepKind.PAUSED: "Dihentikan sementara dari {on} sampai {reason}.",
        StepKind.PAUSED_DAY: "{on} tidak dihitung: waktu dihentikan sementara pada akhir harinya.",
        StepKind.COUNTED: "{on} adalah hari ke-{number}.",
        StepKind.WORKED: "{on}: {number} detik kerja.",
        StepKind.UNKNOWN_YEAR: "Hari libur tahun {on} belum ditetapkan dalam versi kalender ini.",
        StepKind.ESTIMATED: "{on} ({reason}) masih perkiraan.",
        StepKind.SHORTENED: "{number} hari lagi sampai {on}.",
        StepKind.DUE: "Tenggat: {on}.",
    },
    Language.EN: {kind: f"{sentence}." for kind, sentence in SENTENCES.items()},
}

STORY: Final = {
    Language.ID: {
        "policy": "Kebijakan {version}: {clock} dalam {budget} ({citation}).",
        "since": "Dihitung sejak {at} untuk {agency}.",
        "stands": "Dihentikan sementara sejak {at}: menunggu kelengkapan dari pelapor.",
        "ran_out": "Terlampaui; dicatat pada {at}.",
        ChangeKind.EXTENDED: "Diperpanjang {detail} pada {at}; tenggat semula {was}.",
        ChangeKind.RECLASSIFIED: "Klasifikasi menjadi {detail} pada {at}; tenggat semula {was}.",
        ChangeKind.BOUND: "Di tangan {detail} sampai {at}; tenggat tidak berubah karenanya.",
        Standing.MET: "Dipenuhi pada {at}.",
        Standing.BREACHED: "Berakhir setelah terlampaui pada {at}.",
        Standing.ELAPSED: "Habis waktunya pada {at}.",
        Standing.CANCELLED: "Dibatalkan pada {at}.",
    },
    Language.EN: {
        "policy": "Policy {version}: {clock} within {budget} ({citation}).",
        "since": "Counted from {at} for {agency}.",
        "stands": "Paused since {at}: the reporter was asked for more.",
        "ran_out": "Breached; recorded on {at}.",
        ChangeKind.EXTENDED: "Extended by {detail} on {at}; it was due {was}.",
        ChangeKind.RECLASSIFIED: "Became of kind {detail} on {at}; it was due {was}.",
        ChangeKind.BOUND: "With {detail} until {at}; that moved no deadline.",
        Standing.MET: "Met on {at}.",
        Standing.BREACHED: "Ended after its breach on {at}.",
        Standing.ELAPSED: "Ran out on {at}.",
        Standing.CANCELLED: "Cancelled on {at}.",
    },
}
"""What has become of a clock."""
