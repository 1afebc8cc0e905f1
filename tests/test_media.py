"""Photos: only the picture comes through, upright and small; and who may see it."""

import hashlib
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms
from sqlalchemy import func, select

from gis import db, tables
from gis.errors import Conflict, InvalidInput, NotFound
from gis.issues import media, store
from gis.issues.photos import LARGEST, made_anew
from gis.people import accounts
from gis.people.roles import Role
from tests import reported
from tests.reported import report
from tests.town import local

SEEN = local("2026-09-28 08:30")
RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def picture(width=64, height=48, *, mode="RGB", colour="red"):
    return Image.new(mode, (width, height), colour)


def flagged(width=64, height=48):
    """A picture that is red in its upper left quarter, and blue elsewhere."""
    made = picture(width, height, colour="blue")
    made.paste("red", (0, 0, width // 2, height // 2))
    return made


def encoded(made, kind="JPEG", **options):
    out = BytesIO()
    made.save(out, kind, **options)
    return out.getvalue()


def decoded(content):
    return Image.open(BytesIO(content))


def near(pixel, colour):
    return max(abs(a - b) for a, b in zip(pixel, colour, strict=True)) < 20


def sha256(sent):
    return hashlib.sha256(sent).hexdigest()


def a_png(width, height):
    """A PNG that says how large it is, and breaks off."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", head), (b"IDAT", b"x\x9c"))
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


# The picture alone.


def with_everything():
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "SECRETCAMERA"
    exif[ExifTags.Base.Artist] = "SECRETNAME"
    exif[ExifTags.Base.DateTime] = "2026:09:28 08:30:00"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (32.0, 53.0, 31.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return encoded(
        flagged(), exif=exif, comment=b"SECRETWORD", icc_profile=profile, xmp=b"<x>SECRETPLACE</x>"
    )


def test_nothing_but_the_picture_is_kept():
    sent = with_everything()
    assert sent.count(b"SECRET") == 4 and b"ICC_PROFILE" in sent
    photo = made_anew(sent)
    for kept in (photo.content, photo.thumbnail):
        found = decoded(kept)
        assert not {b"SECRET", b"Exif", b"ICC_PROFILE"} & {
            word for word in (b"SECRET", b"Exif", b"ICC_PROFILE") if word in kept
        }
        assert set(found.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density",
                                   "progressive", "progression"}  # fmt: skip
        assert found.getexif() == {}
        assert near(found.getpixel((4, 4)), RED) and near(found.getpixel((60, 44)), BLUE)


UPRIGHT = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}
"""Where the first corner of the stored rows is seen: 6 is a phone held upright, turned right."""


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_seen_as_it_was_taken_however_the_phone_was_held(orientation, kind):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    photo = made_anew(encoded(flagged(), kind, exif=exif))
    size = (48, 64) if orientation > 4 else (64, 48)
    assert (photo.width, photo.height) == size
    corners = [(0, 0), (1, 0), (0, 1), (1, 1)]
    for x, y in corners:
        at = (8 + x * (size[0] - 16), 8 + y * (size[1] - 16))
        expected = RED if (x, y) == UPRIGHT[orientation] else BLUE
        assert near(decoded(photo.content).getpixel(at), expected), (x, y)


@pytest.mark.parametrize(
    "sent, kept, small",
    [
        ((4000, 3000), (2048, 1536), (320, 240)),
        ((3000, 4000), (1536, 2048), (240, 320)),
        ((8192, 4096), (2048, 1024), (320, 160)),  # read at half its size
        ((2048, 2048), (2048, 2048), (320, 320)),
        ((100, 50), (100, 50), (100, 50)),  # never enlarged
        ((5000, 1), (2048, 1), (320, 1)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
def test_the_longer_side_has_2048_pixels_at_most_and_320_in_the_thumbnail(sent, kept, small):
    photo = made_anew(encoded(picture(*sent)))
    assert (photo.width, photo.height) == decoded(photo.content).size == kept
    assert decoded(photo.thumbnail).size == small
    assert decoded(photo.content).format == decoded(photo.thumbnail).format == "JPEG"


def clear():
    made = picture(mode="RGBA", colour=(0, 0, 0, 0))
    made.paste((255, 0, 0, 255), (0, 0, 32, 48))
    return made


@pytest.mark.parametrize(
    "made, kind, left, right",
    [
        (clear(), "PNG", RED, WHITE),
        (clear(), "WEBP", RED, WHITE),
        (clear().convert("LA"), "PNG", (76, 76, 76), WHITE),
        (clear().quantize(), "PNG", RED, WHITE),
        (picture().convert("P"), "PNG", RED, RED),
        (picture(mode="L", colour=100), "JPEG", (100, 100, 100), (100, 100, 100)),
        (picture(mode="1", colour=1), "PNG", WHITE, WHITE),
        (Image.new("I;16", (64, 48), 32768), "PNG", (128, 128, 128), (128, 128, 128)),
        (picture(mode="CMYK", colour=(0, 255, 255, 0)), "JPEG", RED, RED),
    ],
)
def test_every_kind_of_pixel_becomes_the_colour_it_shows(made, kind, left, right):
    found = decoded(made_anew(encoded(made, kind)).content)
    assert near(found.getpixel((8, 24)), left)
    assert near(found.getpixel((56, 24)), right)


def test_of_several_pictures_in_one_file_the_first_is_kept():
    first, second = flagged(), picture(colour="green")
    for kind in ("MPO", "WEBP", "PNG"):  # MPO: JPEGs one after the other, as some phones write
        sent = encoded(first, kind, save_all=True, append_images=[second])
        assert near(decoded(made_anew(sent).content).getpixel((4, 4)), RED)


@pytest.mark.parametrize("broken", [b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\0\0"])
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_good_picture_with_broken_exif_is_taken_as_it_lies(broken):
    assert made_anew(encoded(flagged(), exif=broken)).width == 64


# What is refused.


def heic(brand):
    return struct.pack(">I", 24) + b"ftyp" + brand + b"\0\0\0\0mif1heic" + b"\0" * 100


@pytest.mark.parametrize(
    "sent, reason",
    [
        (b"", "no photo that can be read"),
        (b"hello, world" * 100, "no photo that can be read"),
        (encoded(picture(), "GIF"), "no photo that can be read"),
        (encoded(picture(), "TIFF"), "no photo that can be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "no photo"),
        (heic(b"heic"), "in the format HEIC"),
        (heic(b"mif1"), "in the format HEIC"),
        (heic(b"mp42"), "no photo that can be read"),
        (encoded(flagged(640, 480))[:-300], "damaged"),
        (encoded(flagged(640, 480), "PNG")[:-300], "damaged"),
        (a_png(64, 48), "damaged"),
        # Told by the head alone: what follows is never unpacked.
        (a_png(7100, 7100), "more than 50 million pixels"),
        (a_png(10_000, 10_000), "more than 50 million pixels"),
        (a_png(60_000, 60_000), "more than 50 million pixels"),
        (b"\xff" * (LARGEST + 1), "larger than 20 MB"),
    ],
    ids=str.split(
        "empty text gif tiff svg heic mif1 video cut_jpeg cut_png no_pixels"
        " just_too_many too_many a_bomb too_large"
    ),
)
def test_what_is_no_photo_of_ours_is_refused_with_the_reason(sent, reason):
    with pytest.raises(InvalidInput, match=reason) as refused:
        made_anew(sent)
    assert refused.value.remedy.template
    assert refused.value.field == "body"


def test_49_megapixels_are_taken():
    assert made_anew(encoded(picture(7000, 7000, mode="L", colour=9), "PNG")).width == 2048


GOOD = encoded(flagged(), exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")


@given(at=st.integers(0, len(GOOD) - 1), bytes_=st.binary(min_size=1, max_size=24))
@pytest.mark.filterwarnings("ignore")
def test_a_photo_that_was_scratched_anywhere_is_taken_or_refused_and_nothing_else(at, bytes_):
    scratched = GOOD[:at] + bytes_ + GOOD[at + len(bytes_) :]
    try:
        assert made_anew(scratched).width
    except InvalidInput as refused:
        assert refused.remedy.template


# In the database.


@pytest.fixture
def township(conn):
    reported.found(conn)
    for name, person in (("u1", "u1"), ("u2", "u2"), ("office", None)):
        accounts.add_account(conn, name, role=Role.UNIT_WORKER, cell="U1", person=person)


def kept(conn, sent, account="u1"):
    return media.keep(conn, sha256(sent), sent, account=account)


def seen(conn, name, *, account="office", person=None, within="U6", thumbnail=False):
    asker = {"account": account, "person": person, "within": within}
    return media.photo(conn, name, **asker, thumbnail=thumbnail)


@pytest.mark.usefixtures("township")
def test_a_photo_keeps_the_name_of_what_was_sent_and_is_stored_once(conn):
    sent = encoded(flagged(2500, 100))
    first, again = kept(conn, sent), kept(conn, sent, account="u2")
    assert (first.sha256, first.width, first.height) == (sha256(sent), 2048, 82)
    assert (first.first, again) == (True, replace(first, first=False))
    (row,) = conn.execute(select(tables.media)).all()
    assert (row.account, decoded(row.content).size) == ("u1", (2048, 82))


@pytest.mark.usefixtures("township")
def test_what_arrived_in_part_or_is_no_photo_is_not_stored(conn):
    sent = encoded(flagged())
    with pytest.raises(InvalidInput, match="SHA-256") as refused:
        media.keep(conn, sha256(sent), sent[:-1], account="u1")
    assert refused.value.field == "sha256"
    with pytest.raises(InvalidInput, match="no photo"):
        kept(conn, b"hello")
    assert conn.execute(select(func.count()).select_from(tables.media)).scalar() == 0


@pytest.mark.usefixtures("township")
def test_a_report_carries_its_photos_in_their_order(conn):
    names = [kept(conn, encoded(picture(n, 9))).sha256 for n in (10, 20, 30)]
    mixed = (names[2], names[0], names[1])
    store.report_issue(conn, replace(report(1, at=SEEN), media=mixed))
    store.report_issue(conn, replace(report(2, at=SEEN), media=mixed[:1]))  # one photo, two issues
    store.report_issue(conn, report(3, at=SEEN))
    assert [issue.media for issue in store.list_issues(conn)] == [mixed, mixed[:1], ()]
    lines = select(tables.issue_media.c.version).distinct()
    assert conn.execute(lines).scalars().all() == [1]


@pytest.mark.usefixtures("township")
def test_a_report_with_a_photo_that_is_not_here_is_refused_and_can_be_sent_again(conn):
    sent = encoded(picture())
    wanted = replace(report(1, at=SEEN), media=(sha256(sent),))
    with pytest.raises(InvalidInput, match="has not arrived") as refused:
        store.report_issue(conn, wanted)
    assert (refused.value.field, store.list_issues(conn)) == ("media", [])
    kept(conn, sent)
    assert store.report_issue(conn, wanted).first


@pytest.mark.usefixtures("township")
def test_other_photos_are_another_report_and_the_same_ones_the_same(conn):
    one, two = (kept(conn, encoded(picture(n, 9))).sha256 for n in (10, 20))
    carrying = replace(report(1, at=SEEN), media=(one, two))
    first = store.report_issue(conn, carrying)
    assert store.report_issue(conn, carrying) == replace(first, first=False)
    for other in ((), (one,), (two, one)):
        with pytest.raises(Conflict):
            store.report_issue(conn, replace(carrying, media=other))


def test_a_report_without_photos_has_the_digest_that_it_had_before_there_were_any():
    known = "7ee46cacc0e02b142c69ae351b405a72f1700925884a6d2031710d2fe0ab738c"
    assert store.digest_of(report(1, at=SEEN)).hex() == known


@pytest.mark.usefixtures("township")
@pytest.mark.parametrize(
    "asker, sees",
    [
        ({"account": "u1"}, True),  # who sent it
        ({"account": "u2", "person": "u2", "within": "U2"}, False),
        ({"within": "U1"}, True),  # where it lies
        ({"within": "V1"}, True),
        ({"within": None}, True),
        ({"within": "V2"}, False),
        ({"within": "gone"}, False),
        ({"person": "u3"}, True),  # who reported it, from elsewhere
        ({"person": "u4"}, False),
    ],
)
def test_a_photo_is_seen_by_its_sender_and_by_who_sees_its_issue(conn, asker, sees):
    photo = kept(conn, encoded(flagged(640, 480)))
    store.report_issue(conn, replace(report(1, at=SEEN, reporter="u3"), media=(photo.sha256,)))
    if sees:
        assert decoded(seen(conn, photo.sha256, **asker)).size == (640, 480)
        assert decoded(seen(conn, photo.sha256, **asker, thumbnail=True)).size == (320, 240)
    else:
        with pytest.raises(NotFound):
            seen(conn, photo.sha256, **asker)


@pytest.mark.usefixtures("township")
def test_a_photo_that_no_issue_carries_yet_is_its_senders_alone(conn):
    photo = kept(conn, encoded(flagged()))
    assert seen(conn, photo.sha256, account="u1")
    for within in (None, "U1"):
        with pytest.raises(NotFound):
            seen(conn, photo.sha256, within=within)
    with pytest.raises(NotFound):
        seen(conn, "0" * 64, account="u1")


def test_the_same_photo_many_times_at_once_is_stored_once(own_database_url):
    engine = db.connect(own_database_url)
    with engine.begin() as conn:
        reported.found(conn)
        accounts.add_account(conn, "u1", role=Role.UNIT_WORKER, cell="U1", person="u1")
    sent = encoded(flagged(1200, 900))

    def send(_turn):
        with engine.begin() as conn:
            return kept(conn, sent)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(12)))
    assert sum(answer.first for answer in answers) == 1
    assert {(a.sha256, a.width, a.height) for a in answers} == {(sha256(sent), 1200, 900)}
    engine.dispose()


@pytest.mark.usefixtures("township")
def test_a_photo_stays_with_the_report_that_was_sent_many_times(conn):
    name = kept(conn, encoded(flagged())).sha256
    carrying = replace(report(1, at=SEEN), media=(name,))
    for _ in range(3):
        store.report_issue(conn, carrying)
    assert store.get_issue(conn, UUID(int=1)).media == (name,)
