# SPDX-License-Identifier: Apache-2.0
"""The device's settings as the program has them; device.parse_settings makes them out of the file."""

FILE = "kanbin.json"


class SettingsError(ValueError):
    """The text begins with the key and says what is allowed. It never holds the value, which may be a secret."""


class Settings:
    """What kanbin.json said. `channels` holds (channel, change_counts), `gains` is by channel; a reader has none of
    them, and alone has a `reader`. Keys and secrets are bytes.
    """

    def __init__(self, top: dict, fleet: dict, wifi: dict, channels: "list[dict]", reader: "dict | None"):
        self.app: str = top["app"]
        self.device: str = top["device"]
        self.board: str = top["board"]
        self.kid: bytes = top["kid"]
        self.master_secret: bytes = top["master_secret"]
        self.master_salt: bytes = top["master_salt"]
        self.heartbeat_s: int = top["heartbeat_s"]
        self.settle_s: int = top["settle_s"]
        self.sample_ms: int = top["sample_ms"]
        self.sleep_s: int = top["sleep_s"]
        self.report_s: int = top["report_s"]
        self.hx711: str = top["hx711"]
        self.thermometer: str = top["thermometer"]
        self.fleet_host: str = fleet["host"]
        self.fleet_port: int = fleet["port"]
        self.wifi_ssid: str = wifi["ssid"]
        self.wifi_password: str = wifi["password"]
        self.reader: dict = reader or {}
        self.channels = tuple((each["channel"], each["change_counts"]) for each in channels)
        self.gains = {each["channel"]: each["gain"] for each in channels}
