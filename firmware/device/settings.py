# SPDX-License-Identifier: Apache-2.0
"""The device's settings as the program has them; device.parse_settings makes them out of the file."""

FILE = "kanbin.json"


class SettingsError(ValueError):
    """The text begins with the key and says what is allowed. It never holds the value, which may be a secret."""


class Settings:
    """What kanbin.json said. `channels` holds (channel, change_counts), `gains` is by channel; a reader has none of
    them, and alone has a `reader`. Keys and secrets are bytes.
    """

    app: str
    device: str
    board: str
    kid: bytes
    master_secret: bytes
    master_salt: bytes
    heartbeat_s: int
    settle_s: int
    sample_ms: int
    sleep_s: int
    report_s: int
    hx711: str
    thermometer: str

    def __init__(self, top: dict, fleet: dict, wifi: dict, channels: "list[dict]", reader: "dict | None"):
        for key in top:
            setattr(self, key, top[key])
        self.fleet_host: str = fleet["host"]
        self.fleet_port: int = fleet["port"]
        self.wifi_ssid: str = wifi["ssid"]
        self.wifi_password: str = wifi["password"]
        self.reader: dict = reader or {}
        self.channels = tuple((each["channel"], each["change_counts"]) for each in channels)
        self.gains = {each["channel"]: each["gain"] for each in channels}
