"""What the headers of images say, and what they do not."""

import gzip
import resource
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from medconsent.data.deid import dicom
from medconsent.data.deid.annex_e import NAMING
from medconsent.data.deid.draft import draft
from medconsent.data.deid.images import read_headers
from medconsent.errors import DocumentError

PREAMBLE = b"\0" * 128 + b"DICM"
NAME = "Hong^Gildong"


def element(group, number, representation, value):
    """An element, little endian, with its representation."""
    value = value.encode() if isinstance(value, str) else value
    value += b"\0" * (len(value) % 2)
    head = struct.pack("<HH2s", group, number, representation.encode())
    long = representation in ("SQ", "UN", "OB", "OW", "UT", "ZZ")
    return head + (b"\0\0" + struct.pack("<I", len(value)) if long else struct.pack("<H", len(value))) + value


def item(content):
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content


def meta(syntax="1.2.840.10008.1.2.1"):
    inner = element(2, 0x10, "UI", syntax)
    return PREAMBLE + element(2, 0, "UL", struct.pack("<I", len(inner))) + inner


def dicom_file(folder, *elements, name="x.dcm"):
    file = folder / name
    file.write_bytes(meta() + b"".join(elements))
    return file


def of(modality="CT", **texts):
    tags = {"part": (0x18, 0x15, "CS"), "series": (0x20, 0xE, "UI"), "study": (8, 0x1030, "LO")}
    found = [element(*tags[name], value) for name, value in texts.items()]
    return sorted([element(8, 0x60, "CS", modality), *found], key=lambda one: struct.unpack("<HH", one[:4]))


def test_dicom_headers_are_counted_by_modality_and_body_part_without_their_values():
    pydicom = pytest.importorskip("pydicom")
    from pydicom.data import get_testdata_file  # noqa: PLC0415

    files = [Path(get_testdata_file(name)) for name in ("CT_small.dcm", "MR_small.dcm")]
    found = read_headers(files)
    assert [(headers.modality, headers.volumes) for headers in found] == [("CT", 1), ("MR", 1)]
    text = str(found)
    for file in files:
        header = pydicom.dcmread(file, stop_before_pixels=True)
        assert str(header.PatientName) not in text
        assert str(header.PatientID) not in text
    assert any(name.startswith("PatientName") for headers in found for name in headers.naming)
    assert all(headers.statement()["faces"] == "present" for headers in found)


def test_another_reader_finds_the_same_in_files_of_every_kind():
    pydicom = pytest.importorskip("pydicom")
    from pydicom.data import get_testdata_file  # noqa: PLC0415

    def naming(dataset):
        for one in dataset:
            name = NAMING.get(int(one.tag)) or ("PrivateAttributes" if one.tag.is_private else "")
            if name and (any(len(part) for part in one.value) if one.VR == "SQ" else str(one.value or "").strip()):
                yield name
            elif one.VR == "SQ" and not name:
                for part in one.value:
                    yield from naming(part)

    for name in (
        "CT_small.dcm",
        "MR_small_bigendian.dcm",
        "MR_small_implicit.dcm",
        "image_dfl.dcm",
        "rtplan.dcm",
        "reportsi.dcm",
    ):
        file = Path(get_testdata_file(name))
        header = pydicom.dcmread(file, stop_before_pixels=True)
        with file.open("rb") as stream:
            found = dicom.read(stream, file)
        assert found.texts.get("Modality", "") == header.get("Modality", ""), name
        assert found.texts.get("SeriesInstanceUID", "") == header.get("SeriesInstanceUID", ""), name
        assert found.naming == set(naming(header)), name


@pytest.mark.parametrize(
    ("part", "word"),
    [
        ("HEAD", "head"),
        ("JAW", "head"),
        ("EYE", "head"),
        ("MAXILLA", "head"),
        ("HEAD AND NECK", "head"),
        ("HEAD\\NECK", "head"),
        ("CHEST\\HEAD", "head"),
        ("Neuro^brain", "head"),
        ("C-SPINE", "neck"),
        ("CHEST", "chest"),
        ("WHOLE BODY", "whole-body"),
        ("OTHER", ""),
        ("UNKNOWN", ""),
        ("CHEST\\ABDOMEN", ""),
        ("", ""),
    ],
)
def test_a_head_is_a_head_and_what_is_not_said_is_for_a_person(tmp_path, part, word):
    (found,) = read_headers([dicom_file(tmp_path, *of(part=part))])
    assert found.body_part == word
    certain = word in ("head", "neck", "whole-body")
    assert found.statement()["body_part"] == (word if certain else "TO FILL IN")


@pytest.mark.parametrize("part", ["KNEE", "knee", "CHEST", "", "Kopf", "cabeza", "머리", "頭部", "Schädel"])
@pytest.mark.parametrize("modality", ["MR", "CT", "PT", "XC"])
def test_a_head_that_is_called_a_knee_is_drafted_as_no_knee(tmp_path, part, modality):
    (found,) = read_headers([dicom_file(tmp_path, *of(modality, part=part))])
    assert found.statement()["body_part"] == "TO FILL IN"


def test_where_no_face_can_be_seen_the_header_s_word_is_drafted(tmp_path):
    (found,) = read_headers([dicom_file(tmp_path, *of("US", part="ABDOMEN"))])
    assert found.statement()["body_part"] == "abdomen"


def test_a_kind_of_image_that_is_called_another_modality_is_for_a_person(tmp_path):
    kind = element(8, 0x16, "UI", "1.2.840.10008.5.1.4.1.1.4")
    (found,) = read_headers([dicom_file(tmp_path, kind, *of("US", part="ABDOMEN"))])
    assert (found.statement()["modality"], found.statement()["body_part"]) == ("TO FILL IN", "TO FILL IN")


def test_a_header_that_contradicts_itself_is_for_a_person(tmp_path):
    (found,) = read_headers([dicom_file(tmp_path, *of(part="CHEST", study="MR Brain w/o contrast"))])
    assert found.statement()["body_part"] == "TO FILL IN"


@pytest.mark.parametrize("modality", ["", "OT", "XX", "Hong"])
def test_a_modality_that_says_nothing_is_for_a_person(tmp_path, modality):
    (found,) = read_headers([dicom_file(tmp_path, *of(modality, part="CHEST"))])
    assert found.statement()["modality"] == "TO FILL IN"
    assert "Hong" not in str(found)


@pytest.mark.parametrize("series", ["", "REMOVED", "0", "1.2.x"])
def test_files_without_a_series_are_a_volume_each(tmp_path, series):
    files = [dicom_file(tmp_path, *of(series=series), name=f"{number}.dcm") for number in range(3)]
    (found,) = read_headers(files)
    assert found.volumes == 3
    assert found.saying == ("no SeriesInstanceUID: counted as a volume of its own (3)",)


def test_a_dicomdir_names_people_and_is_no_volume(tmp_path):
    kind = element(2, 2, "UI", "1.2.840.10008.1.3.10") + element(2, 0x10, "UI", "1.2.840.10008.1.2.1")
    record = item(element(8, 0x60, "CS", "CT") + element(0x10, 0x10, "PN", NAME) + element(0x18, 0x15, "CS", "KNEE"))
    file = tmp_path / "DICOMDIR"
    file.write_bytes(
        PREAMBLE + element(2, 0, "UL", struct.pack("<I", len(kind))) + kind + element(4, 0x1220, "SQ", record)
    )
    (found,) = read_headers([file])
    assert (found.volumes, found.naming) == (0, ("PatientName (1)",))
    assert found.saying == ("a DICOMDIR: it lists files, and is no image (1)",)
    assert "images" not in draft("KR-PIPA", "pseudonymous", None, [found])


@pytest.mark.parametrize("begins", [meta()[132:], b""])
@pytest.mark.parametrize("explicit", [True, False])
def test_a_file_without_a_preamble_is_read(tmp_path, begins, explicit):
    def written(group, number, representation, value):
        whole = element(group, number, representation, value)
        return whole if explicit else whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:]

    file = tmp_path / "x"
    body = written(8, 0x60, "CS", "CT") + written(0x10, 0x10, "PN", NAME) + written(0x18, 0x15, "CS", "HEAD")
    file.write_bytes(begins + body)
    (found,) = read_headers([file])
    assert (found.modality, found.body_part, found.naming) == ("CT", "head", ("PatientName (1)",))


def test_names_that_stand_elsewhere_are_told_and_never_shown(tmp_path, capfd):
    others = element(0x10, 0x1002, "SQ", item(element(0x10, 0x20, "LO", "00123456")))
    nested = element(8, 0x1115, "SQ", item(element(8, 0x1140, "SQ", item(element(0x10, 0x10, "PN", NAME)))))
    file = dicom_file(
        tmp_path,
        nested,
        element(8, 0x103E, "LO", f"{NAME}\x1b[2J"),
        element(9, 0x1001, "LO", NAME),
        element(0x10, 0x10, "PN", ""),
        element(0x10, 0x1001, "PN", NAME),
        others,
        element(0x10, 0x1005, "PN", NAME),
        element(0x10, 0x2297, "PN", NAME),
        element(0x10, 0x4000, "UT", NAME * 1000),
        element(0x12, 0x62, "CS", NAME),
        element(0x12, 0x63, "LO", NAME),
    )
    (found,) = read_headers([file])
    assert [name.partition(" ")[0] for name in found.naming] == [
        "OtherPatientIDsSequence",
        "OtherPatientNames",
        "PatientBirthName",
        "PatientComments",
        "PatientName",
        "PrivateAttributes",
        "ResponsiblePerson",
        "SeriesDescription",
    ]
    assert found.saying == (
        "DeidentificationMethod is filled in (1)",
        "PatientIdentityRemoved holds neither YES nor NO (1)",
        "no SeriesInstanceUID: counted as a volume of its own (1)",
    )
    assert "Hong" not in str(found)
    assert "0012" not in str(found)
    assert capfd.readouterr() == ("", "")


def test_a_representation_that_nobody_knows_is_passed_over(tmp_path):
    short = struct.pack("<HH2sH", 0x10, 0x2150, b"QQ", 4) + b"KRKR"
    (found,) = read_headers([dicom_file(tmp_path, element(8, 1, "ZZ", "what"), *of(part="CHEST"), short)])
    assert (found.modality, found.body_part) == ("CT", "chest")
    assert found.naming == ("CountryOfResidence (1)",)


@pytest.mark.parametrize("cut", range(1, 60, 3))
def test_a_file_that_is_cut_off_is_told_and_shows_nothing(tmp_path, cut):
    whole = meta() + element(0x10, 0x1002, "SQ", item(element(0x10, 0x10, "PN", NAME)))
    file = tmp_path / "x.dcm"
    file.write_bytes(whole[:-cut] if cut < len(whole) else b"")
    said = ""
    try:
        read_headers([file])
    except DocumentError as error:
        said = str(error)
    assert said.startswith(str(file)) or not said  # an end between two elements is none that is seen
    assert "Hong" not in said


def nifti(text=b"", size=348, order="<", magic=b"n+1\0", extensions=b"", *, dimensions=(3, 2, 2, 2)):
    header = bytearray(size)
    struct.pack_into(f"{order}i", header, 0, size)
    at, number = (40, "h") if size == 348 else (16, "q")
    struct.pack_into(f"{order}{len(dimensions)}{number}", header, at, *dimensions)
    begins = size + 4 + len(extensions)
    if size == 348:
        header[344:348], header[148 : 148 + len(text)] = magic, text
        struct.pack_into(f"{order}f", header, 108, begins)
    else:
        header[4:8], header[240 : 240 + len(text)] = magic, text
        struct.pack_into(f"{order}q", header, 168, begins)
    return bytes(header) + (b"\1" if extensions else b"\0") + b"\0\0\0" + extensions + b"\0" * 64


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("size", "magic"), [(348, b"n+1\0"), (540, b"n+2\0")])
@pytest.mark.parametrize("packed", [False, True])
def test_nifti_says_nothing_of_the_body_and_its_texts_are_told(tmp_path, order, size, magic, packed):
    comment = struct.pack(f"{order}ii", 32, 6) + NAME.encode().ljust(24, b"\0")
    data = nifti(NAME.encode(), size, order, magic, comment)
    file = tmp_path / ("x.nii.gz" if packed else "x.nii")
    file.write_bytes(gzip.compress(data) if packed else data)
    (found,) = read_headers([file])
    assert (found.modality, found.body_part, found.volumes, found.naming) == ("", "", 1, ())
    assert found.saying == ("comment extension (1)", "descrip is filled in (1)")
    assert (found.statement()["modality"], found.statement()["body_part"]) == ("TO FILL IN", "TO FILL IN")
    assert "Hong" not in str(found)


@pytest.mark.parametrize(("size", "order", "magic"), [(348, "<", b"n+1\0"), (540, ">", b"n+2\0")])
@pytest.mark.parametrize(
    ("dimensions", "says"),
    [
        ((99, 2, 2), "99 dimensions, and an image has 1 to 7"),
        ((0,), "0 dimensions"),
        ((-3, 2, 2, 2), "-3 dimensions"),
        ((3, 2, 0, 2), "that a dimension is 0 long"),
        ((3, 2, 2, -5), "that a dimension is -5 long"),
    ],
)
def test_nifti_whose_dimensions_no_image_has(tmp_path, size, order, magic, *, dimensions, says):
    file = tmp_path / "x.nii"
    file.write_bytes(nifti(b"", size, order, magic, dimensions=dimensions))
    with pytest.raises(DocumentError, match=rf"x\.nii: its header says {says}.*make the file anew"):
        read_headers([file])


@pytest.mark.parametrize("dimensions", [(1, 32767), (7, 1, 1, 1, 1, 9, 9, 9)])
def test_nifti_whose_dimensions_an_image_can_have(tmp_path, dimensions):
    file = tmp_path / "x.nii"
    file.write_bytes(nifti(dimensions=dimensions))
    assert read_headers([file])[0].volumes == 1


def test_files_of_nibabel_are_read(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    from nibabel.testing import data_path  # noqa: PLC0415

    numpy = pytest.importorskip("numpy")
    mask = numpy.ones((2, 2, 2), dtype=bool)
    axes = (
        nibabel.cifti2.ScalarAxis(["thickness"]),
        nibabel.cifti2.BrainModelAxis.from_mask(mask, affine=numpy.eye(4)),
    )
    cifti = tmp_path / "map.dscalar.nii"
    nibabel.Cifti2Image(numpy.zeros((1, 8), dtype="f4"), header=axes).to_filename(cifti)
    (found,) = read_headers([Path(data_path) / "example4d.nii.gz", Path(data_path) / "example_nifti2.nii.gz", cifti])
    assert (found.volumes, found.modality) == (3, "")
    assert "CIFTI extension (1)" in found.saying


def test_what_is_no_image_is_refused(tmp_path):
    for name, content in (
        ("x.dcm", b"nothing of the kind" * 20),
        ("x.nii", b"nothing of the kind" * 20),
        ("x.nii.gz", gzip.compress(b"nothing")),
        ("y.nii.gz", b"\x1f\x8bnothing"),
        ("z.nii", nifti()[:300]),
        ("e.nii", b""),
    ):
        file = tmp_path / name
        file.write_bytes(content)
        with pytest.raises(DocumentError, match=name):
            read_headers([file])
    (tmp_path / "cut.nii.gz").write_bytes(gzip.compress(nifti() + bytes(range(256)) * 100)[:-20])
    with pytest.raises(DocumentError, match="cut off"):
        read_headers([tmp_path / "cut.nii.gz"])


def packed(how, beginning, size):
    """Bytes that unpack to a beginning and very many zeros."""
    packer = zlib.compressobj(9, wbits=how)
    parts = [packer.compress(beginning)]
    parts += [packer.compress(bytes(1 << 20)) for _ in range(size >> 20)]
    return b"".join([*parts, packer.flush()])


@pytest.mark.parametrize("kind", ["nifti", "dicom"])
def test_what_unpacks_to_far_more_is_refused_in_bounded_memory(tmp_path, kind):
    """Less than a MiB that unpacks to 700: refused, with 256 MiB to live in."""
    file = tmp_path / "x"
    if kind == "nifti":
        file.write_bytes(packed(31, nifti(), 700 << 20))
    else:
        pixels = struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OW", 0, 700 << 20)
        file.write_bytes(meta("1.2.840.10008.1.2.1.99") + packed(-15, b"".join(of()) + pixels, 700 << 20))
    assert file.stat().st_size < 1 << 20
    program = (
        "import sys; from pathlib import Path\n"
        "from medconsent.data.deid.images import read_headers\n"
        "from medconsent.errors import DocumentError\n"
        "try: read_headers([Path(sys.argv[1])])\n"
        "except DocumentError as error: sys.exit(0 if 'unpacks to' in str(error) else 3)\n"
        "sys.exit(4)"
    )
    limit = 1 << 30
    done = subprocess.run(
        [sys.executable, "-c", program, file],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit >> 2, limit >> 2)),
        check=False,
    )
    assert done.returncode == 0
