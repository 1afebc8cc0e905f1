"""Where the service is found: printed addresses, https, and a proxy before it."""

import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from api import reach
from api.app import create_app
from api.environment import ROOT
from gis import db
from gis.errors import InvalidInput
from gis.people import accounts
from gis.people.roles import Role
from gis.settings import Settings
from tests import clusters, reported

PAGE = (ROOT / "docs" / "reaching.md").read_text("utf-8")
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="there is no openssl")


def block(language: str) -> str:
    """Return the block of docs/reaching.md in that language that is to be run."""
    (found,) = re.findall(rf"<!-- [^>]*run by [^>]*-->\n```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


# Addresses


@pytest.mark.parametrize(
    "asked, url",
    [
        ({"host": "127.0.0.1"}, "http://127.0.0.1:8000/"),
        ({"host": "192.168.1.20"}, "http://192.168.1.20:8000/"),
        ({"host": "grid.lan", "https": True}, "https://grid.lan:8000/"),
        ({"host": "grid.lan", "https": True, "port": 443}, "https://grid.lan/"),
        ({"host": "grid.lan", "port": 80}, "http://grid.lan/"),
        ({"host": "fd00::2"}, "http://[fd00::2]:8000/"),
        ({"host": "127.0.0.1", "public_url": "https://office.example"}, "https://office.example/"),
        ({"host": "::", "public_url": "http://[fd00::2]:81/"}, "http://[fd00::2]:81/"),
        ({"host": "::1", "public_url": "HTTPS://Office.Example:443"}, "https://office.example/"),
    ],
)
def test_the_address_is_one_to_type(asked, url):
    found = reach.reach(**{"port": 8000, "https": False} | asked)
    assert (found.url, found.others) == (url, ())


@pytest.mark.parametrize("host, near", [("0.0.0.0", "127.0.0.1"), ("::", "::1")])  # noqa: S104
def test_everywhere_is_no_address_for_a_phone(host, near):
    found = reach.reach(host=host, port=8000, https=False)
    assert found.near == (near, 8000)
    for url in (found.url, *found.others):
        name = urlsplit(url).hostname
        assert name not in reach.EVERYWHERE
        assert reach.is_loopback(name) == found.only_here  # only without any network
    if not found.only_here:
        family = reach.EVERYWHERE[host]
        with socket.socket(family) as listener:  # it is really this machine's
            listener.bind((urlsplit(found.url).hostname, 0))


def test_of_several_networks_the_one_with_the_way_out_comes_first(monkeypatch):
    """Not those within the machine (127.0.0.1), nor an address that nobody gave (169.254)."""
    monkeypatch.setattr(reach, "routed", lambda _family: "192.168.1.20")
    listed = ["127.0.0.1", "10.0.0.5", "169.254.3.4", "192.168.1.20", "0.0.0.0"]  # noqa: S104
    monkeypatch.setattr(reach, "ipv4_addresses", lambda: iter(listed))
    found = reach.reach(host="0.0.0.0", port=8000, https=False)  # noqa: S104
    assert found.url == "http://192.168.1.20:8000/"
    assert found.others == ("http://10.0.0.5:8000/",)
    assert not found.only_here


def test_an_isolated_network_has_no_way_out_and_still_an_address(monkeypatch):
    monkeypatch.setattr(reach, "routed", lambda _family: None)
    monkeypatch.setattr(reach, "ipv4_addresses", lambda: iter(["10.0.0.5"]))
    found = reach.reach(host="0.0.0.0", port=8000, https=False)  # noqa: S104
    assert found.url == "http://10.0.0.5:8000/"


@pytest.mark.parametrize(
    "given, why",
    [
        ("office.example", "no address"),
        ("ftp://office.example/", "no address"),
        ("https://", "no address"),
        ("https://office.example:99999/", "no address"),
        ("https://[fd00/", "no address"),
        ("https://office.example/?a=1", "no address"),
        ("https://office.example/#a", "no address"),
        ("https://me:secret@office.example/", "no address"),
        ("https://office.example/wangge/", "has a path, /wangge/"),
    ],
)
def test_what_is_no_public_address_is_refused(given, why):
    with pytest.raises(InvalidInput, match=why) as refused:
        reach.public_address(given)
    assert refused.value.field == "WANGGE_PUBLIC_URL"


@pytest.mark.parametrize(
    "host, here", [("localhost", True), ("127.0.0.8", True), ("::1", True), ("grid.lan", False)]
)
def test_a_browser_trusts_its_own_machine(host, here):
    found = reach.reach(host=host, port=8000, https=False)
    assert (found.only_here, found.is_safe) == (here, here)
    assert reach.reach(host=host, port=8000, https=True).is_safe


# Refused before anything is set up


def wangge(*arguments, home, **env):
    kept = {name: value for name, value in os.environ.items() if name != "WANGGE_DATABASE_URL"}
    env = kept | {"WANGGE_HOME": str(home), "WANGGE_LANGUAGE": "en"} | env
    command = [shutil.which("python3"), ROOT / "wangge", *map(str, arguments)]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_a_path_behind_a_proxy_is_one_sentence_and_sets_nothing_up(tmp_path):
    home = tmp_path / "home"
    done = wangge("demo", home=home, WANGGE_PUBLIC_URL="https://office.example/wangge/")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "WANGGE_PUBLIC_URL has a path, /wangge/: the pages need a host name of their own.",
        "For example: https://office.example/",
    ]
    assert not home.exists()


def test_a_missing_certificate_is_one_sentence_and_sets_nothing_up(tmp_path):
    home = tmp_path / "home"
    done = wangge("demo", "--cert", tmp_path / "none", "--key", tmp_path / "none", home=home)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == f"{tmp_path / 'none'}: No such file or directory."
    assert not home.exists()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A folder with what the commands of docs/reaching.md make, for 127.0.0.1."""
    folder = tmp_path_factory.mktemp("authority")
    commands = block("sh").replace("192.168.1.20", "127.0.0.1").replace("grid.lan", "localhost")
    subprocess.run(["sh", "-ec", commands], cwd=folder, check=True, capture_output=True)
    return folder


@needs_openssl
def test_a_certificate_and_a_key_that_do_not_fit_are_one_sentence(authority, tmp_path):
    cert, key = authority / "server.crt", authority / "server.key"
    reach.check_certificate(None, None)
    reach.check_certificate(cert, key)

    def why(cert, key):
        with pytest.raises(InvalidInput) as refused:
            reach.check_certificate(cert, key)
        return str(refused.value.reason)

    assert why(cert, None) == "https needs both a certificate and its key."
    assert why(None, key) == "https needs both a certificate and its key."
    assert "does not belong to" in why(cert, authority / "ca.key")
    assert "holds no certificate" in why(key, key)
    assert "holds no private key" in why(cert, cert)
    assert "Is a directory" in why(tmp_path, key)
    locked = tmp_path / "locked.key"
    options = ("-aes128", "-passout", "pass:secret", "-out", locked)
    subprocess.run(["openssl", "rsa", "-in", key, *options], check=True, capture_output=True)
    assert why(cert, locked) == f"The key {locked} has a password."
    broken = tmp_path / "broken.crt"
    broken.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert "cannot be used" in why(broken, key)


# https, and proxies


@pytest.fixture(scope="module")
def password(module_database_url):
    """Of u1, who works in the town of `town`."""
    engine = db.connect(module_database_url)
    with engine.begin() as conn:
        reported.found(conn)
        made = accounts.add_account(conn, "u1", role=Role.UNIT_WORKER, cell="U1", person="u1")
    engine.dispose()
    return made


class Person:
    """A browser, as far as it matters here: it keeps a cookie and says where a form is from."""

    def __init__(self, url, authority):
        self.url = urlsplit(url)
        self.trust = ssl.create_default_context(cafile=authority / "ca.crt")
        self.cookie = ""

    def ask(self, method, path, body=None, **headers):
        conn = http.client.HTTPSConnection(self.url.netloc, context=self.trust, timeout=30)
        origin = {"Origin": f"https://{self.url.netloc}"} if method != "GET" else {}
        conn.request(method, path, body, origin | {"Cookie": self.cookie} | headers)
        answer = conn.getresponse()
        answer.text = answer.read().decode()
        conn.close()
        return answer

    def sign_in(self, password):
        answer = self.ask(
            "POST",
            "/login",
            urlencode({"account": "u1", "password": password}),
            **{"Content-Type": "application/x-www-form-urlencoded"},
        )
        self.cookie = (answer.headers["Set-Cookie"] or "").partition(";")[0]
        return answer

    def report(self, **headers):
        body = {
            "op_id": str(uuid4()),
            "lon": reported.WEST + reported.SIDE / 2,
            "lat": reported.MID,
            "category": "环境卫生",
            "captured_at": "2026-05-18T09:00:00+08:00",
        }
        headers = {"Content-Type": "application/json"} | headers
        return self.ask("PUT", f"/api/issues/{uuid4()}", json.dumps(body), **headers)


def works(person, password):
    """Go the way of a worker through whatever stands before the server."""
    first = person.ask("GET", "/work")
    assert first.status == 303
    assert first.headers["Location"].startswith("/login?")  # stays at the public address
    form = person.ask("GET", "/login")
    assert (form.status, "password" in form.text) == (200, True)
    signed_in = person.sign_in(password)
    assert (signed_in.status, signed_in.headers["Location"]) == (303, "/")
    assert "; Secure" in signed_in.headers["Set-Cookie"]
    assert json.loads(person.ask("GET", "/api/me").text)["account"] == "u1"
    assert person.report().status == 201
    assert person.report(Origin="https://evil.example").status == 403
    slash = person.ask("GET", "/map/")
    assert slash.headers.get("Location", "/map") == "/map"
    assert "Strict-Transport-Security" not in form.headers


@needs_openssl
def test_with_a_certificate_everything_goes_by_https(
    authority, module_database_url, password, tmp_path
):
    pair = ("--cert", str(authority / "server.crt"), "--key", str(authority / "server.key"))
    with clusters.served(tmp_path, *pair, WANGGE_DATABASE_URL=module_database_url) as (url, _):
        assert url.startswith("https://127.0.0.1:")
        works(Person(url, authority), password)


@contextmanager
def plain_proxy(folder, authority, port, behind):
    """A proxy that speaks https, asks for another host and tells nothing of it."""

    class Handler(BaseHTTPRequestHandler):
        def pass_on(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            conn = http.client.HTTPConnection("127.0.0.1", behind, timeout=30)
            headers = {name: text for name, text in self.headers.items() if name != "Host"}
            conn.request(self.command, self.path, body, headers)
            answer = conn.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, text in answer.getheaders():
                if name.lower() not in ("content-length", "transfer-encoding", "date"):
                    self.send_header(name, text)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            conn.close()

        do_GET = do_POST = do_PUT = pass_on

        def log_message(self, *_):
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.crt", authority / "server.key")
    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as proxy:
        proxy.socket = context.wrap_socket(proxy.socket, server_side=True)
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        yield
        proxy.shutdown()
        thread.join()


@contextmanager
def started(command, port):
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as proxy:
        clusters.wait_for(lambda: clusters.listens(port) or proxy.poll() is not None)
        assert proxy.poll() is None, proxy.stderr.read()
        yield
        proxy.terminate()


def for_the_test(sample, authority, port, behind):
    """Return a sample of docs/reaching.md with the files and ports of a test."""
    sample = sample.replace("/etc/wangge", str(authority))
    return sample.replace("127.0.0.1:8000", f"127.0.0.1:{behind}").replace("443", str(port))


@contextmanager
def nginx(folder, authority, port, behind):
    sample = for_the_test(block("nginx"), authority, port, behind)
    kept = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "\n".join(f"{name}_temp_path {folder}/{name};" for name in kept)
    conf = folder / "nginx.conf"
    conf.write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; worker_processes 1;\n"
        f"events {{}}\nhttp {{ access_log off;\n{paths}\n{sample} }}\n"
    )
    with started([program("nginx"), "-e", "stderr", "-p", folder, "-c", conf], port):
        yield


@contextmanager
def caddy(folder, authority, port, behind):
    sample = for_the_test(block(""), authority, port, behind)
    conf = folder / "Caddyfile"
    options = f"{{\nadmin off\nauto_https disable_redirects\nstorage file_system {folder}\n}}\n"
    conf.write_text(options + sample.replace("grid.example", f"https://127.0.0.1:{port}"))
    with started([program("caddy"), "run", "--adapter", "caddyfile", "--config", conf], port):
        yield


def program(name):
    """Return a proxy's program; the test is skipped where it is not installed."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    return found or pytest.skip(f"{name} is not installed")


@needs_openssl
@pytest.mark.parametrize("proxy", [plain_proxy, nginx, caddy])
def test_behind_a_proxy_a_worker_signs_in_and_reports(
    proxy, authority, module_database_url, password, tmp_path
):
    outside, behind = clusters.free_port(), clusters.free_port()
    public = f"https://127.0.0.1:{outside}/"
    env = {"WANGGE_DATABASE_URL": module_database_url, "WANGGE_PUBLIC_URL": public}
    with (
        proxy(tmp_path, authority, outside, behind),
        clusters.served(tmp_path, "--port", str(behind), **env) as (url, _),
    ):
        assert url == public
        works(Person(url, authority), password)


@pytest.mark.parametrize(
    "public_url, asked, secure",
    [
        ("", "http://grid.lan", False),
        ("", "https://grid.lan", True),
        ("http://grid.lan/", "http://127.0.0.1:8000", False),
        ("https://grid.lan/", "http://127.0.0.1:8000", True),
    ],
)
def test_a_session_is_for_https_where_people_type_https(
    module_database_url, password, tmp_path, *, public_url, asked, secure
):
    settings = Settings(
        database_url=module_database_url, browser_files=tmp_path, public_url=public_url
    )
    app = create_app(settings, run_jobs=False)
    with TestClient(app, base_url=asked, follow_redirects=False) as client:
        answer = client.post("/login", data={"account": "u1", "password": password})
        assert answer.status_code == 303
        assert ("; Secure" in answer.headers["set-cookie"]) == secure
