"""What `import medconsent` promises."""

import importlib

import pytest

import medconsent


def test_every_public_name_can_be_imported():
    assert all(getattr(medconsent, name) is not None for name in medconsent.__all__)
    assert set(medconsent.__all__) <= set(dir(medconsent))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = medconsent.nonsense


@pytest.mark.parametrize("module", ["manifest", "ontologies", "policies", "yaml_documents"])
def test_public_modules_stay_where_programs_import_them_from(module):
    found = importlib.import_module(f"medconsent.{module}")
    assert all(getattr(found, name) is not None for name in found.__all__)


def test_what_a_program_writes_for_people_is_read_back(tmp_path):
    from medconsent.yaml_documents import dump_mapping, load_mapping  # noqa: PLC0415

    told = {"tables": [{"quasi_identifiers": ["?smoker", " sex", "no", "2.0"], "k": 5}]}
    (tmp_path / "s.yaml").write_text(dump_mapping(told))
    assert load_mapping(tmp_path / "s.yaml") == told
