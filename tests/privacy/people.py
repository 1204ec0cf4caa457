"""People who never were: their names, numbers and addresses, drawn from a seeded source."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

split = str.split
FIRST = split(
    "Siti Aminah Nurul Wulan Ratna Dewi Rina Yuliana Sulastri Endang Kartika Fitriani Lilis Marlina Ningsih Puspita Retno Suryani Titin Umi "
    "Vina Winarti Yanti Zubaidah Agustin Diah Eny Farida Hesti Ika Budi Agus Slamet Joko Bambang Eko Heru Hendra Dedi Rudi Ahmad Muhammad "
    "Arif Yusuf Ridwan Sugeng Suparno Wahyudi Teguh Andi Tono Suryadi Paijo Kasmin Mulyono Hartono Sutrisno Darmawan Faisal Gunawan Irfan "
    "Maruf Made Ketut Wayan Nyoman Ujang Asep Cecep Dadang Tatang Yohanes Petrus Maria Yosef Markus Ruben Ones Frans Theresia"
)
LAST = split(
    "Santoso Wibowo Kusumawati Setiawan Purwanto Rahayu Wulandari Hidayat Nugroho Prasetyo Siregar Nasution Simanjuntak Lubis Sitompul Pohan "
    "Handoko Susanto Gunadi Halim Kurniawan Ramadhani Permatasari Anggraini Utami Hapsari Mulyadi Suhartini Sudarsono Widodo Pramono "
    "Hasibuan Tambunan Manurung Pangestu Firmansyah Syahputra Maulana Fauzi Hakim Wicaksono Astuti Kusnadi Suryanto Harahap Tampubolon "
    "Matondang Waluyo Sumarno Sukmawati Ismail Rumbiak Wenda Latuconsina Pattiasina Lamatenggo Daeng Tangkudung Sudirman"
)
WORDS = split("Bagus Hari Indah Putra Bulan Mawar Surya Imam Jaya Lestari Timur Intan Mega Untung Sabar Bunga Makmur Fajar Putri Mulia")
"""Names that are words besides."""
ACCOUNTS = ("gmail.com", "yahoo.co.id", "yahoo.com", "outlook.com", "mail.contoh.id", "contoh.go.id", "hotmail.com")
STREETS = split("Melati Kenanga Merpati Veteran Pahlawan Kartini Cempaka Gajahmada Pemuda Teratai Anggrek Garuda Sawo Salak Durian")
VILLAGES = split("Sumberrejo Kapasan Ngumpak Banjarsari Tegalrejo Sukamaju Karangsari Mojorejo Wonosari Cibiru Pasirhuni Kalirejo")
MOBILE = split("0811 0812 0813 0821 0822 0823 0831 0838 0851 0852 0853 0856 0857 0858 0877 0878 0881 0888 0895 0896 0898")
AREAS = split("021 022 024 031 0341 0353 0274 0361 0411 0751")
PROVINCES = split("11 12 31 32 33 34 35 36 51 61 64 71 73 91")


@dataclass(frozen=True)
class Person:
    """A reporter as a publisher hands them in; `words`: the name is made of words of the language."""

    name: str
    nik: str
    phone: str
    email: str
    address: str
    words: bool = False

    @property
    def parts(self) -> list[str]:
        return self.name.split()


def person(random: Random, *, words: bool = False) -> Person:
    """Draw somebody; mostly of two names, some of one or three."""
    parts = random.sample(WORDS, 2) if words else [random.choice(FIRST), *random.sample(LAST, random.choice((0, 1, 1, 1, 1, 2)))]
    account = random.choice((".", "_", "", "")).join(parts[:2]).lower() + random.choice(("", "", str(random.randrange(1, 99))))
    street, village = random.choice(STREETS), random.choice(VILLAGES)
    house, rt = random.randrange(1, 150), random.randrange(1, 12)
    address = random.choice(
        (
            f"Jl. {street} No. {house}, {village}",
            f"Dusun {village} RT {rt:02d} RW {random.randrange(1, 9):02d}, Kecamatan {random.choice(VILLAGES)}",
            f"Perum {village} Indah Blok {random.choice('ABCD')}{house}",
            f"Gang {street} {house} RT {rt:03d}/{random.randrange(1, 9):03d}",
        )
    )
    return Person(" ".join(parts), nik(random), phone(random), f"{account}@{random.choice(ACCOUNTS)}", address, words)


def nik(random: Random) -> str:
    """Draw sixteen digits: district, day of birth (40 more for women), number."""
    place = random.choice(PROVINCES) + f"{random.randrange(1, 30):02d}{random.randrange(1, 30):02d}"
    born = f"{random.randrange(1, 29) + random.choice((0, 40)):02d}{random.randrange(1, 13):02d}{random.randrange(100):02d}"
    return place + born + f"{random.randrange(1, 30):04d}"


def phone(random: Random) -> str:
    """Draw a mobile number of eleven to thirteen digits."""
    return random.choice(MOBILE) + "".join(random.choices("0123456789", k=random.choice((7, 8, 8, 8, 9))))
