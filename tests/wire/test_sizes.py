# SPDX-License-Identifier: Apache-2.0
"""What a report costs in bytes of UDP payload, printed and held to its limits."""

from wire import oscore, paths, reading, report

from tests.ciphers import AEAD
from tests.load_vectors import vectors

ONE_READING_BYTES_MAX = 56
SIXTY_READINGS_BYTES_MAX = 800
DEVICE = oscore.Context.derive(AEAD, bytes(16), b"", b"\xff\xff", b"")  # a key identifier of two bytes
PARTIAL_IV = 0xFFFFFF  # of three bytes: the last of 16.7 million messages


def datagram_bytes(payload):
    return len(report.request(DEVICE, PARTIAL_IV, 0xFFFF, paths.READINGS, payload)[0])


def test_one_reading_at_its_widest_stays_within_its_limit():
    sizes = [
        datagram_bytes(reading.pack(0xFFFFFFFF, 0xFFFF, 23, [(0xFFFFFFFF, 7, 0xFFFFFFFF, raw, 65535, temp_cc)]))
        for raw in (-8388608, 8388607)
        for temp_cc in (-6000, 15000)
    ]
    print("one reading, every field at its widest:", max(sizes), "bytes of", ONE_READING_BYTES_MAX)
    assert max(sizes) <= ONE_READING_BYTES_MAX


def test_sixty_hard_readings_stay_within_one_datagram_and_its_limit():
    """Counts jump by up to 5000, five minutes pass each time, every temperature is another."""
    case = vectors("reading")["both_ways"][9]
    assert len(case["readings"]) == 60
    size = datagram_bytes(bytes.fromhex(case["hex"]))
    print("sixty hard readings:", size, "bytes of", SIXTY_READINGS_BYTES_MAX)
    assert size <= SIXTY_READINGS_BYTES_MAX


def test_the_largest_payload_stays_below_an_ipv6_packet_that_is_never_cut():
    assert datagram_bytes(bytes(paths.PAYLOAD_MAX)) + 40 + 8 <= 1280
