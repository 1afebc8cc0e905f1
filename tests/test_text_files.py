import pytest

from gis.errors import InvalidFile
from gis.textfiles import read_csv, require, write_csv


def written(tmp_path, content, *, encoding="utf-8"):
    path = tmp_path / "表.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_what_offices_send_is_read(tmp_path, encoding, mark):
    text = f"编号{mark}名称\r\n1{mark}“引号”\r\n\r\n2\r\n"
    table = read_csv(written(tmp_path, text, encoding=encoding))
    assert table.fields == ("编号", "名称")
    assert table.rows == [["1", "“引号”"], ["2", ""]]
    assert table.column("名称") == ["“引号”", ""]


@pytest.mark.parametrize(
    "content, code",
    [
        (b"", "no_head"),
        (b"a,b\n1,2,3\n", "too_many_values"),
        (b"a,a\n1,2\n", "duplicate_field"),
        (b"a,b\n\xff\xff,\x80\n", "unknown_encoding"),
        (b"a,b\n\0,1\n", "unknown_encoding"),
        (b'a,b\n"1,2\n', "unreadable"),
    ],
)
def test_what_is_no_table_is_refused_with_a_code(tmp_path, content, code):
    with pytest.raises(InvalidFile) as refusal:
        read_csv(written(tmp_path, content))
    assert refusal.value.problems[0].code == code


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path, code in ((tmp_path / "none.csv", "missing_file"), (tmp_path, "unreadable")):
        with pytest.raises(InvalidFile) as refusal:
            read_csv(path)
        assert refusal.value.problems[0].code == code


def test_a_wrong_field_name_lists_the_columns_that_there_are(tmp_path):
    table = read_csv(written(tmp_path, "lon,lat\n1,2\n"))
    with pytest.raises(InvalidFile) as refusal:
        require(table, {"--lon-field": "x", "--lat-field": "lat", "--id-field": None})
    (problem,) = refusal.value.problems
    assert problem.code == "wrong_field"
    assert "lon, lat" in str(problem.remedy)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_file_is_written_with_a_byte_order_mark_only_to_who_sent_one(tmp_path, encoding):
    given = written(tmp_path, "名称\n一\n", encoding=encoding)
    out = tmp_path / "out.csv"
    write_csv(out, [["名称", "n"], ["一", 1]], like=given)
    assert out.read_bytes() == "名称,n\r\n一,1\r\n".encode(encoding)
    assert [path.name for path in tmp_path.glob(".*")] == []
