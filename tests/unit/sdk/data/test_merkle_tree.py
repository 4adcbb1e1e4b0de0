"""The tree itself: grown leaf by leaf it is the same, and a path from all levels is the same path."""

import hashlib

import pytest

from medconsent.data import merkle_tree


@pytest.mark.parametrize("count", range(18))
def test_a_tree_that_grows_has_the_root_of_one_that_is_there(count: int) -> None:
    leaves = [merkle_tree.leaf(bytes([number])) for number in range(count)]
    growing = merkle_tree.Growing()
    for leaf in leaves:
        growing.add(leaf)
    assert growing.root() == merkle_tree.root(leaves)
    assert growing.count == count


def test_the_root_of_three_is_the_one_of_rfc_6962() -> None:
    def node(left: bytes, right: bytes) -> bytes:
        return hashlib.sha256(b"\x01" + left + right).digest()

    one, two, three = (merkle_tree.leaf(text) for text in (b"1", b"2", b"3"))
    assert merkle_tree.root([one, two, three]) == node(node(one, two), three)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13])
def test_every_path_of_a_tree_with_its_levels_leads_to_the_root(count: int) -> None:
    leaves = [merkle_tree.leaf(bytes([number])) for number in range(count)]
    levels = merkle_tree.levels(leaves)
    for index, leaf in enumerate(leaves):
        path = merkle_tree.path_in(levels, index)
        assert merkle_tree.verify(leaf, index, count, path, merkle_tree.root(leaves))
        assert not merkle_tree.verify(leaf, (index + 1) % count, count, path, merkle_tree.root(leaves)) or count == 1
    with pytest.raises(IndexError):
        merkle_tree.path_in(levels, count)
