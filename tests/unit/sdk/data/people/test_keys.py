"""Keys of cohorts, and the pseudonyms made with them."""

import re
import stat

import pytest

from medconsent.data.people.exclusions import list_commitment
from medconsent.data.people.keys import CohortKey
from medconsent.errors import DocumentError

KEY = CohortKey(bytes(range(32)))
COHORT = "hanbit/oncology"


def test_a_key_is_for_its_owner_alone_and_never_written_over(tmp_path):
    file = tmp_path / "cohort.key"
    KEY.save(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert CohortKey.load(file) == KEY
    assert KEY.secret.hex() not in repr(KEY)
    with pytest.raises(DocumentError, match="cannot be had again"):
        CohortKey.new().save(file)
    file.chmod(0o640)
    with pytest.raises(DocumentError, match="chmod 600"):
        CohortKey.load(file)


@pytest.mark.parametrize("content", ["", "00" * 31, "zz" * 32])
def test_what_is_no_key_is_refused_without_showing_it(tmp_path, content):
    file = tmp_path / "cohort.key"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(DocumentError) as caught:
        CohortKey.load(file)
    assert not content or content not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_key_that_an_editor_saved_is_the_same(tmp_path, encoding):
    file = tmp_path / "cohort.key"
    file.write_bytes(f"{KEY.secret.hex()}\r\n".encode(encoding))
    file.chmod(0o600)
    assert CohortKey.load(file) == KEY


@pytest.mark.parametrize("salt", ["", "00" * 31, "zz" * 32])
def test_what_is_no_salt_hides_no_list(tmp_path, salt):
    listed, file = tmp_path / "list.csv", tmp_path / "salt"
    listed.write_text("P-1\n")
    file.write_text(salt)
    with pytest.raises(DocumentError, match="this is no salt"):
        list_commitment(listed, file)


def test_pseudonyms_cannot_be_linked_between_epochs_cohorts_or_keys():
    seen = {
        key.pseudonym(cohort, epoch, person)
        for key in (KEY, CohortKey(bytes(32)))
        for cohort in (COHORT, "hanbit/cardiology")
        for epoch in (1, 2, 12)
        for person in ("P-1", "P-2", "2P-1")
    }
    assert len(seen) == 2 * 2 * 3 * 3


def test_what_tells_keys_apart_is_bound_to_the_cohort_and_is_no_pseudonym():
    check = KEY.check(COHORT)
    assert check == CohortKey(KEY.secret).check(COHORT)
    others = {CohortKey(bytes(32)).check(COHORT), KEY.check("hanbit/other"), KEY.pseudonym(COHORT, 1, "").hex()}
    assert check not in others
    assert re.fullmatch("[0-9a-f]{64}", check)
