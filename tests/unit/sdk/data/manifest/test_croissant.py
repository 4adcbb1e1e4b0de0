"""Croissant documents that others wrote: what is read, and what is none."""

import hashlib
import json
import re

import pytest
from described import change, made

from medconsent.data.manifest import read
from medconsent.errors import DocumentError


def test_the_author_s_bytes_count_and_their_canonical_form_besides(folder):
    manifest = made(folder)
    document = read(manifest)
    respelled = json.dumps(json.loads(manifest), sort_keys=True).encode()
    assert document.sha256 == hashlib.sha256(manifest).hexdigest()
    assert read(respelled).sha256 != document.sha256
    assert read(respelled).jcs_sha256 == document.jcs_sha256
    assert read(respelled).root == document.root


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not JSON"),
        (b"\xff", "not UTF-8"),
        (b"{\n,}", "not JSON"),
        (b"[]", "is a list of things"),
        (b'{"@graph":[{"conformsTo":"http://mlcommons.org/croissant/1.1"}]}', "is a list of things"),
        (b"null", "not a Croissant document"),
        (b'{"a":1,"a":2}', "'a' is there twice"),
        (b'{"a":NaN}', "NaN is not a number"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"conformsTo":"http://example.org"}', "not a Croissant document"),
    ],
)
def test_manifests_that_are_none(data, message):
    with pytest.raises(DocumentError, match=message):
        read(data)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"sha256": "x"}, "needs its sha256"),
        ({"contentSize": "1 kB"}, "contentSize in whole bytes"),
        ({"contentSize": None}, "contentSize in whole bytes"),
        ({"contentUrl": "../x"}, "'..'"),
        ({"contentUrl": "/etc/passwd"}, "relative"),
        ({"contentUrl": "scan"}, "twice"),
    ],
)
def test_files_that_a_manifest_cannot_have(folder, members, message):
    distribution = json.loads(made(folder))["distribution"]
    distribution[0].update(members)
    with pytest.raises(DocumentError, match=message):
        read(change(made(folder), distribution=distribution))


def test_numbers_without_a_canonical_form_are_refused_when_it_is_needed(folder):
    document = read(change(made(folder), version=2**53 + 1))
    with pytest.raises(DocumentError, match="canonical form"):
        _ = document.jcs_sha256


def test_a_file_elsewhere_is_known_by_its_name_and_one_inside_another_does_not_count(folder):
    distribution = json.loads(made(folder))["distribution"]
    distribution[0].update(contentUrl="https://hanbit.example/x?y", name="brain.nii.gz")
    distribution.append({"@type": "cr:FileObject", "@id": "inner", "containedIn": {"@id": distribution[0]["@id"]}})
    distribution.append({"@type": "cr:FileSet", "@id": "all", "includes": "*"})
    assert read(change(made(folder), distribution=distribution)).root == read(made(folder)).root


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"@type": "cr:FileObject", "@id": "inner", "containedIn": {"@id": "nowhere.zip"}}, "'nowhere.zip'"),
        ({"@type": "cr:FileObject", "@id": "inner", "containedIn": ["brain.nii.gz", "x"]}, "in 'brain.nii.gz'|in 'x'"),
        ({"@type": ["cr:FileSet"], "@id": "scans", "containedIn": {"@id": "nowhere"}}, "'scans' is in 'nowhere'"),
        ({"@type": "cr:FileSet", "@id": "scans", "includes": ["*.dcm"]}, "FileSet 'scans' has none of its files"),
        ({"@type": "cr:FileSet", "@id": "scans"}, "FileSet 'scans' has none of its files"),
    ],
)
def test_what_is_in_no_file_of_the_manifest_is_not_left_out_in_silence(folder, entry, says):
    distribution = [*json.loads(made(folder))["distribution"], entry]
    with pytest.raises(DocumentError, match=says):
        read(change(made(folder), distribution=distribution))


def test_files_under_another_spelling_are_not_left_out_in_silence(folder):
    document = json.loads(made(folder))
    document["sc:distribution"] = document.pop("distribution")
    with pytest.raises(DocumentError, match="'sc:distribution': only the spelling `distribution` is read"):
        read(json.dumps(document).encode())


def test_a_contact_may_be_a_list(folder):
    manifest = change(made(folder), publisher=[{"name": ["P"], "email": ["dac@hanbit.example"]}])
    assert read(manifest).contact == "dac@hanbit.example"


def test_texts_by_language_and_contacts_by_url(folder):
    manifest = change(
        made(folder),
        name={"ko": "위스콘신", "en": "Wisconsin"},
        description="long " * 500,
        publisher=[{"name": "H"}, {"contactPoint": {"email": "mailto:dac@hanbit.example"}}],
        keywords="a b, c",
        size={"unitText": "records", "value": True},
    )
    document = read(manifest)
    assert (document.title, document.summary, document.keywords) == ("Wisconsin", None, ("a-b", "c"))
    assert (document.contact, document.records) == ("dac@hanbit.example", None)


def test_one_value_may_be_a_list_and_an_address_percent_encoded(folder):
    plain = read(made(folder))
    content = json.loads(plain.data)
    content["conformsTo"] = [content["conformsTo"]]
    for one in content["distribution"]:
        one["@type"] = ["cr:FileObject", "sc:ImageObject"]
        one["contentUrl"] = [one["contentUrl"].replace("n", "%6E")]
        one["sha256"], one["contentSize"] = [{"@value": one["sha256"]}], [one["contentSize"]]
        one["encodingFormat"] = [one["encodingFormat"]]
    content["size"] = [content["size"]]
    found = read(json.dumps(content).encode())
    assert (found.files, found.root, found.kinds, found.records) == (plain.files, plain.root, plain.kinds, 2)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"@type": "sc:Thing"}, "neither a FileObject nor a FileSet"),
        ({"@type": None}, "neither a FileObject nor a FileSet"),
        ({"sha256": ["0" * 64, "1" * 64]}, "several values of sha256"),
        ({"contentUrl": "%FF"}, "percent-encoded"),
        ({"contentUrl": "%2e%2e/secret"}, "'..'"),
    ],
)
def test_no_file_is_left_out_in_silence(folder, change, why):
    content = json.loads(made(folder))
    content["distribution"][0] |= change
    with pytest.raises(DocumentError, match=re.escape(why)):
        read(json.dumps(content).encode())
