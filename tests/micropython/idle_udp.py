# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython: prints how many bytes a thousand looks at a silent socket allocate, and what arrives after them.

Argument: a port of this machine that answers.
"""

import gc
import sys
import time

from drivers.udp import Udp


class Cable:
    def connected(self):
        return True


def main(port):
    radio = Udp(Cable(), "127.0.0.1", port)
    assert radio.ready()
    radio.receive()
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(1000):
        assert radio.receive() is None
    print(gc.mem_alloc() - before)
    for text in (b"one", b"two"):
        radio.send(text)
    for _ in range(2):
        datagram = None
        while datagram is None:
            datagram = radio.receive()
            time.sleep_ms(1)
        print(datagram.decode())
    radio.reopen()
    assert radio.receive() is None
    assert radio.ready()


main(int(sys.argv[1]))
