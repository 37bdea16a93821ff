# SPDX-License-Identifier: Apache-2.0
"""The bad network is as bad as asked, and repeatably so."""

import asyncio
from typing import Any

from tests.eventually import eventually
from tools.simulate.lossy_network import LossyNetwork, Traffic, Weather


class Echo(asyncio.DatagramProtocol):
    _transport: Any

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._transport.sendto(b"re " + data, addr)


class Listener(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.append(data)


async def talk(weather: Weather, seed: int, number: int) -> tuple[list[bytes], Traffic, Traffic]:
    loop = asyncio.get_running_loop()
    fleet, _ = await loop.create_datagram_endpoint(Echo, ("127.0.0.1", 0))
    witnessed: list[bytes] = []
    network = LossyNetwork(
        fleet.get_extra_info("sockname"), weather, seed, lambda way, client, datagram: witnessed.append(datagram)
    )
    port = await network.open()
    device, listener = await loop.create_datagram_endpoint(Listener, remote_addr=("127.0.0.1", port))
    up, down = network.traffic["up"], network.traffic["down"]
    for index in range(number):
        device.sendto(str(index).encode())
        await eventually(lambda seen=index + 1: up.seen == seen)
    await eventually(lambda: up.under_way == 0 and down.seen == up.carried and down.under_way == 0)
    await eventually(lambda: len(listener.heard) == down.carried)
    for transport in (device, fleet):
        transport.close()
    network.close()
    assert len(witnessed) == up.seen + down.seen
    return listener.heard, up, down


def test_a_good_network_carries_everything_there_and_back_in_order() -> None:
    heard, up, down = asyncio.run(talk(Weather(), 1, 100))
    assert heard == [f"re {index}".encode() for index in range(100)]
    assert (up.dropped, down.dropped) == (0, 0)


def test_a_bad_network_drops_on_both_ways_as_often_as_asked() -> None:
    heard, up, down = asyncio.run(talk(Weather(drop=0.3), 2, 300))
    assert 0.24 < up.dropped / up.seen < 0.36
    assert 0.23 < down.dropped / down.seen < 0.37
    assert len(heard) == down.carried


def test_doubled_and_delayed_datagrams_arrive_twice_and_out_of_order() -> None:
    heard, up, down = asyncio.run(talk(Weather(duplicate=0.2, delay=0.3, delay_s=0.05), 3, 200))
    assert len(heard) > 250
    assert {f"re {index}".encode() for index in range(200)} == set(heard)
    assert [int(text[3:]) for text in heard] != sorted(int(text[3:]) for text in heard)
    assert up.delayed > 40
    assert down.delayed > 40
