# SPDX-License-Identifier: Apache-2.0
"""What an operator can set, each by an environment variable KANBIN_<NAME>; a mistake names key and allowed values."""

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "KANBIN_"
_MAYBE_SECRET = ("database_url", "series_url", "series_token")  # they may hold a password


class SettingsError(ValueError):
    """A setting is wrong or unknown; the message names its key, what was given and what is allowed."""


class Settings(BaseSettings):
    """The fleet's settings. Make them with `load_settings`, whose errors are for people."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    data_dir: Path = Field(Path("kanbin-data"), description="folder for everything the fleet keeps")
    database_url: str = Field(
        "",
        pattern="^(sqlite:///.+)?$",
        description="SQLite URL; empty means kanbin.sqlite in the data folder",
        json_schema_extra={"allowed": "sqlite:///file, sqlite:////folder/file"},
    )
    coap_host: str = Field("::", description="address on which devices are heard; :: is every IPv6 and IPv4 address")
    coap_port: int = Field(5683, ge=1, le=65535, description="UDP port on which devices are heard")
    http_host: str = Field("127.0.0.1", description="address of the page and the API; loopback until accounts exist")
    http_port: int = Field(8080, ge=1, le=65535, description="TCP port of the page and the API")
    orders_dir: Path | None = Field(None, description="folder for order files; empty means orders in the data folder")
    readings_keep_days: int = Field(
        90, ge=1, le=36500, description="readings older than this go, as soon as no count that is kept needs them"
    )
    tag_gone_s: int = Field(60, ge=0, le=86_400, description="a tag that is back within so many seconds was never gone")
    tag_silent_s: int = Field(
        3_600, ge=60, le=31_536_000, description="a tag its reader no longer speaks of is gone after so many seconds"
    )
    tag_refill_s: int = Field(
        14_400, ge=0, le=31_536_000, description="an empty box away for so many seconds comes back to be emptied again"
    )
    series_url: str = Field(
        "",
        pattern="^(sqlite:///.+|https?://[^@/?#\\s]+(/[^@?#\\s]*)?)?$",  # no login in it: addresses are shown
        description="where time series are kept: a file, or an InfluxDB; empty means series.sqlite in the data folder",
        json_schema_extra={"allowed": "sqlite:///file, http://host:port, https://host:port"},
    )
    series_database: str = Field(
        "kanbin",
        pattern="^[A-Za-z0-9][A-Za-z0-9_-]*$",
        description="the databases (buckets) of an InfluxDB are called so, and _raw and _rollup after it",
        json_schema_extra={"allowed": "letters, digits, - and _"},
    )
    series_token: SecretStr = Field(
        SecretStr(""), description="login at an InfluxDB: a token, for 1.x user:password; empty means none"
    )
    series_org: str = Field("", description="organisation of an InfluxDB 2.x")
    series_dialect: Literal["", "1.6", "1.8", "2", "3"] = Field(
        "", description="what version an InfluxDB is; empty means it is asked"
    )
    series_raw_days: int = Field(90, ge=1, le=36500, description="time series of bins and devices are kept so long")
    series_rollup_days: int = Field(1826, ge=1, le=36500, description="those of items and sites are kept so long")
    clock_speed: float = Field(1, ge=1, le=100_000, description="time runs this much faster; for demonstrations only")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="how much is logged")

    @property
    def url(self) -> str:
        """The database's URL, the default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir / 'kanbin.sqlite'}"

    @property
    def database_file(self) -> Path:
        """The file behind `url`."""
        return Path(self.url.removeprefix("sqlite:///"))

    @property
    def series_file(self) -> Path | None:
        """The file of time series, the default filled in; None when they are in an InfluxDB."""
        if self.series_url.startswith("http"):
            return None
        return Path(self.series_url.removeprefix("sqlite:///")) if self.series_url else self.data_dir / "series.sqlite"

    @property
    def orders_folder(self) -> Path:
        """The folder for order files, the default filled in."""
        return self.orders_dir or self.data_dir / "orders"


def load_settings(**given: Any) -> Settings:
    """Settings from `given` (the command line), else the environment, else defaults. Raises SettingsError.

    `given` entries that are None count as not given.
    """
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    for key in sorted(os.environ):
        if key.upper().startswith(PREFIX) and key.upper() not in known:
            raise SettingsError(f"{key}: no such setting; there are: {', '.join(known)}")
    try:
        return Settings(**{key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None


def allowed_values(name: str) -> str:
    """What the setting `name` takes, in words: "1 to 65535", "one of debug, info, warning, error", "text"."""
    schema: dict[str, Any] = Settings.model_json_schema()["properties"][name]
    if "enum" in schema:
        return "one of " + ", ".join(filter(None, schema["enum"]))
    if "minimum" in schema:
        kind = "a whole number" if schema["type"] == "integer" else "a number"
        return f"{kind} from {schema['minimum']} to {schema['maximum']}"
    if "allowed" in schema:
        return str(schema["allowed"])
    return "a folder" if "path" in str(schema) else "text"


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0])
    if name not in Settings.model_fields:
        return f"{name}: no such setting; there are: {', '.join(Settings.model_fields)}"
    shown = "this value" if name in _MAYBE_SECRET else repr(first["input"])
    return f"{PREFIX}{name.upper()}: {shown} will not do; allowed: {allowed_values(name)}"
