"""Every setting, in one class. Made by whoever starts the process, never at import."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from the environment, each with the prefix ``WANGGE_``.

    Attributes
    ----------
    database_url
        PostGIS, for everyday work. The launcher names the embedded one.
    admin_database_url
        The same database as its owner, for migrations; empty: ``database_url``.
    home
        Where the embedded cluster and media live.
    browser_files
        Where set-up put the browser's files.
    language
        ``zh`` or ``en``, for those who do not choose.
    public_url
        The address that people type, where a proxy stands before the server.
    tiles
        What is drawn under the map: ``tianditu``, ``amap``, or an address with
        ``{z}``, ``{x}`` and ``{y}`` in it; empty: nothing, and nobody else is asked.
    tiles_datum
        Of the tiles at such an address, or in the file: ``wgs84`` or ``gcj02``.
    tiles_attribution
        Whose the tiles are, as the map shows it; empty: what is known.
    tiles_max_zoom
        The nearest zoom that such an address has tiles of.
    tianditu_key
        The key for browsers that Tianditu wants.
    pmtiles
        A file of tiles (PMTiles 3) to draw under the map instead; empty: none.
    session_hours
        How long a sign-in lasts.
    sweep_seconds
        How often the server looks for what is past its time.
    """

    model_config = SettingsConfigDict(env_prefix="WANGGE_", frozen=True)

    database_url: str
    admin_database_url: str = ""
    home: Path = Path(".wangge")
    browser_files: Path = Path(".wangge/browser")
    language: str = "zh"
    public_url: str = ""
    tiles: str = ""
    tiles_datum: str = "wgs84"
    tiles_attribution: str = ""
    tiles_max_zoom: int = 18
    tianditu_key: str = ""
    pmtiles: str = ""
    session_hours: int = 12
    sweep_seconds: float = 30.0

    @property
    def owner_url(self) -> str:
        """The database as its owner."""
        return self.admin_database_url or self.database_url
