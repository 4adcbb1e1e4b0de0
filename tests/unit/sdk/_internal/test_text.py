"""Text out of any editor: read, or told what it is instead."""

import pytest

from medconsent._internal.text import decode, seen
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
        ("a\r\n한빛병원".encode("cp949"), 2, "CP949"),
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
