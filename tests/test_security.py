import pytest
from starlette.datastructures import Headers

from api.errors import own_path
from api.security import from_elsewhere, policy, too_large

HERE = {"host": "grid.example"}


@pytest.mark.parametrize(
    "method, headers, forged",
    [
        ("GET", {"sec-fetch-site": "cross-site"}, False),
        ("POST", {}, False),  # a program: no browser would send a cookie without either header
        ("POST", {"sec-fetch-site": "same-origin"}, False),
        ("POST", {"sec-fetch-site": "none"}, False),
        ("POST", {"sec-fetch-site": "same-site"}, True),
        ("POST", {"sec-fetch-site": "cross-site"}, True),
        ("PUT", {"origin": "https://grid.example"}, False),
        ("PUT", {"origin": "https://evil.example"}, True),
        ("PUT", {"origin": "null"}, True),
        ("PUT", {"origin": "http://["}, True),
        ("PUT", {"origin": "https://evil.example", "authorization": "Bearer x"}, False),
    ],
)
def test_another_sites_page_cannot_write_with_a_users_cookie(method, headers, forged):
    assert from_elsewhere(method, Headers(HERE | headers)) is forged


def test_scripts_are_allowed_by_nonce_and_never_inline():
    scripts = next(p for p in policy("abc").split("; ") if p.startswith("script-src"))
    assert scripts == "script-src 'self' 'nonce-abc'"


def test_an_announced_body_of_65_mb_is_too_large():
    assert too_large(Headers({"content-length": str(65 * 1024 * 1024)}))
    assert not too_large(Headers({"content-length": "1000"}))
    assert not too_large(Headers({"content-length": "many"}))
    assert too_large(Headers({"content-length": "9" * 5000}))


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil", "evil"])
def test_signing_in_leads_to_no_other_site(target):
    assert own_path(target) == "/"
    assert own_path("/map?ask=gaps") == "/map?ask=gaps"
