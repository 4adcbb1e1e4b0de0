"""Text out of any editor: read, or told what it is instead."""

import gzip

import pytest

from medconsent._internal.text import decode, seen
from medconsent.data.tables import open_table
from medconsent.errors import DocumentError

TEXT = "이름: 홍\r\nGröße: 1\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_read_with_and_without_a_mark(encoding):
    assert decode(TEXT.encode(encoding)) == TEXT
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be")) == TEXT


@pytest.mark.parametrize(
    ("data", "line", "what"),
    [
        ("a\nb\nGröße".encode("latin-1"), 3, "Latin-1"),
        ("a\r\n한빛병원".encode("cp949"), 2, "could be CP949 .* or "),
        ("患者,年齢\n山田太郎,50".encode("cp932"), 1, r"could be Shift-JIS \(Japanese Windows\)$"),
        ("カルテ".encode("cp932"), 1, r"could be Shift-JIS \(Japanese Windows\)$"),
        ("患者のデータ".encode("euc-jp"), 1, "could be EUC-JP"),
        ("患者,年龄\n王伟,50".encode("gb18030"), 1, "GB18030"),
        ("患者,年齡\n王偉,50".encode("big5"), 1, "Big5"),
        ("naïve café".encode("latin-1"), 1, r"could be Latin-1 \(Windows-1252\)$"),
        (b"a\rb\rc\xff", 3, "not UTF-8"),
        (b"\xff\xfea", 1, "not whole UTF-16-LE"),
        ("a\nb".encode("utf-16-le"), 1, "null character"),
    ],
)
def test_what_is_no_text_is_told_with_its_line_and_what_it_looks_like(data, line, what):
    with pytest.raises(DocumentError, match=what) as caught:
        decode(data, "the policy", "p.yaml")
    assert (caught.value.line, caught.value.source) == (line, "p.yaml")
    assert caught.value.hint


def test_a_name_is_compared_as_people_see_it():
    assert seen(" Gr\u006f\u0308\u00dfe ") == "Größe"


@pytest.mark.parametrize(
    ("data", "what", "hint"),
    [
        (b"PK\x03\x04\x14\0\6\0", "workbook of Excel", "export the sheet as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(8), "old Office", "export it as CSV"),
        (gzip.compress(b"id,age\n", mtime=0), "gzip", "unpack it"),
        (b"%PDF-1.7\n", "a PDF", "bring the text"),
        (b"PAR1\x15\x04", "Parquet", "export it as CSV"),
        (b"SQLite format 3\0", "SQLite", "export the table"),
    ],
)
def test_what_is_no_text_at_all_is_told_by_its_kind(data, what, hint, tmp_path):
    with pytest.raises(DocumentError, match=what) as caught:
        decode(data, "the policy", "p.yaml")
    assert hint in caught.value.hint
    (tmp_path / "t.csv").write_bytes(data)
    with pytest.raises(DocumentError, match=what), open_table(tmp_path / "t.csv"):
        pass
