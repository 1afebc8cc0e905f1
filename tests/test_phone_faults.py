"""What a phone may send by mistake: named and refused, never a fault of the server."""

import hashlib
import json
import math
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.people.roles import Role
from tests.calling import JSON, MID, U1, a_photo, a_report, a_track, faults

# What cannot be is named, never a fault of the server.


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"op_id": "1"}, "op_id"),
        ({"patrol": None}, "patrol"),
        ({"datum": "utm"}, "datum"),
        ({"datum": None}, "datum"),
        ({"fixes": []}, "fixes"),
        ({"fixes": {}}, "fixes"),
        ({"fixes": [[0, 1779066000, U1, MID]]}, "fixes.0.4"),
        ({"fixes": [[0, 1779066000, U1, MID, 5, 6]]}, "fixes.0"),
        ({"fixes": [[0, 1779066000, U1, MID, 5], "x"]}, "fixes.1"),
        ({"fixes": [[0.5, 1779066000, U1, MID, 5]]}, "fixes.0.0"),
        ({"fixes": [[-1, 1779066000, U1, MID, 5]]}, "fixes.0.0"),
        ({"fixes": [[2**60, 1779066000, U1, MID, 5]]}, "fixes.0.0"),
        ({"fixes": [[0, 1779066000000, U1, MID, 5]]}, "fixes.0.1"),  # milliseconds
        ({"fixes": [[0, -3e9, U1, MID, 5]]}, "fixes.0.1"),
        ({"fixes": [[0, 1779066000, 181, MID, 5]]}, "fixes.0.2"),
        ({"fixes": [[0, 1779066000, MID, 117.4, 5]]}, "fixes.0.3"),  # swapped
        ({"fixes": [[0, 1779066000, 0, 0, 5]]}, "fixes.0"),
        ({"fixes": [[0, 1779066000, U1, MID, -1]]}, "fixes.0.4"),
        ({"fixes": [[0, 1779066000, U1, "north", 5]]}, "fixes.0.3"),
        ({"fixes": [[0, 1779066000, U1, MID, math.inf]]}, "fixes.0.4"),
        ({"fixes": [[0, math.nan, U1, MID, 5]]}, "fixes.0.1"),
        ({"fixes": [[0, 1779066000, math.nan, MID, 5]]}, "fixes.0.2"),
        ({"fixes": [[n, 1779066000, U1, MID, 5] for n in range(20_001)]}, "fixes"),
        ({"fixes": [[0, 1779066000, 181, MID, 5]] * 20_000}, "fixes.0.2"),  # one fault is enough
        ({"fixes": [[n, 1779066000 - n * 86400, U1, MID, 5] for n in range(32)]}, "fixes"),
    ],
)
def test_a_batch_that_cannot_be_names_the_field(client, worker, changes, field):
    body = json.dumps(a_track(**changes))
    answer = client.put(f"/api/tracks/{uuid4()}", content=body, headers=worker | JSON)
    assert (answer.status_code, faults(answer)) == (422, [field])


def test_what_is_wrong_with_a_field_is_said_in_the_readers_language(client, as_):
    path, body = f"/api/tracks/{uuid4()}", a_track(fixes=[[0, 1779066000, 181, MID, 5]])
    said = {}
    for language in ("en", "zh"):
        headers = as_(Role.UNIT_WORKER, "U1", "u1", says=language)
        (fault,) = client.put(path, json=body, headers=headers).json()["errors"]
        said[language] = fault["message"]
    assert said == {"en": "It must be 180.0 or less.", "zh": "不能大于 180.0。"}


@pytest.mark.parametrize(
    "query, field",
    [
        ("from=yesterday", "from"),
        ("to=2026-02-30", "to"),
        ("from=2026-05-18&to=2026-05-17", "from"),
        ("from=2026-04-01&to=2026-05-18", "from"),
    ],
)
def test_days_that_cannot_be_are_named(client, worker, query, field):
    answer = client.get(f"/api/tracks?{query}", headers=worker)
    assert (answer.status_code, faults(answer)) == (422, [field])


ANSWERED = {200, 201, 409, 413, 422}
ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(["wgs84", "bd09", "0" * 64, str(UUID(int=7)), "2026-05-18T09:00:00Z", "\0"])
)
ANYTHING = st.recursive(
    ODD,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=9,
)
NUMBERS = st.floats() | st.integers() | st.sampled_from([0, -0.0, 180, -180, 90, 1e308, 2**63])
FIXES = st.lists(
    st.lists(NUMBERS | st.none(), min_size=5, max_size=5)
    | st.tuples(
        st.integers(0, 2**53 - 1),
        st.floats(-2.2e9, 3.2e10),
        st.floats(-180, 180),
        st.floats(-90, 90),
        st.floats(0, 1e5) | st.none(),
    ),
    max_size=6,
)
quietly = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def bodies(plain):
    """Bodies of which some parts are right, some odd, and some are missing."""
    parts = {
        name: st.just(value) | ANYTHING | (FIXES if name == "fixes" else st.nothing())
        for name, value in plain.items()
    }
    names = st.lists(st.sampled_from(sorted(plain)), unique=True).map(set)
    return (
        st.fixed_dictionaries(parts)
        | st.tuples(st.fixed_dictionaries(parts), names).map(
            lambda pair: {k: v for k, v in pair[0].items() if k not in pair[1]}
        )
        | ANYTHING
    )


def answered(client, path, body, headers):
    answer = client.put(path, content=json.dumps(body).encode("utf-8", "surrogatepass"),
                        headers=headers | JSON)  # fmt: skip
    assert answer.status_code in ANSWERED, answer.text
    if answer.status_code > 201:
        faults(answer)


@quietly
@given(body=bodies(a_report(accuracy_m=5, severity="major", text="x", self_handled=True, media=[])))
def test_no_report_whatever_is_in_it_is_a_fault_of_the_server(client, worker, body):
    answered(client, f"/api/issues/{uuid4()}", body, worker)


@quietly
@given(body=bodies(a_track(n=3)))
def test_no_batch_whatever_is_in_it_is_a_fault_of_the_server(client, worker, body):
    answered(client, f"/api/tracks/{uuid4()}", body, worker)


@quietly
@given(fixes=FIXES, datum=st.sampled_from(["wgs84", "cgcs2000", "gcj02", "bd09"]))
def test_no_walk_wherever_it_leads_is_a_fault_of_the_server(client, worker, fixes, datum):
    answered(client, f"/api/tracks/{uuid4()}", a_track(fixes=fixes, datum=datum), worker)


@quietly
@given(
    body=st.binary(max_size=300)
    | st.binary(max_size=60).map(lambda tail: a_photo()[:2000] + tail)
    | st.binary(max_size=60).map(lambda tail: b"\x89PNG\r\n\x1a\n" + tail),
    named=st.booleans(),
)
@pytest.mark.filterwarnings("ignore")
def test_no_photo_whatever_is_in_it_is_a_fault_of_the_server(client, worker, body, named):
    name = hashlib.sha256(body).hexdigest() if named else "0" * 64
    answer = client.put(f"/api/media/{name}", content=body, headers=worker)
    assert answer.status_code in ANSWERED, answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b"\xff\xfe", b"[" * 20_000])
@pytest.mark.parametrize("path", ["issues", "tracks"])
def test_what_is_no_json_is_refused(client, worker, path, body):
    answer = client.put(f"/api/{path}/{uuid4()}", content=body, headers=worker | JSON)
    assert answer.status_code in {400, 422}
    faults(answer)
