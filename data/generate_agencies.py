"""Write agencies.csv from regions.csv and the lists below: `python data/generate_agencies.py`; sources in data/README.md."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
COLUMNS = ("code", "name", "level", "parent", "zone", "valid_from", "valid_to")
CAPITAL = "Asia/Jakarta"
"""The zone of bodies that sit in the capital."""

COORDINATOR = ("ID", "Kementerian PANRB (Koordinator Nasional SP4N-LAPOR!)")

MINISTRIES = (
    ("ATRBPN", "Kementerian Agraria dan Tata Ruang/Badan Pertanahan Nasional"),
    ("BGN", "Badan Gizi Nasional"),
    ("BIG", "Badan Informasi Geospasial"),
    ("BKN", "Badan Kepegawaian Negara"),
    ("BNN", "Badan Narkotika Nasional"),
    ("BPJSKES", "BPJS Kesehatan"),
    ("BPJSTK", "BPJS Ketenagakerjaan"),
    ("BPOM", "Badan Pengawas Obat dan Makanan"),
    ("BPS", "Badan Pusat Statistik"),
    ("ESDM", "Kementerian Energi dan Sumber Daya Mineral"),
    ("KEMDIKDASMEN", "Kementerian Pendidikan Dasar dan Menengah"),
    ("KEMDIKTISAINTEK", "Kementerian Pendidikan Tinggi, Sains, dan Teknologi"),
    ("KEMENAG", "Kementerian Agama"),
    ("KEMENDAG", "Kementerian Perdagangan"),
    ("KEMENHUB", "Kementerian Perhubungan"),
    ("KEMENHUT", "Kementerian Kehutanan"),
    ("KEMENIMIPAS", "Kementerian Imigrasi dan Pemasyarakatan"),
    ("KEMENKES", "Kementerian Kesehatan"),
    ("KEMENKEU", "Kementerian Keuangan"),
    ("KEMENKUM", "Kementerian Hukum"),
    ("KEMENSOS", "Kementerian Sosial"),
    ("KEMLU", "Kementerian Luar Negeri"),
    ("KEMNAKER", "Kementerian Ketenagakerjaan"),
    ("KKP", "Kementerian Kelautan dan Perikanan"),
    ("KOMDIGI", "Kementerian Komunikasi dan Digital"),
    ("KP2MI", "Kementerian Pelindungan Pekerja Migran Indonesia"),
    ("KY", "Komisi Yudisial"),
    ("OJK", "Otoritas Jasa Keuangan"),
    ("PKP", "Kementerian Perumahan dan Kawasan Permukiman"),
    ("POLRI", "Kepolisian Negara Republik Indonesia"),
    ("PUPR", "Kementerian Pekerjaan Umum"),
)
STATE_COMPANIES = (
    ("KAI", "PT Kereta Api Indonesia (Persero)"),
    ("PERTAMINA", "PT Pertamina (Persero)"),
    ("PLN", "PT PLN (Persero)"),
    ("POS", "PT Pos Indonesia (Persero)"),
)
UNITS_OF = ("35.22", "Kabupaten Bojonegoro")
UNITS = (
    ("badan-penanggulangan-bencana-daerah", "Badan Penanggulangan Bencana Daerah"),
    ("dinas-kependudukan", "Dinas Kependudukan dan Pencatatan Sipil"),
    ("dinas-kesehatan", "Dinas Kesehatan"),
    ("dinas-kominfo", "Dinas Komunikasi dan Informatika"),
    ("dinas-lingkungan-hidup", "Dinas Lingkungan Hidup"),
    ("dinas-pemberdayaan-masyarakat-desa", "Dinas Pemberdayaan Masyarakat dan Desa"),
    ("dinas-penanaman-modal", "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu"),
    ("dinas-pendidikan", "Dinas Pendidikan"),
    ("dinas-perdagangan", "Dinas Perdagangan, Koperasi dan Usaha Mikro"),
    ("dinas-perhubungan", "Dinas Perhubungan"),
    ("dinas-perindustrian-tenaga-kerja", "Dinas Perindustrian dan Tenaga Kerja"),
    ("dinas-pertanian", "Dinas Ketahanan Pangan dan Pertanian"),
    ("dinas-perumahan", "Dinas Perumahan, Kawasan Permukiman dan Cipta Karya"),
    ("dinas-pu-bina-marga", "Dinas Pekerjaan Umum Bina Marga dan Penataan Ruang"),
    ("dinas-pu-sumber-daya-air", "Dinas Pekerjaan Umum Sumber Daya Air"),
    ("dinas-sosial", "Dinas Sosial"),
    ("inspektorat", "Inspektorat"),
    ("satpol-pp", "Satuan Polisi Pamong Praja"),
)


def national() -> Iterator[tuple[str, ...]]:
    """Yield the coordinator, the ministries and agencies, and the state companies."""
    yield (*COORDINATOR, "national", "", CAPITAL, "", "")
    for abbreviation, name in MINISTRIES:
        yield (f"ID.{abbreviation}", name, "ministry", "ID", CAPITAL, "", "")
    for abbreviation, name in STATE_COMPANIES:
        yield (f"ID.{abbreviation}", name, "state_company", "ID", CAPITAL, "", "")


def local() -> Iterator[tuple[str, ...]]:
    """Yield each province and regency of regions.csv as the government of that place, with the units that are listed."""
    with (HERE / "regions.csv").open(encoding="utf-8", newline="") as file:
        regions = [row for row in csv.DictReader(file) if row["level"] in {"province", "regency"}]
    for row in regions:
        code, name = row["code"], row["name"].strip()
        if row["level"] == "province":
            yield (code, f"Pemerintah Provinsi {name}", "province", "ID", row["zone"], "", "")
        else:
            yield (code, f"Pemerintah {name}", "regency", code.split(".")[0], row["zone"], "", "")
        if code == UNITS_OF[0]:
            for slug, unit in UNITS:
                yield (f"{code}/{slug}", f"{unit} {UNITS_OF[1]}", "unit", code, row["zone"], "", "")


def main() -> None:
    """Write agencies.csv beside this file."""
    with (HERE / "agencies.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(national())
        writer.writerows(local())


if __name__ == "__main__":
    main()
