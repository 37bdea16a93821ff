# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython with a very small heap: 200 readings become 200 datagrams, protected, one after the other."""

import boot  # noqa: F401 - as a board does
import cryptolib
from wire import ccm, oscore, reading, report

TIMES = 200

context = oscore.Context(ccm.Ccm(cryptolib.aes), b"\x00\x01", bytes(16), b"", bytes(range(16)), bytes(13))
longest = 0
for number in range(TIMES):
    message = reading.pack(305419896, 3, 0, [(number, 0, 60 * number, 3_000_000 + number, 200, 2150)])
    longest = max(longest, len(report.request(context, number, number, "r", message)[0]))
print("reports", TIMES, "longest", longest)
