# SPDX-License-Identifier: Apache-2.0
"""Parses what kanbin.json says of a reader of tags; the rest of it is for device.parse_settings."""

from device.parse_settings import REQUIRED, one_of, section, whole_number
from device.settings import SettingsError

_CHINESE = ("china", "eu", "korea", "us")
_AMERICAN = ("australia", "china", "eu", "india", "japan", "korea", "new_zealand", "us")
MODULES = {"r200": _CHINESE, "m100": _CHINESE, "m6e": _AMERICAN, "m7e": _AMERICAN}  # and their regions
REGIONS = _AMERICAN

# (key, (check, allowed), default); docs/reader.md says what each means
_READER = (
    ("module", one_of(sorted(MODULES)), REQUIRED),
    ("region", one_of(REGIONS), REQUIRED),
    ("power_dbm", whole_number(0, 30), 20),
    ("enter_reads", whole_number(1, 100), 3),
    ("enter_s", whole_number(1, 60), 2),
    ("enter_dbm", whole_number(-128, 0), -65),
    ("leave_s", whole_number(1, 3600), 30),
    ("leave_dbm", whole_number(-128, 0), -75),
    ("heartbeat_s", whole_number(10, 86400), 3600),
)


def parse_reader(document) -> dict:
    """The checked values; SettingsError otherwise."""
    reader = section("reader.", document, _READER)
    regions = MODULES[reader["module"]]
    if reader["region"] not in regions:
        raise SettingsError("reader.region: module %s knows %s" % (reader["module"], " or ".join(regions)))
    if reader["leave_dbm"] >= reader["enter_dbm"]:
        raise SettingsError("reader.leave_dbm: must be below enter_dbm, so that it is harder to enter than to stay")
    return reader
