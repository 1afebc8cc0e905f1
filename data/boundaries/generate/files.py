"""Where the files of the township lie, under one folder."""

from pathlib import Path

FOLDER = Path(__file__).parents[1]
"""The folder whose files are kept: data/boundaries."""

CELLS = {
    "township": "township/township.geojson",
    "area": "township/areas.geojson",
    "village": "township/villages.geojson",
    "unit": "township/units.geojson",
}
"""The file of each level's cells, from the top down."""

LAYERS = {
    name: f"layers/{name}.geojson"
    for name in ("water", "woods", "roads", "rail", "hamlets", "houses")
}
"""What is drawn under the cells."""

PLACES = "layers/places.geojson"
"""What people know the ground by: points."""
