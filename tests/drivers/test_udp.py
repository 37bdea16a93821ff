# SPDX-License-Identifier: Apache-2.0
"""The UDP driver on the sockets of an ESP32."""

import sys

from tests.fakes import lwip

before = {name: sys.modules.get(name) for name in ("socket", "select")}
sys.modules["socket"] = sys.modules["select"] = lwip

from drivers.udp import Udp  # noqa: E402 - only now there are sockets of an ESP32

for name, module in before.items():  # others need the real ones
    if module is None:
        del sys.modules[name]
    else:
        sys.modules[name] = module


class Network:
    joined = 0

    def connected(self):
        return True

    def rejoin(self):
        self.joined += 1


def opened():
    radio = Udp(Network(), "fleet", 5683)
    assert radio.ready()
    return radio


def test_datagrams_come_one_by_one_and_then_there_is_none():
    radio = opened()
    for datagram in (b"one", b"two"):
        lwip.deliver(datagram)

    assert [radio.receive() for _ in range(3)] == [b"one", b"two", None]


def test_an_empty_datagram_makes_it_deaf_for_no_other():
    radio = opened()
    lwip.deliver(b"")

    assert radio.receive() is None
    lwip.deliver(b"the answer")
    assert [radio.receive() for _ in range(2)] == [b"the answer", None]


def test_to_join_anew_is_to_forget_the_socket_too():
    network = Network()
    radio = Udp(network, "fleet", 5683)
    assert radio.ready()
    sockets = len(lwip.opened)

    radio.rejoin()

    assert network.joined == 1
    assert radio.ready()
    assert len(lwip.opened) == sockets + 1
