"""Heads with faces are published under a word that the rule does not take for images.

Who: an owner's steward who names the kind as people call it, by mistake or not. What must hold: kinds are a closed
vocabulary, and what the manifest's files are must fit it; nothing that shows a face leaves without a statement that it
was removed.
"""

import contextlib
import hashlib
import json
import time
from typing import Any

import pytest
from actors import Refused
from scene import Scene, policy, with_another

WORDS = ("mri", "brain-mri", "mr", "ct-scan", "head-ct", "t1w", "neuro-imaging", "pet-ct", "scans")
"""`mri` is the control: the rule knows it for images, and denies."""
FILES = ("head.nii.gz", "head.nii", "head.dcm", "series/IM0001")


def published(scene: Scene, kinds: list[str], files: tuple[str, ...] = ("t.csv",), format_: str = "text/csv") -> str:
    """A dataset of hanbit's without any statement of de-identification; its name. Raises `Refused`."""
    slug = f"faces-{time.time_ns() % 10**8}"
    listed = [
        {"@type": "cr:FileObject", "@id": name, "name": name, "contentUrl": name, "encodingFormat": format_}
        for name in files
    ]
    argument: dict[str, Any] = {
        "slug": slug,
        "title": "Heads",
        "kinds": kinds,
        "contact": "data-access@hanbit.example",
        "manifest": {"text": json.dumps({"@type": "sc:Dataset", "name": slug, "distribution": listed})},
        "content": {"root": hashlib.sha256(slug.encode()).hexdigest(), "files": len(files), "bytes": 1},
        "policy": policy(("hanbit", "dac")),
    }
    scene.steward.change("dataset.publish", argument, *with_another("hanbit"))
    scene.ground(f"hanbit/{slug}")
    return f"hanbit/{slug}"


def assert_never_leaves(scene: Scene, dataset: str) -> None:
    with contextlib.suppress(Refused):
        scene.grant("nuri/kim", dataset)
    decision = scene.check("nuri/kim", dataset)
    assert decision["decision"] == "deny", decision["reasons"]


@pytest.mark.parametrize("word", WORDS)
def test_heads_by_another_word(scene: Scene, word: str) -> None:
    """Either the word is refused when it is published, or it is taken for images and denies."""
    try:
        dataset = published(scene, [word])
    except Refused as refused:
        assert refused.code == "INVALID"  # noqa: PT017 - either is right
        return
    assert_never_leaves(scene, dataset)


@pytest.mark.parametrize("kind", ["tabular", "table"])
@pytest.mark.parametrize("file", FILES)
def test_files_that_are_images_in_a_table(scene: Scene, file: str, kind: str) -> None:
    """The manifest on the ledger lists DICOM or NIfTI files, and the steward calls them a table."""
    of_dicom = "application/dicom" if "." not in file else "application/octet-stream"
    try:
        dataset = published(scene, [kind], (file,), of_dicom)
    except Refused as refused:
        assert refused.code == "INVALID"  # noqa: PT017 - either is right
        return
    assert_never_leaves(scene, dataset)
