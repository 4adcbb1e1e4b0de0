"""Copies of a dataset, compared with its manifest."""

from described import change, made

from medconsent.data.manifest import read, verify


def test_a_true_copy_is_verified_with_the_manifest_in_it(folder):
    manifest = made(folder)
    document = read(manifest)
    (folder / "croissant.json").write_bytes(manifest)
    found = verify(folder, manifest, root=document.root, manifest_sha256=document.sha256)
    assert found.ok
    assert found.files == 3


def test_what_differs_is_named(folder):
    manifest = made(folder)
    document = read(manifest)
    (folder / "tables" / "wisconsin.csv").write_text("id,mean radius,benign,note\n1,18.00,0,\n2,20,1,ok\n")
    (folder / "scan").unlink()
    (folder / "new.txt").write_text("")
    found = verify(folder, manifest, root=document.root, manifest_sha256=document.sha256)
    assert not found.ok
    assert [one.path for one in found.changed] == ["tables/wisconsin.csv"]
    assert (found.missing, found.extra) == (("scan",), ("new.txt",))
    assert found.manifest_matches
    assert not found.root_matches


def test_another_manifest_than_the_ledger_s_is_noticed(folder):
    document = read(made(folder))
    (folder / "new.txt").write_text("")
    other = made(folder)
    assert not verify(folder, other, root=document.root, manifest_sha256=document.sha256).manifest_matches
    # A respelled manifest of the same files: the hash differs although the root does not.
    (folder / "new.txt").unlink()
    respelled = change(made(folder), version="2")
    found = verify(folder, respelled, root=document.root, manifest_sha256=document.sha256)
    assert (found.manifest_matches, found.root_matches, found.ok) == (False, True, False)
    assert verify(folder, respelled, root=document.root).ok
