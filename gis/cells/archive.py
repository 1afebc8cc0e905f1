"""Zip archives, opened with care: nothing is written that was not looked at first."""

import shutil
import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from gis.cells.problems import Fault, refusal
from gis.errors import InvalidFile
from gis.messages import Message, say

ENTRIES = 200
EXPANDED_BYTES = 500 * 2**20
ARCHIVES = {".zip", ".kmz", ".7z", ".rar", ".gz", ".bz2", ".xz", ".tar", ".tgz"}
LAYERS = {".shp", ".gpkg", ".geojson", ".json", ".kml", ".gml"}
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")

_ENCRYPTED = 0x1
_SHOWN = 100  # characters of a name


def unpacked(path: Path, into: Path) -> Path:
    """Unpack the one layer of a zip into a folder; return the file to open.

    Only the layer is unpacked, under a name of our own; a Shapefile with its parts.

    Raises
    ------
    InvalidFile
        If the archive is broken, encrypted, too large when expanded, holds
        another archive, a link or a path that leads out of it, or no layer, or several.
    """
    try:
        with ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            _check(members)
            layer = _layer(members)
            for part in _parts(layer, members):
                target = into / f"layer{_suffix(part)}"
                with archive.open(part) as source, target.open("wb") as file:
                    shutil.copyfileobj(source, file)
            return into / f"layer{_suffix(layer)}"
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, zlib.error):
        raise refusal(Fault.UNREADABLE, say("The zip archive is broken.")) from None


def _check(members: Sequence[ZipInfo]) -> None:
    if len(members) > ENTRIES or sum(m.file_size for m in members) > EXPANDED_BYTES:
        raise refusal(
            Fault.TOO_LARGE,
            say("The zip archive is too large when it is unpacked."),
            say("Put the one layer alone into it."),
        )
    for member in members:
        reason = _danger(member)
        if reason is not None:
            raise refusal(Fault.UNREADABLE, reason, say("Make the zip archive anew."))


def _danger(member: ZipInfo) -> Message | None:
    name = member.filename[:_SHOWN]
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in member.filename:
        return say("The zip archive holds a path that leads out of it: {name}.", name=name)
    if stat.S_ISLNK(member.external_attr >> 16):
        return say("The zip archive holds a link: {name}.", name=name)
    if member.flag_bits & _ENCRYPTED:
        return say("The zip archive is encrypted.")
    if path.suffix.lower() in ARCHIVES:
        return say("The zip archive holds another archive: {name}.", name=name)
    return None


def _layer(members: Sequence[ZipInfo]) -> ZipInfo:
    found = [m for m in members if _suffix(m) in LAYERS and not m.filename.startswith("__MACOSX")]
    if len(found) != 1:
        raise _several(found)
    return found[0]


def _several(found: Sequence[ZipInfo]) -> InvalidFile:
    if not found:
        return refusal(
            Fault.UNREADABLE,
            say("The zip archive holds no Shapefile, GeoPackage, GeoJSON, KML or GML."),
        )
    return refusal(
        Fault.SEVERAL_LAYERS,
        say("The zip archive holds {n} layers.", n=len(found)),
        say("Put the one layer alone into it."),
    )


def _parts(layer: ZipInfo, members: Sequence[ZipInfo]) -> Sequence[ZipInfo]:
    """Return the layer, and the files of the same name that make up a Shapefile."""
    if _suffix(layer) != ".shp":
        return [layer]
    stem = PurePosixPath(layer.filename).with_suffix("")
    return [
        m
        for m in members
        if PurePosixPath(m.filename).with_suffix("") == stem and _suffix(m) in PARTS
    ]


def _suffix(member: ZipInfo) -> str:
    return PurePosixPath(member.filename).suffix.lower()
