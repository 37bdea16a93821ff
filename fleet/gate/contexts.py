# SPDX-License-Identifier: Apache-2.0
"""OSCORE security contexts (RFC 8613) of the devices: found by key identifier in constant time, keys from the database.

Why nothing here can use a nonce twice or take an old request for a new one, at whatever instant a process dies:

* **Our nonces.** Every reply is protected under a Partial IV of our own (section 8.3 allows it), never under the
  nonce of its request. Our numbers come from blocks reserved in the database, durably, before the first of a block
  is used, and the database never gives a number out again. So neither a crash, nor two gates on one database, nor
  a context dropped from memory and made anew, nor two different replies to one request repeat a nonce. The price
  is up to six bytes in a reply.
* **Replays.** The window lives in memory and starts unknown. While it is unknown a request is answered with an Echo
  challenge (appendix B.1.2) and goes no further. The challenge is random and made with the context; the request that
  brings it back was therefore protected after this context was made, and the window then starts behind its number.
  All that a device sent before (it only counts upwards) is below, and refused.
* **A device that lost its state** gets new keys by RFC 8613 appendix B.2 (renewal.py). An R2 of ours in an ID context
  proves, like an Echo, that the request was made after the offer, so the window starts at its number. The new ID
  context is written, in the transaction that stores what the request carried, over the very one that the offer was
  made for: of two requests, or two gates, one gets through. Until then nothing has changed, neither in memory nor on
  disk, and from then on the keys of the old ID context open nothing. Each ID context makes other keys, so that our
  numbers just go on.
* **Dropping a context** returns it to "unknown": the device pays one round trip, an attacker gains nothing. That is
  why the table may be bounded, and why a restart needs nothing stored.
* **Two gates on one database** each have a window, so a request that one has taken may be replayed to the other,
  once. It stores nothing new, because readings have names; only last_seen_at_ms would move. No nonce suffers.
* **Keys changed** by another process (`kanbin load`): a removed device, or one with other keys, is noticed in the
  transaction that would store its readings (devices.service.heard raises, nothing is stored); a device that already
  uses its new keys fails to decrypt, and then the keys are looked up again, at most once a second for each device.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from aiocoap import oscore
from cryptography.hazmat.primitives.hashes import SHA256

from fleet.devices.model import Device
from fleet.devices.service import SEQUENCE_BLOCK

CONTEXTS_MAX = 50_000
RECHECK_S = 1.0
_FLEET_ID = b""
_WINDOW = 32


class DeviceContext(oscore.CanProtect, oscore.CanUnprotect, oscore.SecurityContextUtils):
    """The security context shared with one device; AES-CCM-16-64-128, HKDF-SHA256.

    `replaces` is the device as it still is in the database, for keys that are to replace the ones there.
    """

    alg_aead = oscore.AES_CCM_16_64_128()
    hashfun = SHA256()
    sender_id = _FLEET_ID

    def __init__(self, device: Device, now_s: float = 0.0, replaces: Device | None = None) -> None:
        self.device = device
        self.replaces = replaces
        self.id_context = device.id_context
        self.checked_s = now_s
        """When the device's keys were last looked up."""
        self.recipient_id = device.kid
        self.derive_keys(device.master_salt, device.master_secret)
        self.recipient_replay_window = oscore.ReplayWindow(_WINDOW, lambda: None)
        self.echo_recovery = secrets.token_bytes(8)
        self._numbers: list[range] = []

    def under(self, id_context: bytes, replaces: Device | None = None) -> "DeviceContext":
        """The device's context with other keys, in whose window nothing is yet."""
        context = DeviceContext(replace(self.device, id_context=id_context), self.checked_s, replaces)
        context.recipient_replay_window.initialize_empty()
        return context

    @property
    def numbers_left(self) -> int:
        """How many messages of ours can be protected before more numbers must be reserved."""
        return sum(map(len, self._numbers))

    @property
    def runs_low(self) -> bool:
        """Time to reserve more: what is left lasts for a while without the database."""
        return self.numbers_left < SEQUENCE_BLOCK // 2

    def add_numbers(self, numbers: range) -> None:
        """Adds a block that is reserved, durably, for this device."""
        self._numbers.append(numbers)

    def new_sequence_number(self) -> int:
        """The next number of ours (called by aiocoap); ContextUnavailable when none is reserved."""
        while self._numbers:
            numbers = self._numbers[0]
            if numbers:
                self._numbers[0] = numbers[1:]
                return numbers[0]
            del self._numbers[0]
        raise oscore.ContextUnavailable("no sequence number is reserved")

    def post_seqnoincrease(self) -> None:
        """Nothing to do: numbers are reserved before they are used (aiocoap asks for this method)."""


class Contexts:
    """The contexts of the devices heard lately, by key identifier. `find` looks a device up (and may block)."""

    def __init__(
        self,
        find: Callable[[bytes], Device | None],
        contexts_max: int = CONTEXTS_MAX,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = find
        self._max = contexts_max
        self._now_s = now_s
        self._contexts: OrderedDict[bytes, DeviceContext] = OrderedDict()

    def __len__(self) -> int:
        """How many contexts are in memory."""
        return len(self._contexts)

    def known(self, kid: bytes) -> DeviceContext | None:
        """The context in memory."""
        context = self._contexts.get(kid)
        if context is not None:
            self._contexts.move_to_end(kid)
        return context

    def may_recheck(self, context: DeviceContext) -> bool:
        """Whether the device's keys may be looked up again; true at most once in RECHECK_S for each device."""
        now_s = self._now_s()
        if now_s - context.checked_s < RECHECK_S:
            return False
        context.checked_s = now_s
        return True

    def look_up(self, kid: bytes) -> Device | None:
        """The device as the database has it; blocking, so call it on a thread. Raises what the database raises."""
        return self._find(kid)

    def keep(self, kid: bytes, device: Device | None) -> DeviceContext | None:
        """The context for what was looked up: the one in memory if the keys are still the same, else a new one."""
        context = self._contexts.get(kid)
        if context is not None and context.device == device:
            return context
        self._contexts.pop(kid, None)
        if device is None:
            return None
        context = DeviceContext(device, self._now_s())
        self._put(context)
        return context

    def adopt(self, context: DeviceContext) -> None:
        """The device's context is this one from here on: the database has it."""
        context.replaces = None
        self._contexts.pop(context.device.kid, None)
        self._put(context)

    def _put(self, context: DeviceContext) -> None:
        self._contexts[context.device.kid] = context
        if len(self._contexts) > self._max:
            self._contexts.popitem(last=False)

    def drop(self, kid: bytes) -> None:
        """Forgets the context of a device that has changed."""
        self._contexts.pop(kid, None)
