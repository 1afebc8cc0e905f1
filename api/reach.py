"""Where people find a server, and what must be right about that before it serves.

Standard library only: the launcher asks too.
"""

import ssl
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fcntl import ioctl
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from socket import AF_INET, AF_INET6, SOCK_DGRAM, AddressFamily, if_nameindex, inet_ntoa, socket
from urllib.parse import urlsplit

from gis.errors import InvalidInput
from gis.messages import Message, say

EVERYWHERE = {"0.0.0.0": AF_INET, "::": AF_INET6}  # noqa: S104  (compared with, not bound to)
SOMEWHERE = {AF_INET: "192.0.2.1", AF_INET6: "2001:db8::1"}
"""Addresses of documentation: only the route to them is looked up, nothing is sent."""
NOT_FOR_PHONES = ("lo", "docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "lxc", "cni")
"""Beginnings of the names of networks inside this machine."""
SIOCGIFADDR = 0x8915
IF_INET6 = Path("/proc/net/if_inet6")
GLOBAL = "00"


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a server is found.

    Attributes
    ----------
    url
        What people type.
    others
        Addresses of the same server in this machine's other networks.
    near
        Host and port at which this machine itself finds it.
    is_https
        Whether it speaks https itself.
    """

    url: str
    others: tuple[str, ...]
    near: tuple[str, int]
    is_https: bool = False

    @property
    def only_here(self) -> bool:
        """Whether no other device can open ``url``."""
        return is_loopback(urlsplit(self.url).hostname or "")

    @property
    def is_safe(self) -> bool:
        """Whether a browser lets pages there know the position, and work without a network."""
        return self.url.startswith("https:") or self.only_here


def reach(*, host: str, port: int, https: bool, public_url: str = "") -> Reach:
    """Return where a server is found that listens on ``host`` and ``port``.

    Raises
    ------
    InvalidInput
        If ``public_url`` is no address under which pages can be.
    """
    family = EVERYWHERE.get(host)
    near = {AF_INET: "127.0.0.1", AF_INET6: "::1", None: host}[family]
    if public_url:
        return Reach(public_address(public_url), (), (near, port), https)
    hosts = (own_addresses(family) or [near]) if family else [host]
    first, *others = (web_address(one, port=port, https=https) for one in hosts)
    return Reach(first, tuple(others), (near, port), https)


def web_address(host: str, *, port: int, https: bool) -> str:
    """Return the address to type for a host; one of IPv6 stands in brackets."""
    scheme, usual = ("https", 443) if https else ("http", 80)
    bracketed = f"[{host}]" if ":" in host else host
    return f"{scheme}://{bracketed}/" if port == usual else f"{scheme}://{bracketed}:{port}/"


def public_address(given: str) -> str:
    """Return the address that WANGGE_PUBLIC_URL names, ending in a slash; refuse what is none."""
    try:
        parts = urlsplit(given)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username is not None or parts.query or parts.fragment:
        raise not_public(
            say("WANGGE_PUBLIC_URL is no address of a web site: {given}.", given=given)
        )
    if parts.path not in ("", "/"):
        raise not_public(
            say("WANGGE_PUBLIC_URL has a path, {path}: the pages need a host name of their own.",
                path=parts.path)
        )  # fmt: skip
    usual = {"http": 80, "https": 443}[parts.scheme]
    return web_address(
        parts.hostname or "", port=parts.port or usual, https=parts.scheme == "https"
    )


def not_public(reason: Message) -> InvalidInput:
    """Return the refusal of a WANGGE_PUBLIC_URL."""
    return InvalidInput(
        reason, remedy=say("For example: {example}", example="https://office.example/"),
        field="WANGGE_PUBLIC_URL",
    )  # fmt: skip


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine itself, seen from itself."""
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return False


def own_addresses(family: AddressFamily) -> list[str]:
    """Return this machine's addresses in its networks, the one of the default route first."""
    listed = list(ipv4_addresses() if family == AF_INET else ipv6_addresses())
    found = [one for one in (routed(family), *listed) if one]
    return list(dict.fromkeys(one for one in found if is_reachable(ip_address(one))))


def is_reachable(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether another device could find this machine there."""
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)


def routed(family: AddressFamily) -> str | None:
    """Return the address from which this machine would talk to the world, if it can."""
    with socket(family, SOCK_DGRAM) as probe:
        try:
            probe.connect((SOMEWHERE[family], 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


def ipv4_addresses() -> Iterator[str]:
    """Yield the address of every network interface, where the kernel tells (Linux)."""
    with socket(AF_INET, SOCK_DGRAM) as probe:
        for _, name in if_nameindex():
            if name.startswith(NOT_FOR_PHONES):
                continue
            with suppress(OSError):  # it has none
                asked = struct.pack("256s", name.encode()[:15])
                yield inet_ntoa(ioctl(probe.fileno(), SIOCGIFADDR, asked)[20:24])


def ipv6_addresses() -> Iterator[str]:
    """Yield the global addresses of every network interface, where the kernel tells (Linux)."""
    with suppress(OSError):
        for line in IF_INET6.read_text("ascii").splitlines():
            digits, _, _, scope, _, name = line.split()
            if scope == GLOBAL and not name.startswith(NOT_FOR_PHONES):
                yield str(IPv6Address(bytes.fromhex(digits)))


def check_certificate(cert: Path | None, key: Path | None) -> None:
    """Refuse a certificate and key with which nothing could be served; both absent is right."""
    if cert is None and key is None:
        return
    if cert is None or key is None:
        raise not_served(
            say("https needs both a certificate and its key."), field="cert" if key else "key"
        )
    if "-----BEGIN CERTIFICATE-----" not in read(cert, field="cert"):
        raise not_served(say("{path} holds no certificate (PEM).", path=cert), field="cert")
    if "PRIVATE KEY-----" not in read(key, field="key"):
        raise not_served(say("{path} holds no private key (PEM).", path=key), field="key")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password=refuse_password)
    except ssl.SSLError as error:
        raise not_served(why_not(error, cert=cert, key=key), field="key") from error


def read(path: Path, *, field: str) -> str:
    """Return the text of a file that must be there."""
    try:
        return path.read_text("utf-8", "replace")
    except OSError as error:
        raise not_served(
            say("{path}: {reason}.", path=path, reason=error.strerror), field=field
        ) from error


def refuse_password() -> str:
    """Stand in for a password: nobody is there to type it."""
    return ""


def why_not(error: ssl.SSLError, *, cert: Path, key: Path) -> Message:
    """Return what is wrong with a certificate and a key that do not work."""
    if error.reason == "KEY_VALUES_MISMATCH":
        return say("The key {key} does not belong to the certificate {cert}.", key=key, cert=cert)
    if "ENCRYPTED" in read(key, field="key"):
        return say("The key {key} has a password.", key=key)
    return say("{cert} and {key} cannot be used: {reason}.", cert=cert, key=key,
               reason=error.reason or error)  # fmt: skip


def not_served(reason: Message, *, field: str) -> InvalidInput:
    """Return the refusal of a certificate or a key."""
    return InvalidInput(reason, remedy=say("./wangge serve --cert FILE --key FILE"), field=field)
