"""A photo that nobody took: a pond, its bank, and rubble tipped there, drawn in code."""

import io
from random import Random

from PIL import Image, ImageDraw, ImageFilter

SKY, FIELD, BANK, WATER = "#c3d3da", "#9fae7c", "#a28a68", "#5f7f8c"
STONE = ("#8d8579", "#a79e8f", "#746c61", "#b8ab97", "#9a5c44")


def rubble_by_the_pond(*, seed: int = 1, size: tuple[int, int] = (1600, 1200)) -> bytes:
    """Return the picture as JPEG; another seed heaps the stones otherwise."""
    chance = Random(seed)  # noqa: S311 — stones, not secrets
    width, height = size
    picture = Image.new("RGB", size, SKY)
    draw = ImageDraw.Draw(picture)
    crest = height * 0.34
    draw.polygon(
        [(0, height), (0, crest), (width * 0.35, crest * 0.86), (width * 0.7, crest * 1.05),
         (width, crest * 0.9), (width, height)],
        fill=FIELD,
    )  # fmt: skip
    draw.polygon([(0, height), (0, height * 0.52), (width, height * 0.46), (width, height)], BANK)
    draw.ellipse((-width * 0.2, height * 0.58, width * 0.72, height * 1.25), WATER)
    for n in range(14):  # ripples
        y = height * (0.64 + 0.025 * n)
        draw.arc((width * 0.02, y, width * (0.3 + 0.02 * n), y + 26), 190, 350, "#7d9aa4", 3)
    heap = sorted((chance.gauss(0.72, 0.11), chance.gauss(0.6, 0.06)) for _ in range(150))
    for across, down in sorted(heap, key=lambda at: at[1]):
        x, y, r = width * across, height * down, chance.uniform(14, 58)
        corners = [
            (x + r * chance.uniform(0.6, 1.1) * dx, y + r * chance.uniform(0.4, 0.8) * dy)
            for dx, dy in ((-1, 0.4), (-0.6, -0.8), (0.3, -1), (1, -0.2), (0.7, 0.9), (-0.4, 1))
        ]
        draw.polygon([(px + 6, py + 9) for px, py in corners], "#4d4941")
        draw.polygon(corners, chance.choice(STONE))
    out = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1.2)).save(out, "JPEG", quality=80)
    return out.getvalue()
