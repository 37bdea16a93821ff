# SPDX-License-Identifier: Apache-2.0
"""Everything the wire costs a device for its reports, 60 readings and their reply again and again, in a small heap."""

import gc

import cryptolib
from wire import ccm, coap, exchange, oscore, paths, reading, report
from wire.oscore_server import ServerContext

TIMES = 20

aead = ccm.Ccm(cryptolib.aes)
device = oscore.Context.derive(aead, bytes(16), b"", b"\x00\x01", b"")
fleet = ServerContext.derive(aead, bytes(16), b"", b"", b"\x00\x01")
readings = [(70000 + n, n % 2, 500000 + 300 * n, 412345 - 5000 * (n % 2), 120, 2150 + 7 * n) for n in range(60)]
for partial_iv in range(TIMES):
    payload = reading.pack(0xFFFFFFFF, 300, 5, readings)
    datagram, binding = report.request(device, partial_iv, partial_iv, paths.READINGS, payload)
    request = exchange.Exchange(datagram, partial_iv, b"", 0, lambda below: 0)
    request.due(0)
    option_value, ciphertext = fleet.protect_response(binding, coap.CHANGED, [], b"")
    reply = coap.Message(coap.ACK, coap.CHANGED, partial_iv, b"", [(coap.OSCORE, option_value)], ciphertext)
    request.receive(coap.decode(coap.encode(reply)), 10)
    if report.reply(device, binding, request.response) != (report.DURABLE, None):
        raise SystemExit(1)
gc.collect()
print("reports", TIMES, "allocated", gc.mem_alloc())
