"""Photos as people's phones make them, made anew: the picture alone, without what hangs on it.

A photo carries where and when it was taken, by which camera, and sometimes a
name. None of that is ours to keep: only the pixels come through.
"""

import warnings
from dataclasses import dataclass
from io import BytesIO
from threading import BoundedSemaphore

from PIL import ExifTags, Image

from gis.errors import InvalidInput
from gis.messages import Message, say

LARGEST_MB, MOST_MEGAPIXELS = 20, 50
LARGEST = LARGEST_MB * 1024 * 1024
FORMATS = ("JPEG", "PNG", "WEBP")
LONG_SIDE, THUMBNAIL = 2048, 320
"""Pixels of the longer side: of the photo we keep, and of its small copy."""
QUALITY = 82
HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
"""Brands of the format that iPhones use unless they are told otherwise."""
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by its EXIF orientation."""

_TURN = BoundedSemaphore(2)
"""A large picture takes hundreds of megabytes while it is read: never more than two at once."""

# Once and for all: to change the filters around each picture is not safe among threads.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as we keep it: two JPEG files, and the size of the larger in pixels."""

    content: bytes
    thumbnail: bytes
    width: int
    height: int


def made_anew(sent: bytes) -> Photo:
    """Return the picture in ``sent``, upright, no larger than LONG_SIDE, and nothing else of it.

    Of several pictures in one file, the first; what is transparent becomes white.

    Raises
    ------
    InvalidInput
        If it is too large, no picture of FORMATS, or damaged.
    """
    check_size(sent)
    with _TURN:
        content = _picture(sent)
        small = content.copy()
        small.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
        return Photo(_jpeg(content), _jpeg(small), *content.size)


def check_size(sent: bytes) -> None:
    """Refuse more than LARGEST bytes; InvalidInput says how to make it less."""
    if len(sent) > LARGEST:
        raise _refusal(
            say("The photo is larger than {n} MB.", n=LARGEST_MB),
            say("Take it at a lower resolution, and send that."),
        )


def damaged() -> InvalidInput:
    """Return the refusal of what is not all there."""
    return _refusal(
        say("The photo is damaged, or did not arrive as a whole."),
        say("Send it again; if that does not help, take another."),
    )


def _picture(sent: bytes) -> Image.Image:
    """Return the pixels: RGB, upright, no larger than LONG_SIDE."""
    too_many = _refusal(
        say("The photo has more than {n} million pixels.", n=MOST_MEGAPIXELS),
        say("Take it at a lower resolution, and send that."),
    )
    try:
        picture = Image.open(BytesIO(sent), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_many from None
    except Exception:  # a reader can fail in any way on bytes that are no picture
        raise _no_picture(sent) from None
    if picture.width * picture.height > MOST_MEGAPIXELS * 1_000_000:
        raise too_many
    try:
        turn = TURNS.get(_orientation(picture))
        picture.draft("RGB", (LONG_SIDE, LONG_SIDE))  # a JPEG need not be read in full
        plain = _plain(picture)
    except Exception:  # as above; a file that ends too early fails here
        raise damaged() from None
    plain.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    return plain if turn is None else plain.transpose(turn)


def _orientation(picture: Image.Image) -> int:
    """Return how the camera was held, as EXIF has it: 1 to 8."""
    try:
        return int(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # what hangs on a good picture may be broken
        return 1


def _plain(picture: Image.Image) -> Image.Image:
    """Return the pixels alone, in RGB, on white."""
    if picture.mode.startswith("I"):  # 16 bits of grey, which a conversion would cut off
        picture = picture.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    plain = Image.new("RGB", picture.size, "white")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        plain.paste(picture, mask=picture.getchannel("A"))
    else:
        plain.paste(picture.convert("RGB"))
    return plain


def _jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()


def _no_picture(sent: bytes) -> InvalidInput:
    if sent[4:8] == b"ftyp" and sent[8:12] in HEIC:
        return _refusal(
            say("The photo is in the format HEIC, which cannot be read here yet."),
            say("On the iPhone, choose Settings, Camera, Formats, Most Compatible."),
        )
    return _refusal(
        say("This is no photo that can be read here."), say("Send a JPEG, PNG or WebP file.")
    )


def _refusal(reason: Message, remedy: Message) -> InvalidInput:
    return InvalidInput(reason, remedy=remedy, field="body")
