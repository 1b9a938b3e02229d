"""What a process is told from outside: where the database is, whether this is the demo, where its files lie."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _leads_somewhere(*schemes: str) -> AfterValidator:
    def look(url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in schemes or not (parts.netloc or parts.path)):
            raise ValueError(
                f"should be an address that begins with {' or '.join(f'{s}://' for s in schemes)}"
            )
        return url

    return AfterValidator(look)


WebAddress = Annotated[str, _leads_somewhere("https", "http")]
WitnessAddress = Annotated[str, _leads_somewhere("https", "http", "file", "pretend")]


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
    witness_url: WitnessAddress = Field(
        default="",
        description="who keeps the logs' signed heads outside: https://host/path, or file:///folder",
    )
    announcements_days: int = Field(
        default=60, ge=2, description="so long each wait that was shown is kept; then the means of its hour"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    router_url: WebAddress = Field(
        default="",
        description="a router that speaks as OSRM does, perhaps with {profile} in it; without one ways are estimated",
    )
    detour: float = Field(default=1.3, ge=1, le=5, description="estimated ways are so often the straight one")
    walk_kmh: float = Field(default=4.5, gt=0, description="how fast one walks, where ways are estimated")
    bike_kmh: float = Field(default=12.0, gt=0)
    transit_kmh: float = Field(default=20.0, gt=0)
    car_kmh: float = Field(default=35.0, gt=0)
    app_url: WebAddress = Field(
        default="https://www.zjzwfw.gov.cn/", description="where the government's app is got"
    )
    web_url: WebAddress = Field(
        default="https://www.zjzwfw.gov.cn/", description="the government's site for filing"
    )
    sms_url: WebAddress = Field(
        default="",
        description="a gateway that takes text messages; without one none are offered, the demo only pretends",
    )
    sms_token: str = Field(default="", description="what that gateway asks for", repr=False)
    channels_url: WebAddress = Field(
        default="", description="a system that tells how app, web or kiosks are used; the demo pretends one"
    )
    came_back_days: int = Field(
        default=15,
        ge=1,
        le=90,
        description="who comes to a counter so many days after another channel came back",
    )
    channel_days: int = Field(default=28, ge=7, le=180, description="over so many days channels are compared")
    channel_least_used: int = Field(default=50, ge=1, description="a channel used less often is not judged")
    channel_share: float = Field(
        default=0.6, gt=0, lt=1, description="before the counter stands what so many are done by"
    )
    channel_margin: float = Field(
        default=0.1, ge=0, lt=0.4, description="a channel is better than another by so much at least"
    )
    often_days: int = Field(
        default=90, ge=7, le=366, description="often done is what made most of these days"
    )
    often_share: float = Field(
        default=0.8, gt=0, le=1, description="and most is so much of all that a hall finished"
    )
    trusted_proxies: int = Field(default=0, ge=0, description="proxies in front whose forwarded headers hold")

    @property
    def database(self) -> str:
        """The database's URL; without one, the SQLite city in `var`."""
        return self.database_url or f"sqlite:///{self.var / 'city.db'}"
