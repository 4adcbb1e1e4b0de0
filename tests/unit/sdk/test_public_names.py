"""What `import medconsent` promises."""

import pytest

import medconsent


def test_every_public_name_can_be_imported():
    assert all(getattr(medconsent, name) is not None for name in medconsent.__all__)
    assert set(medconsent.__all__) <= set(dir(medconsent))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = medconsent.nonsense
