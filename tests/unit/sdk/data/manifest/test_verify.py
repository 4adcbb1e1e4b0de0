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


def test_what_a_desktop_puts_into_a_folder_is_no_part_of_it_and_is_told(folder):
    manifest = made(folder)
    document = read(manifest)
    (folder / ".DS_Store").write_bytes(b"mac")
    (folder / "tables" / "._wisconsin.csv").write_bytes(b"mac")
    found = verify(folder, manifest, root=document.root, manifest_sha256=document.sha256)
    assert found.ok
    assert found.litter == (".DS_Store", "tables/._wisconsin.csv")
    told = []
    assert made(folder, tell=told.append) == manifest
    assert [sentence.partition(":")[0] for sentence in told] == [".DS_Store", "tables/._wisconsin.csv"]


def test_a_name_that_a_mac_spells_in_another_form_is_the_same_name(folder):
    (folder / "Gr\u00f6\u00dfe.csv").write_text("a,b\n1,2\n")
    manifest = made(folder)
    document = read(manifest)
    (folder / "Gr\u00f6\u00dfe.csv").rename(folder / "Gro\u0308\u00dfe.csv")
    assert made(folder) == manifest
    assert verify(folder, manifest, root=document.root).ok
    (folder / "Gr\u00f6\u00dfe.csv").write_text("")
    assert "called as another" in verify(folder, manifest, root=document.root).irregular[0].why


def test_a_manifest_that_an_editor_saved_with_a_mark_is_the_same_manifest(folder):
    manifest = made(folder)
    document = read(manifest)
    for marked in (b"\xef\xbb\xbf" + manifest, manifest.decode().encode("utf-16")):
        assert read(marked) == document
        (folder / "croissant.json").write_bytes(marked)
        assert verify(folder, marked, root=document.root, manifest_sha256=document.sha256).ok
