"""What a process is told from outside: where the database is, whether this is the demo, where its files lie."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one process, read from the environment (`TONGBAN_…`)."""

    model_config = SettingsConfigDict(env_prefix="TONGBAN_", frozen=True, extra="ignore")

    database_url: str = ""
    redis_url: str = ""
    var: Path = Field(default=Path("var"), description="where keys, the SQLite city and demo.json lie")
    demo: bool = False
    secure_cookies: bool = Field(
        default=True, description="cookies only over TLS; the demo on loopback has none"
    )
    city: str = Field(default="", description="the city's name, as read from the database at the start")
    witness_url: str = Field(
        default="",
        description="who keeps the logs' signed heads outside: https://host/path, or file:///folder",
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    trusted_proxies: int = Field(default=0, ge=0, description="proxies in front whose forwarded headers hold")

    @property
    def database(self) -> str:
        """The database's URL; without one, the SQLite city in `var`."""
        return self.database_url or f"sqlite:///{self.var / 'city.db'}"
