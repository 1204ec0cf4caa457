"""What tells of nobody and must stay: numbers of all sorts, words that people are called by, and phrases that only begin like a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

Innocent = Callable[[Random], str]


def digits(random: Random, count: int) -> str:
    return str(random.randrange(1, 10)) + "".join(random.choices("0123456789", k=count - 1))


def date(random: Random) -> str:
    day, month, year = random.randrange(1, 29), random.randrange(1, 13), random.randrange(2018, 2027)
    forms = ("{d:02}-{m:02}-{y}", "{d}/{m}/{y}", "{y}-{m:02}-{d:02}", "{d:02}.{m:02}.{y}", "{d} Maret {y}", "{d:02} {m:02} {y}", "{d:02}{m:02}{y}")
    return random.choice(forms).format(d=day, m=month, y=year)


def amount(random: Random) -> str:
    plain = random.randrange(5_000, 4_000_000_000)
    dotted = f"{plain:,}".replace(",", ".")
    return random.choice((f"Rp {dotted}", f"Rp{dotted},00", f"Rp. {dotted},-", f"{dotted} rupiah", f"Rp {plain}", f"IDR {dotted}"))


def hours(random: Random) -> str:
    first, last = random.randrange(6, 11), random.randrange(12, 23)
    return random.choice(
        (f"jam {first:02}.00-{last}.00", f"pukul {first:02}.30 WIB", f"{first:02}:00 - {last}:30", f"jam {first:02}.00 s.d. {last}.00")
    )


def token(random: Random) -> str:
    groups = [digits(random, 4) for _ in range(5)]
    return random.choice((" ", "-")).join(groups)


NUMBERS: Mapping[str, Innocent] = {
    "postal code": lambda r: f"kode pos {r.randrange(11_000, 99_999)}",
    "amount": amount,
    "plate": lambda r: f"{r.choice('BDLNSWHAG')} {r.randrange(1, 9999)} {r.choice('ABCDE')}{r.choice('KLMNP')}",
    "electricity customer": lambda r: r.choice(("IDPEL ", "ID pelanggan ", "")) + r.choice(("51", "52", "53", "54", "32")) + digits(r, 10),
    "electricity meter": lambda r: r.choice(("nomor meter ", "no meter ")) + r.choice(("14", "32", "45", "86", "08")) + digits(r, 9),
    "electricity token": token,
    "date": date,
    "court case": lambda r: f"perkara nomor {r.randrange(1, 999)}/Pdt.{r.choice('GPS')}/{r.randrange(2018, 2026)}/PN Bjn",
    "decree": lambda r: f"SK Nomor 188/{r.randrange(1, 999)}/KEP/412.013/{r.randrange(2015, 2026)}",
    "hours": hours,
    "house": lambda r: f"rumah nomor {r.randrange(1, 200)}{r.choice('ABC')}",
    "RT and RW": lambda r: r.choice((f"RT {r.randrange(1, 20):03}/RW {r.randrange(1, 20):03}", f"RT {r.randrange(1, 20)} RW {r.randrange(1, 9)}")),
    "serial": lambda r: f"nomor seri {digits(r, r.choice((10, 12, 19, 20)))}",
    "long number": lambda r: digits(r, r.choice((9, 10, 11, 18, 19, 20, 24))).replace("62", "71", 1),
    "civil servant": lambda r: (
        f"NIP 19{r.randrange(60, 99)}0{r.randrange(1, 9)}1{r.randrange(1, 9)} 20{r.randrange(10, 22)}01 {r.choice('12')} 00{r.randrange(1, 9)}"
    ),
    "bank account": lambda r: f"rekening BRI {digits(r, 15)}",
    "kilometre": lambda r: f"KM {r.randrange(1, 90)}+{r.randrange(1, 9)}00",
    "coordinates": lambda r: f"-{r.randrange(1, 9)}.{digits(r, 6)}, 1{r.randrange(5, 40):02}.{digits(r, 6)}",
    "hotline": lambda r: r.choice(("112", "110", "119", "1500-299", "call center 150 700", "129")),
    "budget code": lambda r: f"5.1.02.01.01.00{r.randrange(10, 99)}.000{r.randrange(10, 99)}",
    "years": lambda r: " ".join(str(year) for year in range(r.randrange(2015, 2020), 2024)),
    "school number": lambda r: f"NPSN {digits(r, 8)}",
    "report number": lambda r: f"laporan #{digits(r, 8)}",
    "parcel": lambda r: f"resi JP{digits(r, 10)}",
    "counted in words": lambda r: (
        r.choice(("dua puluh lima", "satu dua kali", "empat atau lima", "nol persen dari seratus delapan puluh")) + " rumah"
    ),
    "account of an office": lambda r: r.choice(("@dishub_kota", "@humas.pemkab", "akun @pdam_info di Instagram")),
    "web page": lambda r: r.choice(("www.lapor.go.id", "https://contoh.go.id/berita/20240112", "lapor.go.id/laporan/8812345")),
}
WORDS: Mapping[str, tuple[str, ...]] = {
    "Bagus": ("pelayanan yang kurang bagus", "jalannya tidak bagus lagi"),
    "Hari": ("sudah tiga hari", "setiap hari warga lewat sini", "Hari ini juga belum ada perbaikan"),
    "Indah": ("taman yang dulu indah", "Perumahan Griya Indah"),
    "Putra": ("putra daerah", "asrama putra"),
    "Bulan": ("dua bulan yang lalu", "Bulan depan katanya"),
    "Mawar": ("di Jalan Mawar", "kebun mawar di taman"),
    "Surya": ("lampu panel surya", "tenaga surya"),
    "Imam": ("imam masjid kampung", "Jalan Imam Bonjol"),
    "Jaya": ("toko Sumber Jaya", "Desa Jaya"),
    "Lestari": ("hutan yang lestari", "Perum Lestari"),
    "Timur": ("sebelah timur pasar", "Jawa Timur"),
    "Intan": ("Kecamatan Intan", "tambang intan"),
    "Mega": ("proyek mega", "Plaza Mega"),
    "Untung": ("mencari untung", "jalan Untung Suropati"),
    "Sabar": ("kami sudah sabar", "mohon sabar terus jawabannya"),
    "Bunga": ("bunga kredit", "TK Bunga Bangsa"),
    "Makmur": ("Desa Makmur", "agar warga makmur"),
    "Putri": ("asrama putri", "putri saya sakit"),
    "Mulia": ("Desa Mulia", "niat mulia"),
}
"""Sentences' pieces in which a reporter's name is a word."""
PHRASES = (
    "Nama saya tidak terdaftar di DTKS",
    "nama saya sudah dicoret dari daftar",
    "nama jalan belum dipasang",
    "atas nama warga kami mohon bantuan",
    "sertifikat masih atas nama orang tua",
    "izin diterbitkan atas nama PT Maju Bersama",
    "Dengan hormat, kami sampaikan keluhan ini",
    "pelapor lain juga mengalami hal ini",
    "di desa saya Sumberrejo, lampu padam",
    "Saya sangat kecewa dengan pelayanan ini",
    "Saya, warga setempat, keberatan",
    "nama penerima bantuan tidak sesuai",
    "Hormat kami, warga perumahan",
    "Bapak Bupati yang terhormat",
    "Ibu Lurah belum menanggapi",
)
