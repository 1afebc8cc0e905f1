"""Files of tiles made for a test, and a server of tiles that is not ours."""

import gzip
import json
import struct
import threading
import zlib
from collections.abc import Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

VECTOR, PNG, JPEG = 1, 2, 3
PLAIN, GZIP, BROTLI = 1, 2, 3
HEADER = struct.Struct("<7sB11Q6B4iB2i")


def picture(red: int, green: int, blue: int, *, side: int = 256) -> bytes:
    """Return a PNG of one colour."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        sum_of = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + sum_of

    rows = (b"\0" + bytes((red, green, blue)) * side) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def pmtiles(
    path: Path,
    tiles: Mapping[tuple[int, int, int], bytes],
    *,
    kind: int = PNG,
    metadata: object = None,
    packed: int = GZIP,
    tile_packing: int = PLAIN,
) -> Path:
    """Write a PMTiles file of version 3 with one directory, as its specification has it."""
    numbered = sorted((_number(*at), content) for at, content in tiles.items())
    offsets = [sum(len(content) for _, content in numbered[:i]) for i in range(len(numbered))]
    numbers = [number for number, _ in numbered]
    columns = [
        [b - a for a, b in zip([0, *numbers], numbers, strict=False)],
        [1] * len(numbered),
        [len(content) for _, content in numbered],
        [offset + 1 for offset in offsets],
    ]
    directory = _varint(len(numbered)) + b"".join(_varint(n) for column in columns for n in column)
    root, described = directory, json.dumps(metadata or {}).encode()
    if packed == GZIP:
        root, described = (gzip.compress(part, mtime=0) for part in (root, described))
    data = b"".join(content for _, content in numbered)
    at_root, at_meta = HEADER.size, HEADER.size + len(root)
    at_data = at_meta + len(described)
    zooms = [zoom for zoom, _, _ in tiles]
    head = HEADER.pack(
        b"PMTiles", 3, at_root, len(root), at_meta, len(described), at_data, 0, at_data, len(data),
        len(numbered), len(numbered), len(numbered), 1, packed, tile_packing, kind,
        min(zooms), max(zooms), -1_800_000_000, -850_000_000, 1_800_000_000, 850_000_000,
        min(zooms), 0, 0,
    )  # fmt: skip
    path.write_bytes(head + root + described + data)
    return path


def _number(zoom: int, x: int, y: int) -> int:
    """Return the number of a tile: along a Hilbert curve, after those of all zooms above."""
    before = sum(4**z for z in range(zoom))
    n, d, side = 1 << zoom, 0, 1 << zoom >> 1
    while side:
        rx, ry = int(bool(x & side)), int(bool(y & side))
        d += side * side * ((3 * rx) ^ ry)
        if ry == 0:
            if rx == 1:
                x, y = n - 1 - x, n - 1 - y
            x, y = y, x
        side >>= 1
    return before + d


def _varint(number: int) -> bytes:
    found = bytearray()
    while number >= 128:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


class Elsewhere:
    """Another server of tiles: what it was asked for, and whether it answers."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.referrers: set[str | None] = set()
        self.works = True
        self.address = ""


@contextmanager
def elsewhere(content: bytes):
    """Serve one picture at every address of another origin than ours."""
    state = Elsewhere()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            state.referrers.add(self.headers.get("referer"))
            self.send_response(200 if state.works else 503)
            self.send_header("Content-Type", "image/png")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content if state.works else b"")

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=15)
