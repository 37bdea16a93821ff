# SPDX-License-Identifier: Apache-2.0
"""A bin's side of the wire and nothing else: posts readings on a real socket and prints what each reply meant.

micropython tests/micropython/post_readings.py HOST PORT FIRST_PARTIAL_IV COUNT
"""

import random
import select
import socket
import sys
import time

import cryptolib
from wire import ccm, coap, exchange, oscore, paths, reading, report
from wire.ticks import ticks_diff

MASTER_SECRET = bytes(range(16))
MASTER_SALT = bytes(range(8))
KID = b"\x00\x01"
DEADLINE_MS = 20000


def answered(sock, poller, datagram, context, binding, message_id):
    """(meaning, detail) of the reply to one datagram, or None when there is none in time."""
    now_ms = time.ticks_ms()
    request = exchange.Exchange(datagram, message_id, b"", now_ms, random.randrange)
    start_ms = now_ms
    while request.state in (exchange.PENDING, exchange.ACKED) and ticks_diff(now_ms, start_ms) < DEADLINE_MS:
        due = request.due(now_ms)
        if due is not None:
            sock.send(due)
        if poller.poll(100):
            answer = request.receive(coap.decode(sock.recv(1280)), time.ticks_ms())
            if answer is not None:
                sock.send(answer)
        now_ms = time.ticks_ms()
    if request.state != exchange.DONE:
        return None
    return report.reply(context, binding, request.response)


def main(host, port, partial_iv, count):
    """Post `count` readings one after the other, each with a new partial IV, again wherever Echo is asked for."""
    context = oscore.Context.derive(ccm.Ccm(cryptolib.aes), MASTER_SECRET, MASTER_SALT, KID, b"")
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect(socket.getaddrinfo(host, port)[0][-1])
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    for number in range(count):
        payload = reading.pack(305419896, 3, 0, [(number, 0, number, 1000 + number, 80, 2150)])
        echo = None
        while True:
            datagram, binding = report.request(context, partial_iv, partial_iv, paths.READINGS, payload, echo)
            meaning, detail = answered(sock, poller, datagram, context, binding, partial_iv) or ("nothing", None)
            partial_iv += 1
            print(number, meaning)
            if meaning != report.ECHO or echo is not None:
                break
            echo = detail
    sock.close()


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
