"""The vault's sealing."""

import os
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag

from services.intake.vault import Vault, VaultClosedError


@pytest.fixture
def vault() -> Vault:
    made = Vault()
    made.arm(os.urandom(32))
    return made


def test_what_is_sealed_opens_again_and_shows_nothing_meanwhile(vault: Vault) -> None:
    case_id = uuid4()
    wrapped, (sealed, nothing) = vault.seal(case_id, {"text": b"nama saya Budi", "title": None})
    assert nothing is None
    assert sealed is not None
    assert b"Budi" not in sealed + wrapped
    assert vault.open(case_id, wrapped, "text", sealed) == b"nama saya Budi"


def test_a_field_does_not_open_in_another_place_or_under_another_key(vault: Vault) -> None:
    case_id = uuid4()
    wrapped, (sealed,) = vault.seal(case_id, {"text": b"x"})
    other, _ = vault.seal(case_id, {})
    stranger = Vault()
    stranger.arm(os.urandom(32))
    assert sealed is not None
    for opening in (
        lambda: vault.open(case_id, wrapped, "title", sealed),
        lambda: vault.open(uuid4(), wrapped, "text", sealed),
        lambda: vault.open(case_id, other, "text", sealed),
        lambda: stranger.open(case_id, wrapped, "text", sealed),
        lambda: vault.open(case_id, wrapped, "text", sealed[:-1] + bytes([sealed[-1] ^ 1])),
    ):
        with pytest.raises(InvalidTag):
            opening()


def test_every_case_has_a_key_of_its_own_and_no_sealing_is_like_another(vault: Vault) -> None:
    case_id = uuid4()
    assert len({vault.seal(case_id, {"text": b"x"})[1][0] for _ in range(50)}) == 50


def test_a_vault_without_its_master_key_seals_nothing() -> None:
    with pytest.raises(VaultClosedError):
        Vault().seal(uuid4(), {"text": b"x"})
