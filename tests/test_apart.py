"""Work on strangers' files happens in a child, which may hang or die."""

import logging
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from gis.cells import apart
from gis.cells.apart import run
from gis.cells.problems import Fault
from gis.cells.reading import read
from gis.errors import Busy, Conflict, InvalidFile, InvalidGeometry, NotRedrawn
from tests import hostile

TOWNSHIP = Path(__file__).parents[1] / "data" / "boundaries" / "township"


def children():
    """The processes that this one began and that still run."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())],
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in listed.stdout.splitlines() if "gis.cells.apart" in line]


def refusal(work, *args, **limits):
    with pytest.raises(InvalidFile) as error:
        run(work, args, **limits)
    (problem,) = error.value.problems
    assert problem.code == Fault.UNREADABLE
    assert problem.remedy.template
    assert children() == []
    return str(problem.message)


def test_what_the_child_returns_comes_back():
    value = {"a": (1, 2.5, None), "名称": b"\0"}
    assert run(hostile.returns, (value,)) == value
    assert run(hostile.returns, kwargs={"value": 1}) == 1


def test_a_file_is_read_apart_as_it_is_read_here():
    path = TOWNSHIP / "villages.geojson"
    here, there = read(path), apart.apart(read, path)
    assert there == here
    assert [f.shape.wkb for f in there.features] == [f.shape.wkb for f in here.features]


def test_a_child_that_hangs_is_ended_with_all_it_began(tmp_path):
    marker = tmp_path / "number"
    assert refusal(hostile.sleeps, marker, seconds=3) == "The file could not be read in 3 s."
    number = int(marker.read_text())
    while Path(f"/proc/{number}").exists() and state(number) != "Z":
        pass


def state(number):
    """The state of a process: Z is dead, and only not yet counted."""
    with suppress(OSError):
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    return "Z"


@pytest.mark.parametrize("work", [hostile.spins, hostile.spins_on_two_cores])
def test_a_child_that_computes_for_ever_is_ended(work):
    assert refusal(work, seconds=1) == "The file could not be read in 1 s."


def test_a_child_that_crashes_harms_nobody(caplog):
    with caplog.at_level(logging.ERROR, "gis.cells.apart"):
        assert "stops the program that reads it" in refusal(hostile.crashes)
    assert str(-signal.SIGSEGV) in caplog.text


def test_a_child_that_goes_without_a_word_is_a_file_that_cannot_be_read():
    assert "stops the program that reads it" in refusal(hostile.leaves)


def test_a_child_gets_so_much_memory_and_no_more():
    said = refusal(hostile.fills_the_memory, memory=2**30)
    assert said == "Reading the file takes more than 1024 MB of memory."


def test_a_child_gets_so_much_disk_and_no_more():
    assert "stops the program that reads it" in refusal(hostile.fills_the_disk)


def test_a_fault_of_ours_is_logged_and_no_fault_of_the_server(caplog):
    with caplog.at_level(logging.ERROR, "gis.cells.apart"):
        refusal(hostile.fails)
    assert "RuntimeError: a fault of ours" in caplog.text


def test_what_libraries_print_does_not_garble_the_answer():
    assert run(hostile.prints) == 42


def test_refusals_come_out_as_they_were_raised():
    with pytest.raises(InvalidFile) as error:
        run(hostile.refuses, ("file",))
    one, other = error.value.problems
    assert one == other
    assert (str(one.message), one.feature, one.size_m2) == ("2 overlap.", 3, 1.5)
    with pytest.raises(Conflict, match="Moved on") as error:
        run(hostile.refuses, ("conflict",))
    assert (str(error.value.remedy), error.value.field) == ("Look again.", "versions")
    with pytest.raises(NotRedrawn) as error:
        run(hostile.refuses, ("redrawn",))
    assert (error.value.why, error.value.at) == ("taken", (117.0, 32.0))
    with pytest.raises(InvalidGeometry, match="Bad"):
        run(hostile.refuses, ("geometry",))


def test_the_child_knows_nothing_of_the_database_and_leaves_no_folder(monkeypatch):
    monkeypatch.setenv("WANGGE_DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("PGPASSWORD", "secret")
    found = run(hostile.surroundings)
    assert not [name for name in found["names"] if name.startswith(("WANGGE_", "PG"))]
    assert found["nice"] >= 5
    assert not Path(found["folder"]).exists()


def test_only_so_many_children_at_a_time(monkeypatch):
    monkeypatch.setattr(apart, "PATIENCE_S", 0.01)
    with apart._turns, apart._turns, pytest.raises(Busy):
        run(hostile.returns, (1,))
    assert run(hostile.returns, (1,)) == 1


def test_a_turn_is_given_back_however_the_child_ended():
    for _ in range(apart.AT_ONCE + 1):
        refusal(hostile.leaves)
        with pytest.raises(Conflict):
            run(hostile.refuses, ("conflict",))
    assert run(hostile.returns, (1,)) == 1
