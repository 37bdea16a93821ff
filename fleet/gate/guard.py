# SPDX-License-Identifier: Apache-2.0
"""How many datagrams the gate looks at, from one source and from all: token buckets, in a table of bounded size."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What the gate takes; the defaults fit one process with thousands of devices, many behind one address."""

    source_per_s: float = 500
    source_burst: float = 1_000
    all_per_s: float = 2_000
    all_burst: float = 4_000
    sources: int = 4_096
    """Sources remembered; the one heard longest ago is forgotten first."""
    in_flight: int = 1_024
    """Requests being answered; more are not looked at until some are done."""
    remembered: int = 4_096
    """Requests remembered with their replies, so that one sent again gets the same reply (RFC 7252 section 4.5)."""
    retransmitting: int = 512
    """Replies of our own that wait for an acknowledgement; more are sent once."""


class Bucket:
    """Tokens that come back with time: `per_s` of them, never more than `burst`."""

    __slots__ = ("_at_s", "_burst", "_per_s", "_tokens")

    def __init__(self, per_s: float, burst: float, now_s: float) -> None:
        self._per_s, self._burst, self._tokens, self._at_s = per_s, burst, burst, now_s

    def take(self, now_s: float) -> bool:
        """Takes one token; False when there is none."""
        self._tokens = min(self._burst, self._tokens + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Guard:
    """Decides by source address whether a datagram is looked at. A refused one is dropped without a word."""

    def __init__(self, limits: Limits, now_s: Callable[[], float]) -> None:
        self._limits = limits
        self._now_s = now_s
        self._all = Bucket(limits.all_per_s, limits.all_burst, now_s())
        self._sources: OrderedDict[str, Bucket] = OrderedDict()

    def admits(self, address: str) -> bool:
        """Whether one more datagram from this IP address (ports do not matter) is looked at."""
        now_s = self._now_s()
        return self._bucket(_source(address), now_s).take(now_s) and self._all.take(now_s)

    def __len__(self) -> int:
        """How many sources are remembered."""
        return len(self._sources)

    def _bucket(self, source: str, now_s: float) -> Bucket:
        bucket = self._sources.get(source)
        if bucket is None:
            bucket = self._sources[source] = Bucket(self._limits.source_per_s, self._limits.source_burst, now_s)
            if len(self._sources) > self._limits.sources:
                self._sources.popitem(last=False)
        else:
            self._sources.move_to_end(source)
        return bucket


def _source(address: str) -> str:
    """An IPv4 address is one source; of IPv6 a whole /64, since one host has as many addresses there as it likes."""
    ip = ipaddress.IPv6Address(address.partition("%")[0])
    return str(ip.ipv4_mapped) if ip.ipv4_mapped else str(ipaddress.IPv6Network((ip, 64), strict=False))
