from datetime import UTC, datetime, timedelta

import pytest

from gis.errors import Conflict, InvalidInput, NotFound, NotSignedIn, TooManyAttempts
from gis.people import accounts
from gis.people.accounts import Use
from gis.people.roles import Role

NOON = datetime(2026, 5, 18, 4, tzinfo=UTC)


def test_the_one_time_password_signs_in_and_is_kept_nowhere(conn):
    password = accounts.add_account(conn, "chief", role=Role.CHIEF)
    account = accounts.verify(conn, "chief", password=password, at=NOON)
    assert account == accounts.Account("chief", Role.CHIEF, None, None, one_time=True)
    accounts.set_password(conn, "chief", password="four quiet words here")
    assert accounts.verify(conn, "chief", password=password, at=NOON) is None
    renewed = accounts.verify(conn, "chief", password="four quiet words here", at=NOON)
    assert renewed is not None and not renewed.one_time


def test_ten_failures_in_a_quarter_of_an_hour_are_enough(conn):
    password = accounts.add_account(conn, "chief", role=Role.CHIEF)
    for _ in range(10):
        assert accounts.verify(conn, "chief", password="wrong", at=NOON) is None
    with pytest.raises(TooManyAttempts):
        accounts.verify(conn, "chief", password=password, at=NOON)
    later = NOON + timedelta(minutes=16)
    assert accounts.verify(conn, "chief", password=password, at=later)


def test_an_unknown_account_fails_like_a_wrong_password(conn):
    assert accounts.verify(conn, "nobody", password="x", at=NOON) is None


def test_a_session_ends_when_it_is_old_or_signed_out_and_a_token_is_no_session(conn):
    accounts.add_account(conn, "chief", role=Role.CHIEF)
    hour = timedelta(hours=1)
    secret = accounts.issue_secret(conn, "chief", use=Use.SESSION, at=NOON, lasts=hour)
    found = accounts.account_of_secret(conn, secret, use=Use.SESSION, at=NOON)
    assert found.name == "chief"
    for use, at in ((Use.SESSION, NOON + hour), (Use.TOKEN, NOON)):
        with pytest.raises(NotSignedIn):
            accounts.account_of_secret(conn, secret, use=use, at=at)
    accounts.end_session(conn, secret)
    with pytest.raises(NotSignedIn):
        accounts.account_of_secret(conn, secret, use=Use.SESSION, at=NOON)


def test_a_token_lasts(conn):
    accounts.add_account(conn, "chief", role=Role.CHIEF)
    secret = accounts.issue_secret(conn, "chief", use=Use.TOKEN, at=NOON)
    later = NOON + timedelta(days=3650)
    assert accounts.account_of_secret(conn, secret, use=Use.TOKEN, at=later).name == "chief"


def test_a_taken_name_an_unknown_cell_and_a_short_password_are_refused(conn):
    accounts.add_account(conn, "chief", role=Role.CHIEF)
    with pytest.raises(Conflict):
        accounts.add_account(conn, "chief", role=Role.CHIEF)
    with pytest.raises(NotFound):
        accounts.add_account(conn, "other", role=Role.CHIEF, cell="nowhere")
    with pytest.raises(InvalidInput):
        accounts.add_account(conn, " ", role=Role.CHIEF)
    with pytest.raises(InvalidInput, match="one cell"):
        accounts.add_account(conn, "worker", role=Role.UNIT_WORKER)
    with pytest.raises(InvalidInput):
        accounts.set_password(conn, "chief", password="short")
    with pytest.raises(NotFound):
        accounts.issue_secret(conn, "nobody", use=Use.TOKEN, at=NOON)


def session(conn, name):
    lasts = timedelta(hours=1)
    return accounts.issue_secret(conn, name, use=Use.SESSION, at=NOON, lasts=lasts)


def is_signed_in(conn, secret):
    try:
        return bool(accounts.account_of_secret(conn, secret, use=Use.SESSION, at=NOON))
    except NotSignedIn:
        return False


def test_a_changed_password_ends_the_other_sessions_and_keeps_the_own(conn):
    accounts.add_account(conn, "chief", role=Role.CHIEF)
    accounts.add_account(conn, "other", role=Role.CHIEF)
    own, lost, somebody_elses = (session(conn, name) for name in ("chief", "chief", "other"))
    accounts.set_password(conn, "chief", password="four quiet words here", keep=own)
    signed_in = [is_signed_in(conn, secret) for secret in (own, lost, somebody_elses)]
    assert signed_in == [True, False, True]


def test_a_forgotten_password_is_replaced_by_a_one_time_one_that_ends_every_session(conn):
    accounts.add_account(conn, "chief", role=Role.CHIEF)
    accounts.set_password(conn, "chief", password="four quiet words here")
    for _ in range(10):
        accounts.verify(conn, "chief", password="forgotten", at=NOON)
    lost = session(conn, "chief")
    password = accounts.renew_password(conn, "chief")
    found = accounts.verify(conn, "chief", password=password, at=NOON)  # nor need it wait
    assert found is not None and found.one_time
    assert not is_signed_in(conn, lost)
    assert accounts.verify(conn, "chief", password="four quiet words here", at=NOON) is None
    with pytest.raises(NotFound):
        accounts.renew_password(conn, "nobody")
