"""Tables as people keep them: what other programs write is read, and what cannot be is told with its line."""

import pytest

from medconsent.data.tables import MAX_CELL, open_table
from medconsent.errors import DocumentError


def rows(tmp_path, content, name="t.csv"):
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with open_table(file) as table:
        return table.names, [(row.line, tuple(row.cells)) for row in table.rows()]


PLAIN = (("age", "sex"), [(2, ("34", "f")), (3, ("41", "m"))])


@pytest.mark.parametrize(
    "content",
    [
        "age,sex\n34,f\n41,m\n",
        "age,sex\r\n34,f\r\n41,m",
        "age,sex\r34,f\r41,m\r",
        "\ufeffage,sex\n34,f\n41,m\n\n",
        "age;sex\n34;f\n41;m\n",
        "age\tsex\n34\tf\n41\tm\n",
        " age , sex\n34,f\n41,m\n   \n",
        "age,sex\n34,f\n41,m\n".encode("utf-16"),
        '"age","sex"\n"34","f"\n"41","m"\n',
    ],
)
def test_what_other_programs_write_is_the_same_table(tmp_path, content):
    assert rows(tmp_path, content) == PLAIN


def test_names_are_compared_as_people_see_them(tmp_path):
    names, _ = rows(tmp_path, "Gr\u006f\u0308\u00dfe, age\n1,2\n")
    assert names == ("Größe", "age")


def test_excel_may_say_what_stands_between_two_cells(tmp_path):
    assert rows(tmp_path, "sep=;\nage;sex\n34;f\n") == (("age", "sex"), [(3, ("34", "f"))])


def test_a_comma_in_a_cell_is_no_column(tmp_path):
    assert rows(tmp_path, "age;sex;income, yearly\n34;f;1,5\n") == (
        ("age", "sex", "income, yearly"),
        [(2, ("34", "f", "1,5"))],
    )


def test_empty_lines_are_no_rows_and_lines_are_those_of_the_file(tmp_path):
    content = 'age,note\n\n34,"two\nlines"\n\n41,x\n'
    assert rows(tmp_path, content)[1] == [(3, ("34", "two\nlines")), (6, ("41", "x"))]


def test_a_long_cell_is_read(tmp_path):
    assert len(rows(tmp_path, "age,dna\n34," + "ACGT" * 500_000 + "\n")[1][0][1][1]) == 2_000_000


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        ('a,b\n1,"x\ny"\n\n1\n', 5, "not as long as the header"),
        ('a,b\n1,"x\n2,y\n', 2, "never closed"),
        ('a,b\n1,2\n"x"y,2\n', 3, "closing quote"),
        ("a,b\n1,ä\n".encode("latin-1"), 2, "Latin-1"),
        (b"a,b\n1,\x00\n", 2, "null character"),
        ("a,b\n1," + "x" * (MAX_CELL + 1) + "\n", 2, "longer than 16 Mi"),
        (b"a,b\n" + b"1,2\n" * 400_000 + b"1,\xff\n", 400_002, "not UTF-8"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_without_a_cell(tmp_path, content, line, what):
    with pytest.raises(DocumentError, match=what) as caught:
        rows(tmp_path, content)
    assert caught.value.line == line
    assert caught.value.source.endswith("t.csv")


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DocumentError, match="cannot be read"), open_table(tmp_path / "none.csv"):
        pass
