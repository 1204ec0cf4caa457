"""A corpus of complaints that nobody wrote: identities of every form in them, and numbers and words that tell of nobody.

A sample is a row of pieces: plain words, what must go (with its class and form) and what must stay (with its class). Seeds below
`FIRST_MEASURED` are for mending the redaction, those from it on are only measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from schemas.inbound.complaint_submitted_v1 import Reporter
from tests.privacy import forms, innocent
from tests.privacy.people import Person, person

FIRST_MEASURED = 1_000_000
BODY = (
    "Lampu penerangan jalan di depan pasar sudah mati sejak tiga minggu yang lalu.",
    "Jalan berlubang cukup dalam dan sering membuat pengendara jatuh, terutama pada malam hari.",
    "Sampah menumpuk di pinggir sungai dan baunya mengganggu warga sekitar.",
    "Air PDAM tidak mengalir, padahal tagihan tetap harus dibayar setiap bulan.",
    "Sudah berkali-kali kami sampaikan ke kelurahan tetapi belum ada tindak lanjut.",
    "Petugas loket meminta biaya tambahan tanpa kuitansi.",
    "Bantuan sosial belum cair, sedangkan tetangga yang mampu justru menerima.",
    "Antrean di puskesmas sangat panjang dan dokter datang terlambat.",
    "Pohon besar di depan sekolah hampir tumbang dan membahayakan siswa.",
    "Drainase tersumbat sehingga setiap hujan air masuk ke rumah.",
    "Mohon dinas terkait segera meninjau lokasi dan memperbaikinya.",
    "Proses pembuatan KTP sudah dua bulan tidak selesai dengan alasan blangko habis.",
    "Truk tambang lewat siang dan malam, jalan desa jadi hancur dan berdebu.",
    "Kami berharap ada kejelasan kapan perbaikan akan dimulai.",
    "Parkir liar menutup trotoar sehingga pejalan kaki harus turun ke jalan.",
    "Guru sering tidak masuk dan anak-anak dipulangkan lebih awal.",
    "Sinyal internet di dusun kami hilang sejak tower rusak.",
    "Pungutan ini memberatkan orang tua murid.",
)
HELD_OUT = (
    "Kolam renang umum ditutup mendadak tanpa pemberitahuan sejak libur panjang.",
    "Anjing liar berkeliaran di sekitar kampus dan menggigit dua mahasiswa.",
    "Bioskop keliling memutar musik keras sampai dini hari.",
    "Saya kapok berurusan dengan calo di pelabuhan, tiketnya dobel.",
    "Kursi roda di poliklinik rusak semua, lansia terpaksa digendong.",
    "Bendungan retak dan petani garam gagal panen dua kali berturut-turut.",
    "Pelat nomor becak listrik dirazia padahal izinnya lengkap.",
    "Beras raskin berkutu dan timbangannya tidak sesuai.",
    "Kapal penyeberangan kelebihan muatan, rompi pelampung hanya belasan.",
    "Zebra cross memudar dan anak sekolah menyeberang tanpa pengawas.",
    "Perpustakaan keliling sudah setahun mangkrak di garasi dinas.",
    "Pemulung membakar kabel tembaga, asapnya masuk ke ruang kelas.",
)
"""Sentences that only the measured texts hold: no list of words was mended by them."""
OPENINGS = ("Yth. Bapak Bupati,", "Assalamualaikum wr wb.", "Selamat pagi,", "Kepada Dinas terkait.", "Mohon maaf mengganggu.", "")
ENDS = ("Terima kasih.", "Mohon tindak lanjutnya, terima kasih.", "Demikian laporan kami.", "")
SLOTS = {
    "NIK": ("NIK saya ", "dengan NIK ", "No KTP: ", "data saya ", "NIK : "),
    "telephone": ("Bisa dihubungi di ", "nomor HP saya ", "WA ", "kontak: ", "telp ", "Nomor kami "),
    "e-mail": ("email saya ", "surel: ", "kirim ke ", "balas ke alamat "),
    "address": ("Saya tinggal di ", "alamat rumah ", "rumah kami di "),
    "own name": ("saya yang melapor, ", "data itu tertulis ", "tolong panggil ", "yang mengurus ", "sudah didaftar oleh "),
}
NAMING = (
    "Nama saya {}, ",
    "nama saya {} dari desa sebelah, ",
    "Perkenalkan nama saya {}. ",
    "Perkenalkan, saya {}. ",
    "Saya bernama {}, ",
    "nama: {}\n",
    "Nama lengkap : {}\n",
    "Nama Pelapor: {}\n",
    "sertifikat atas nama {}, ",
    "rekening a.n. {}. ",
    "tagihan a/n {} belum dibayar. ",
    "My name is {}, ",
    "nama anak saya {}, ",
    "Hormat saya,\n{}\n",
    "Saya {}, warga setempat. ",
)
"""Phrases in which people name themselves, who may be unknown to the vault."""
STYLES = ("written", "written", "written", "written", "shouted", "small")


@dataclass(frozen=True)
class Piece:
    """A stretch of a text; `goes`: it must not be there afterwards."""

    text: str
    label: str = ""
    form: str = ""
    goes: bool = False


@dataclass
class Sample:
    """A complaint with the reporter whom the vault knows."""

    reporter: Reporter | None
    pieces: list[Piece] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def samples(seeds: range) -> Iterator[Sample]:
    """Return one complaint a seed, the same ones for the same seeds."""
    return (_Writer(Random(seed), BODY if seed < FIRST_MEASURED else BODY + HELD_OUT).sample() for seed in seeds)


class _Writer:
    def __init__(self, random: Random, sentences: tuple[str, ...]) -> None:
        self._random = random
        self._sentences = sentences
        self._style = random.choice(STYLES)
        self._person = person(random, words=random.random() < 0.12)
        self._pieces: list[Piece] = []

    def sample(self) -> Sample:
        """Write one complaint: sentences with something that goes, something that stays, or neither, between them."""
        known = self._random.random() < 0.7
        self._say(self._random.choice(OPENINGS))
        deeds = [self._body] * self._random.randrange(2, 5) + [self._stays] * self._random.randrange(1, 4)
        deeds += [self._tells_of_nobody_known] if self._random.random() < 0.5 else []
        deeds += [self._names] if self._random.random() < 0.35 else []
        deeds += [self._tells_of_the_reporter] * self._random.randrange(3) if known else []
        deeds += [self._word] if known and self._person.words else []
        self._random.shuffle(deeds)
        for deed in deeds:
            deed()
        self._say(self._random.choice(ENDS))
        return Sample(_reporter(self._person) if known else None, self._pieces)

    def _body(self) -> None:
        self._say(self._random.choice(self._sentences))

    def _stays(self) -> None:
        if self._random.random() < 0.2:
            self._add(self._random.choice(innocent.PHRASES), "phrase")
        else:
            label = self._random.choice(sorted(innocent.NUMBERS))
            self._say(self._random.choice(("Lihat", "Tercatat", "Keterangan:", "Bukti", "Sudah ada")), end=" ")
            self._add(innocent.NUMBERS[label](self._random), label)
        self._say(".", end=" ")

    def _word(self) -> None:
        self._add(self._random.choice(innocent.WORDS.get(self._person.parts[0], ("sudah lama",))), "word that is a name")
        self._say(".", end=" ")

    def _tells_of_nobody_known(self) -> None:
        nik, phone, mail = forms.of_nobody(self._random)
        kinds = (
            ("NIK", forms.NIK, forms.NIK_HARD, nik),
            ("telephone", forms.PHONE, forms.PHONE_HARD, phone),
            ("e-mail", forms.EMAIL, forms.EMAIL_HARD, mail),
        )
        label, plain, hard, value = self._random.choice(kinds)
        form = self._random.choice([*sorted(plain) * 2, *sorted(hard)])
        self._plant(label, form, (plain | hard)[form](self._random, value))  # type: ignore[operator]

    def _tells_of_the_reporter(self) -> None:
        who, random = self._person, self._random
        kind = random.choice(("name", "name", "name", "NIK", "telephone", "e-mail", "address"))
        if kind == "name":
            names = {**forms.NAME, **forms.NAME_HARD}
            form = random.choice([*sorted(forms.NAME) * 2, *sorted(forms.NAME_HARD)])
            written = "whole" if who.words and form not in forms.NAME else form
            self._plant("own name", f"a word, {written}" if who.words else form, names[written](random, who.parts))
        elif kind == "e-mail":
            self._plant("e-mail", "own, account alone", who.email.partition("@")[0])
        elif kind == "address":
            self._plant("address", "own", forms.own_address(random, who))
        else:
            self._plant(kind, "own, in no usual form", forms.own_nik(random, who) if kind == "NIK" else forms.own_phone(random, who))

    def _names(self) -> None:
        phrase = self._random.choice(NAMING)
        before, _, after = phrase.partition("{}")
        named = self._person.name if self._random.random() < 0.5 else person(self._random).name
        self._say(before, end="")
        self._add(named, "self-naming", " ".join(before.split()) + " …", goes=True)
        self._say(after, end=" ")

    def _plant(self, label: str, form: str, written: str) -> None:
        self._say(self._random.choice(SLOTS[label]), end="")
        self._add(written, label, form, goes=True)
        self._say(".", end=" ")

    def _say(self, text: str, end: str = " ") -> None:
        self._add(text + end if text else "")

    def _add(self, text: str, label: str = "", form: str = "", *, goes: bool = False) -> None:
        if text:
            styled = {"shouted": text.upper, "small": text.lower}.get(self._style, text.__str__)()
            self._pieces.append(Piece(styled, label, form, goes))


def _reporter(who: Person) -> Reporter:
    return Reporter(name=who.name, nik=who.nik, phone=who.phone, email=who.email, address=who.address)
