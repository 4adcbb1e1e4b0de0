"""Archives: what is in them, and what happens when something is not as it was."""

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from medconsent.errors import ArchiveDiffers, DocumentError, ReleaseError
from medconsent.release import archive as archiving
from medconsent.release import container, leaves, stored
from medconsent.release.archive import Progress, build
from medconsent.release.container import SEGMENT
from medconsent.release.headers import HeaderStore
from medconsent.release.keys import SecretKey
from medconsent.release.leaves import ArchivedFile
from medconsent.release.stored import Archive

from .conftest import CONTENTS, Kept, subject_of, write


def test_each_file_opens_with_its_header_whatever_its_name(kept: Kept) -> None:
    assert [file.path for file in kept.archive.files] == sorted(CONTENTS, key=str.encode)
    for file in kept.archive.files:
        key, body = kept.session_key(file), kept.body(file)
        assert b"".join(container.unseal(key, one) for one in container.split(body)) == CONTENTS[file.path]
        assert b"".join(container.digests(body)) == kept.digests(file)
        assert leaves.segments_root(kept.digests(file)) == file.segments


def test_each_file_has_a_key_of_its_own_and_no_name_on_disk(kept: Kept) -> None:
    assert len({kept.session_key(file).secret for file in kept.archive.files}) == len(CONTENTS)
    names = [one.name for one in kept.archive.folder.rglob("*")]
    assert not [name for name in names if any(part in name for part in ("scan", "병원", "bin", "csv", "txt"))]


def test_no_byte_of_a_key_is_in_the_half_that_faces_the_network(kept: Kept) -> None:
    everything = b"".join(one.read_bytes() for one in kept.archive.folder.rglob("*") if one.is_file())
    for file in kept.archive.files:
        header = kept.headers.get([file.leaf])[0]
        assert header not in everything
        assert kept.session_key(file).secret not in everything


def test_the_archive_has_the_contents_root_of_the_version(kept: Kept) -> None:
    assert leaves.content_root(kept.archive.files) == subject_of(CONTENTS).content
    description = kept.archive.description
    assert description.files == leaves.whole(kept.archive.files)
    assert description.files.bytes == sum(map(len, CONTENTS.values()))
    assert description.key == kept.key.fingerprint


def test_a_file_that_is_another_than_the_versions_is_named(tmp_path: Path, keep: Callable[..., Kept]) -> None:
    source = write(tmp_path / "version", CONTENTS)
    (source / "one.bin").write_bytes(b"y")
    holder = tmp_path / "k"
    holder.mkdir()
    with pytest.raises(ArchiveDiffers, match=r"'one\.bin'"):
        build(subject_of(CONTENTS), source, tmp_path / "out", HeaderStore(holder), SecretKey.generate().public)
    assert not (tmp_path / "out" / stored.DESCRIPTION).exists()
    assert not stored.body(tmp_path / "out", "one.bin").exists()


def test_a_file_that_changes_while_it_is_read_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = {"big.bin": bytes(64 * SEGMENT)}
    source = write(tmp_path / "version", contents)
    holder = tmp_path / "k"
    holder.mkdir()
    real, read = archiving._read, []

    def changing(stream: object, location: Path) -> bytes:
        block = real(stream, location)  # type: ignore[arg-type]
        if not read:
            with location.open("r+b") as file:
                file.seek(40 * SEGMENT)
                file.write(b"changed")
        read.append(len(block))
        return block

    monkeypatch.setattr(archiving, "_read", changing)
    with pytest.raises(ArchiveDiffers, match=r"big\.bin"):
        build(subject_of(contents), source, tmp_path / "out", HeaderStore(holder), SecretKey.generate().public)
    assert len(read) > 1


def test_a_file_that_is_missing_or_a_link_is_said(tmp_path: Path) -> None:
    source = write(tmp_path / "version", CONTENTS)
    holder = tmp_path / "k"
    holder.mkdir()
    headers, key = HeaderStore(holder), SecretKey.generate()
    (source / "one.bin").unlink()
    with pytest.raises(ArchiveDiffers, match=r"lacks a file of the version: 'one\.bin'"):
        build(subject_of(CONTENTS), source, tmp_path / "out", headers, key.public)
    (source / "one.bin").symlink_to(source / "empty.bin")
    with pytest.raises(DocumentError, match=r"one\.bin"):
        build(subject_of(CONTENTS), source, tmp_path / "out", headers, key.public)


def test_files_of_another_manifest_are_no_archive_of_the_version(tmp_path: Path) -> None:
    source = write(tmp_path / "version", CONTENTS)
    subject = subject_of(CONTENTS)
    holder = tmp_path / "k"
    holder.mkdir()
    other = archiving.Subject(subject.dataset, subject.version, "0" * 64, subject.files)
    with pytest.raises(ArchiveDiffers, match="root"):
        build(other, source, tmp_path / "out", HeaderStore(holder), SecretKey.generate().public)


def test_people_who_withdrew_are_left_out_by_their_files(keep: Callable[..., Kept]) -> None:
    kept = keep(left_out=("one.bin", "병원/검사 결과.csv"))
    assert {file.path for file in kept.archive.files} == set(CONTENTS) - {"one.bin", "병원/검사 결과.csv"}
    assert not stored.body(kept.archive.folder, "one.bin").exists()
    with pytest.raises(ArchiveDiffers, match="is no file of the version"):
        keep(left_out=("none.bin",))


def test_a_run_goes_on_where_another_was_interrupted(tmp_path: Path) -> None:
    contents = {f"{number:03}.bin": os.urandom(100) for number in range(60)}
    source = write(tmp_path / "version", contents)
    holder = tmp_path / "k"
    holder.mkdir()
    headers, key, out = HeaderStore(holder), SecretKey.generate(), tmp_path / "out"

    def interrupt(progress: Progress) -> None:
        if progress.files >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(subject_of(contents), source, out, headers, key.public, progress=interrupt, workers=1)
    assert not (out / stored.DESCRIPTION).exists()
    before = {one.name: one.stat().st_mtime_ns for one in (out / "bodies").rglob("*") if one.is_file()}
    seen: list[Progress] = []
    done = build(subject_of(contents), source, out, headers, key.public, progress=seen.append)
    kept_on = [name for name, when in before.items() if (_at(out, name)).stat().st_mtime_ns == when]
    assert len(kept_on) >= 20
    assert seen[-1] == Progress(60, 60, 6000, 6000)
    assert leaves.content_root(done.files) == subject_of(contents).content
    for file in done.files:
        opened = container.open_header(headers.get([file.leaf])[0], key.secret)
        (segment,) = container.split(done.body(file).read_bytes())
        assert container.unseal(opened, segment) == contents[file.path]


def _at(out: Path, name: str) -> Path:
    return out / "bodies" / name[:2] / name


def test_what_was_done_and_is_damaged_is_done_again(tmp_path: Path) -> None:
    source = write(tmp_path / "version", CONTENTS)
    holder = tmp_path / "k"
    holder.mkdir()
    headers, key, out = HeaderStore(holder), SecretKey.generate(), tmp_path / "out"

    def interrupt(progress: Progress) -> None:
        if progress.files == len(CONTENTS):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(subject_of(CONTENTS), source, out, headers, key.public, progress=interrupt)
    body = stored.body(out, "scans/three and a bit.bin")
    with body.open("r+b") as file:
        file.seek(100_000)
        file.write(bytes(50))
    stored.segments(out, "one.bin").unlink()
    done = build(subject_of(CONTENTS), source, out, headers, key.public)
    for file in done.files:
        assert leaves.segments_root(b"".join(container.digests(done.body(file).read_bytes()))) == file.segments
        assert leaves.segments_root(done.segments(file).read_bytes()) == file.segments


def test_a_run_for_another_key_begins_anew(tmp_path: Path) -> None:
    source = write(tmp_path / "version", CONTENTS)
    holder = tmp_path / "k"
    holder.mkdir()
    headers, key, out = HeaderStore(holder), SecretKey.generate(), tmp_path / "out"

    def interrupt(progress: Progress) -> None:
        if progress.files == len(CONTENTS):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(subject_of(CONTENTS), source, out, headers, SecretKey.generate().public, progress=interrupt)
    done = build(subject_of(CONTENTS), source, out, headers, key.public)
    for file in done.files:
        container.open_header(headers.get([file.leaf])[0], key.secret)


def test_an_archive_is_finished_once(kept: Kept, tmp_path: Path) -> None:
    again = build(subject_of(CONTENTS), kept.source, kept.archive.folder, kept.headers, kept.key.public)
    assert again.description == kept.archive.description
    with pytest.raises(ReleaseError, match="already"):
        build(subject_of(CONTENTS), kept.source, kept.archive.folder, kept.headers, SecretKey.generate().public)


def test_a_list_that_was_changed_is_no_archive(kept: Kept) -> None:
    path = kept.archive.folder / stored.LIST
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(ArchiveDiffers):
        Archive(kept.archive.folder)
    path.write_bytes(b"".join(reversed(lines)))
    with pytest.raises(ArchiveDiffers):
        Archive(kept.archive.folder)
    path.write_bytes(b"{}\n")
    with pytest.raises(DocumentError):
        Archive(kept.archive.folder)


def test_many_files_in_many_threads(tmp_path: Path) -> None:
    contents = {f"{number % 10:02}/{number:05}.bin": b"%d" % number for number in range(700)}
    source = write(tmp_path / "version", contents)
    holder = tmp_path / "k"
    holder.mkdir()
    headers, key = HeaderStore(holder), SecretKey.generate()
    threads = threading.active_count()
    archive = build(subject_of(contents), source, tmp_path / "out", headers, key.public, workers=8)
    assert threading.active_count() <= threads  # one of another test may have ended meanwhile
    for path in ("07/00007.bin", "09/00699.bin"):
        file = archive.by_path[path]
        opened = container.open_header(headers.get([file.leaf])[0], key.secret)
        assert container.unseal(opened, archive.body(file).read_bytes()) == contents[path]


def test_the_places_of_ten_thousand_files() -> None:
    files = [
        ArchivedFile(f"{number:05}.bin", 1, hashlib.sha256(b"%d" % number).hexdigest(), 29, "0" * 64)
        for number in range(10_000)
    ]
    places, whole = leaves.places(files), leaves.whole(files)
    assert whole.count == whole.bytes == 10_000
    assert all(place.shows(file, whole) for file, place in zip(files[::997], places[::997], strict=True))
    assert not places[0].shows(files[1], whole)
