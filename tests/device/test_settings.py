# SPDX-License-Identifier: Apache-2.0
"""The settings: what kanbin.json may say, and how a mistake is named."""

import json

from device.parse_reader import REGIONS
from device.parse_settings import board_of, parse
from device.settings import SettingsError

from tests.expect import refused

BOARDS = {"esp32_wroom": 4, "esp32_c3": 2}
SECRET = "000102030405060708090a0b0c0d0e0f"


def document(**changes):
    """A right kanbin.json with top-level keys changed."""
    base = {
        "device": "bin-01",
        "board": "esp32_wroom",
        "kid": "0001",
        "master_secret": SECRET,
        "fleet": {"host": "192.0.2.1"},
        "wifi": {"ssid": "warehouse", "password": "correct horse"},
        "channels": [{"channel": 0, "change_counts": 430}, {"channel": 3, "change_counts": 50}],
    }
    base.update(changes)
    return base


def parsed(**changes):
    return parse(json.dumps(document(**changes)).encode(), BOARDS)


def mistake(**changes):
    return str(refused(SettingsError, parse, json.dumps(document(**changes)).encode(), BOARDS))


def test_what_is_not_said_has_a_default():
    config = parsed()

    assert (config.device, config.board, config.kid) == ("bin-01", "esp32_wroom", b"\x00\x01")
    assert (config.master_secret, config.master_salt) == (bytes(range(16)), b"")
    assert (config.fleet_host, config.fleet_port) == ("192.0.2.1", 5683)
    assert (config.wifi_ssid, config.wifi_password) == ("warehouse", "correct horse")
    assert (config.heartbeat_s, config.settle_s, config.sample_ms) == (300, 16, 100)
    assert (config.hx711, config.thermometer, config.gains) == ("spi", "none", {0: 128, 3: 128})
    assert config.channels == ((0, 430), (3, 50))


def test_what_is_said_holds():
    config = parsed(heartbeat_s=60, settle_s=5, sample_ms=50, master_salt="aabb", fleet={"host": "fleet", "port": 1234})

    assert (config.heartbeat_s, config.settle_s, config.sample_ms) == (60, 5, 50)
    assert (config.master_salt, config.fleet_port) == (b"\xaa\xbb", 1234)


def test_a_channel_may_have_a_gain_of_its_own():
    channels = [{"channel": 0, "change_counts": 1, "gain": 32}, {"channel": 1, "change_counts": 1, "gain": 64}]
    config = parsed(hx711="gpio", thermometer="ds18b20", channels=channels)

    assert (config.hx711, config.thermometer, config.gains) == ("gpio", "ds18b20", {0: 32, 1: 64})


def test_a_missing_file_and_a_file_that_is_not_json_are_named():
    assert str(refused(SettingsError, parse, None, BOARDS)).startswith("kanbin.json: missing")
    for source in (b"", b"{", b"\xff\xfe"):
        assert str(refused(SettingsError, parse, source, BOARDS)) == "kanbin.json: is not JSON"
    assert str(refused(SettingsError, parse, b"[]", BOARDS)).startswith("kanbin.json: must be an object")


def test_an_unknown_key_is_a_mistake_and_the_known_ones_are_listed():
    assert mistake(heartbeat=300).startswith("heartbeat: unknown key; known are device, board, kid")
    assert mistake(fleet={"host": "a", "path": "b"}) == "fleet.path: unknown key; known are host, port"
    assert mistake(channels=[{"channel": 0, "change_counts": 1, "pin": 4}]).startswith("channels[0].pin: unknown key")


def test_a_missing_key_is_named_with_what_is_allowed():
    for key in ("device", "board", "kid", "master_secret", "fleet", "wifi", "channels"):
        wrong = document()
        del wrong[key]
        text = str(refused(SettingsError, parse, json.dumps(wrong).encode(), BOARDS))
        assert text.startswith(key + ": ")
        assert "must be " in text
    assert mistake(fleet={"port": 1}) == "fleet.host: missing; must be text of 1 to 253 bytes"
    assert mistake(channels=[{"channel": 0}]).startswith("channels[0].change_counts: missing; must be a whole number")


def test_a_wrong_value_is_named_with_what_is_allowed():
    whole = "a whole number, 10 to 600"
    for value in (9, 601, True, "300", 300.5, None, [300]):
        assert mistake(heartbeat_s=value) == "heartbeat_s: must be " + whole
    assert mistake(hx711="i2c") == "hx711: must be spi or gpio"
    assert mistake(thermometer=True) == "thermometer: must be none or ds18b20 or chip"
    for gain in (0, 16, "128", True, 128.0):
        channels = [{"channel": 0, "change_counts": 1, "gain": gain}]
        assert mistake(channels=channels) == "channels[0].gain: must be 128 or 64 or 32"
    assert mistake(board="arduino") == "board: must be esp32_c3 or esp32_wroom"
    assert mistake(board=["esp32_c3"]) == "board: must be esp32_c3 or esp32_wroom"
    assert mistake(kid="") == mistake(kid="00010203") == "kid: must be 1 to 3 bytes in hexadecimal"
    assert mistake(device="") == "device: must be text of 1 to 32 bytes"
    assert mistake(fleet="192.0.2.1") == "fleet: must be an object with keys"
    assert mistake(fleet={"host": "a", "port": 0}) == mistake(fleet={"host": "a", "port": True})
    assert mistake(fleet={"host": "a", "port": 0}) == "fleet.port: must be a whole number, 1 to 65535"
    assert mistake(channels=[]) == mistake(channels={}) == "channels: must be a list of 1 to 8 channels"


def test_a_password_no_radio_takes_is_a_mistake():
    for password in ("1234567", "x" * 64, "1", None):
        text = mistake(wifi={"ssid": "warehouse", "password": password})
        assert text == "wifi.password: must be text of 8 to 63 bytes, or none for an open network"
    for password in ("", "12345678", "x" * 63):
        assert parsed(wifi={"ssid": "warehouse", "password": password}).wifi_password == password


def test_a_channel_is_one_of_the_board_and_listed_once():
    one = {"channel": 0, "change_counts": 430}
    assert mistake(channels=[one, one]) == "channels[1].channel: each channel may be listed once"
    text = mistake(board="esp32_c3", channels=[one, {"channel": 2, "change_counts": 430}])
    assert text == "channels[1].channel: board esp32_c3 has the channels 0 to 1"


def test_a_secret_is_never_repeated_in_a_mistake():
    for wrong in (SECRET + "0", SECRET[:-2], "x" + SECRET[1:], 7):
        text = mistake(master_secret=wrong)
        assert text == "master_secret: must be 16 bytes in hexadecimal"
    assert "hunter2" not in mistake(wifi={"ssid": "a", "password": ["hunter2"]})


def test_wrong_settings_may_still_tell_the_board():
    assert board_of(json.dumps(document(heartbeat_s=0)).encode(), BOARDS) == "esp32_wroom"
    for source in (None, b"{", b"[]", b'{"board": "arduino"}', b'{"board": ["esp32_wroom"]}', b"{}"):
        assert board_of(source, BOARDS) is None


def reader(**changes):
    """The mistake in a reader's kanbin.json, whose reader section has keys changed; None: there is none."""
    section = {"module": "m100", "region": "eu"}
    section.update(changes)
    settings = document(app="rfid_reader", reader=section)
    del settings["channels"]
    try:
        parse(json.dumps(settings).encode(), BOARDS)
    except SettingsError as error:
        return str(error)
    return None


def test_a_reader_has_a_module_and_no_channels():
    settings = document(app="rfid_reader", reader={"module": "r200", "region": "us", "power_dbm": 26})
    del settings["channels"]
    config = parse(json.dumps(settings).encode(), BOARDS)

    assert (config.app, config.channels) == ("rfid_reader", ())
    assert (config.reader["module"], config.reader["region"], config.reader["power_dbm"]) == ("r200", "us", 26)
    assert mistake(app="rfid_reader").startswith("channels: unknown key; known are ")
    assert mistake(reader={}).startswith("reader: unknown key; known are ")


def test_a_region_is_said_and_is_one_that_the_module_knows():
    assert reader() is None
    assert reader(region=None) == "reader.region: must be " + " or ".join(REGIONS)
    assert reader(region="japan") == "reader.region: module m100 knows china or eu or korea or us"
    assert reader(module="m6e", region="japan") is None
    assert reader(module="x9").startswith("reader.module: must be m100 or ")


def test_it_is_harder_to_enter_than_to_stay():
    assert reader(enter_dbm=-70, leave_dbm=-71) is None
    assert reader(enter_dbm=-70, leave_dbm=-70).startswith("reader.leave_dbm: must be below enter_dbm")


def test_an_app_that_is_not_known_is_named():
    assert mistake(app="toaster") == "app: must be weigh_bin or rfid_reader"
