# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython under callgrind: one operation of the wire, so many times.

Arguments: request, response or received; how often; request's partial IV and the response to it, as hex. The operation
is found once before it is counted, so that nothing is loaded meanwhile.
"""

import gc
import sys

import cryptolib
from wire import ccm, coap, oscore, report

PAYLOAD = bytes(27)  # a reading
KID, KEYS = b"\x00\x01", (bytes(range(16)), bytes(range(16, 32)), bytes(range(13)))
context = oscore.Context(ccm.Ccm(cryptolib.aes), KID, KEYS[0], b"", KEYS[1], KEYS[2])


def request(partial_iv):
    return report.request(context, partial_iv, partial_iv & 0xFFFF, "r", PAYLOAD)


def main(what, times, partial_iv, answer):
    binding = request(partial_iv)[1]
    message = coap.decode(answer)
    if context.unprotect_response(binding, message)[0] != coap.CHANGED:
        raise SystemExit(1)
    gc.collect()
    for number in range(times):
        if what == "request":
            request(partial_iv + number)
        elif what == "response":
            context.unprotect_response(binding, message)
        else:
            report.reply(context, binding, coap.decode(answer))


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), bytes.fromhex(sys.argv[4]))
