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
    session_hours: int = 12
    sweep_seconds: float = 30.0

    @property
    def owner_url(self) -> str:
        """The database as its owner."""
        return self.admin_database_url or self.database_url
