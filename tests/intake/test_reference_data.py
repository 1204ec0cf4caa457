"""What intake knows of the country."""

from services.intake.reference_data import read_reference


def test_the_data_of_the_repository_is_known() -> None:
    reference = read_reference(None)
    assert {"agama", "pekerjaan-umum-dan-penataan-ruang"} & reference.categories
    assert {"35", "35.22", "35.22.05"} <= reference.regions
    assert {"jawa", "dinas", "bojonegoro"} <= reference.public
    assert reference.publisher is None
