"""The Merkle root of a dataset's files, and the proof of one file."""

import hashlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medconsent.data.manifest import files, merkle
from medconsent.data.manifest.files import FileEntry


def _is_path(path):
    try:
        files.check_path(path)
    except ValueError:
        return False
    return True


_paths = st.lists(st.text("abcé/.한", min_size=1, max_size=6).filter(_is_path), unique=True, max_size=20)


def entry(path, content=b"x"):
    return FileEntry(path, len(content), hashlib.sha256(content).hexdigest())


def by_the_rfc(leaves):
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_the_rfc(leaves[:k]) + by_the_rfc(leaves[k:])).digest()


def test_the_root_of_known_files():
    data = (b"\x00medconsent/file/1\x00" + (1).to_bytes(8, "big") + hashlib.sha256(b"x").digest() + b"a/b.csv",)
    assert merkle.root([entry("a/b.csv")]) == hashlib.sha256(data[0]).hexdigest()
    assert merkle.root([]) == hashlib.sha256(b"").hexdigest()
    # Fixed for ever: a change here changes every root on every ledger.
    assert (
        merkle.root([entry("a"), entry("b", b"yy"), entry("c/d", b"")])
        == "23354b638d763aa75d8606f0c77902531c365756b22ee96f874e405a794db5da"
    )


@given(_paths)
def test_the_tree_is_that_of_the_rfc_whatever_the_order(paths):
    entries = [entry(path, path.encode()) for path in paths]
    leaves = [merkle.leaf(one) for one in sorted(entries, key=lambda one: one.path.encode())]
    assert merkle.root(reversed(entries)) == by_the_rfc(leaves).hex()


@given(_paths.filter(bool), st.data())
def test_a_proof_holds_for_its_file_and_no_other(paths, data):
    entries = [entry(path, path.encode()) for path in paths]
    chosen = data.draw(st.sampled_from(entries))
    root = merkle.root(entries)
    index, count, audit_path = merkle.proof(entries, chosen.path)
    assert merkle.verify_proof(chosen, index, count, audit_path, root)
    assert not merkle.verify_proof(entry(chosen.path, b"other"), index, count, audit_path, root)
    assert not merkle.verify_proof(chosen, count, count, audit_path, root)
    assert not merkle.verify_proof(chosen, index, count, (*audit_path, b"\x00" * 32), root)
    if audit_path:
        assert not merkle.verify_proof(chosen, index, count, audit_path[:-1], root)


@given(_paths.filter(bool), st.data())
def test_any_change_changes_the_root(paths, data):
    entries = [entry(path) for path in paths]
    position = data.draw(st.integers(0, len(entries) - 1))
    changed = [*entries]
    changed[position] = FileEntry(entries[position].path, 2, entries[position].sha256)
    assert merkle.root(changed) != merkle.root(entries)
    assert merkle.root(entries[:position] + entries[position + 1 :]) != merkle.root(entries)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/a",
        "a//b",
        "a/",
        "./a",
        "a/../b",
        "..",
        "a\\b",
        "a\nb",
        "a\x00",
        unicodedata.normalize("NFD", "é"),
        "a" * 1025,
    ],
)
def test_paths_that_no_dataset_has(path):
    with pytest.raises(ValueError, match="path"):
        merkle.root([entry(path)])


def test_a_path_stands_once_and_has_a_digest():
    with pytest.raises(ValueError, match="twice"):
        merkle.root([entry("a"), entry("a", b"y")])
    with pytest.raises(ValueError, match="SHA-256"):
        merkle.root([FileEntry("a", 1, "00")])
    with pytest.raises(KeyError):
        merkle.proof([entry("a")], "b")
