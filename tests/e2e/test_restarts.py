# SPDX-License-Identifier: Apache-2.0
"""The power goes at any step of writing OSCORE's state, a million times: no (key, nonce) is used twice by either side.

The device's session and its flash are the real ones, and so are the fleet's offers. The cipher encrypts nothing and
notes what it was asked to; keys are the ID contexts they would be made of. The fleet is a small one that keeps to the
gate's rules, for a transaction takes longer than all of a device's life here; it crashes, too, and is put back from a
backup.
"""

import random
import time
from collections import deque
from typing import Any

from device.keys import fingerprint
from device.sealed import seal
from device.sequence import OSCORE, PartialIvs
from device.session import RENEW, Session
from wire import coap, oscore, renewal, report
from wire.oscore_server import ServerContext, decode_option

from fleet.devices.model import Device
from fleet.gate.renewal import Offers
from tests.e2e import figures
from tests.e2e.size import RESTARTS, SEED, SOAK
from tests.fakes.flash import FakeFlash, PowerCutError

KID = b"\x00\x01"
KEYS = fingerprint(bytes(16), b"", KID)
BLOCK = 256
USED_UP = (0xFFFFFFC0).to_bytes(4, "little")


class Notes:
    """A cipher that notes its nonces. With one key they must rise; `repeated` has those that did not."""

    def __init__(self) -> None:
        self.messages = 0
        self.repeated: list[tuple[bytes, bytes]] = []
        self._highest: dict[bytes, int] = {}

    def encrypt(self, key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        self.messages += 1
        number = int.from_bytes(nonce, "big")
        if number <= self._highest.get(key, -1):
            self.repeated.append((key, nonce))
        self._highest[key] = number
        return bytes(plaintext) + self._tag(key, nonce, plaintext, aad)

    def decrypt(self, key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
        plaintext = bytes(ciphertext[:-8])
        if self._tag(key, nonce, plaintext, aad) != ciphertext[-8:]:
            raise oscore.ProtectionError("tag does not match")
        return plaintext

    @property
    def keys(self) -> int:
        return len(self._highest)

    def _tag(self, *parts: bytes) -> bytes:
        return (hash(tuple(map(bytes, parts))) & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "big")


class Chance:
    """Random numbers as a board gives them."""

    def __init__(self, source: random.Random) -> None:
        self._source = source

    def uint32(self) -> int:
        return self._source.getrandbits(32)


class SmallFleet:
    """One device's row, and what a gate has in memory. It answers by the rules of fleet/gate."""

    def __init__(self, notes: Notes, chance: random.Random) -> None:
        self._notes = notes
        self._chance = chance
        self.row: tuple[bytes | None, int] = (None, 0)
        self.backup = self.row
        self.recorded: deque[bytes] = deque(maxlen=100)
        self.seconds = 0
        self.offered = 0
        self.restart()

    def restart(self) -> None:
        """All that is not on disk is gone."""
        self._offers = Offers()
        self._numbers = iter(range(0))
        self._echo: bytes | None = self._chance.randbytes(8)

    def put_back(self) -> None:
        """The backup, as an operator puts it back."""
        self.row, self.backup = self.backup, self.row
        self.restart()

    def __call__(self, datagram: bytes) -> bytes:
        self.seconds += 1
        message = coap.decode(datagram)
        _, kid_context, _ = decode_option(oscore.protection(message))
        named = None if kid_context is None else renewal.unwrap(kid_context)
        device = Device(1, "bin", KID, bytes(16), b"", self.row[0])
        if named in (None, self.row[0]):
            return self._answer(message, device.id_context)
        if not self._offers.accepts(device, named):
            return self._offer(message, device, named)
        try:
            self._context(named).unprotect_request(message)
        except oscore.ProtectionError:
            return self._bare(message)
        self.row = (named, self.row[1])
        self._echo = None
        return self._answer(message, named)

    def _answer(self, message: Any, id_context: bytes | None) -> bytes:
        context = self._context(id_context)
        try:
            _, options, _, binding = context.unprotect_request(message)
        except oscore.ProtectionError:
            return self._bare(message)
        if self._echo not in (None, coap.option(options, coap.ECHO)):
            return self._protect(context, message, binding, coap.UNAUTHORIZED, [(coap.ECHO, self._echo)])
        self._echo = None
        return self._protect(context, message, binding, coap.CHANGED, [])

    def _protect(self, context: Any, message: Any, binding: Any, code: int, options: Any) -> bytes:
        number = next(self._numbers, None)
        if number is None:
            start = max(self.row[1], 16 * self.seconds)
            self.row = (self.row[0], start + BLOCK)
            self._numbers = iter(range(start, start + BLOCK))
            number = next(self._numbers)
        value, ciphertext = context.protect_response(binding, code, options, b"", number)
        return self._reply(message, value, ciphertext)

    def _offer(self, message: Any, device: Device, named: bytes) -> bytes:
        try:
            binding = self._context(named).unprotect_request(message)[3]
        except oscore.ProtectionError:
            return self._bare(message)
        self.offered += 1
        r2 = self._offers.make(device)
        _, ciphertext = self._context(r2 + named).protect_response(binding, coap.UNAUTHORIZED, [], b"", 0)
        return self._reply(message, oscore.encode_option(b"\0", None, renewal.wrap(r2)), ciphertext)

    def _context(self, id_context: bytes | None) -> Any:
        keys = keys_of(id_context)
        context = ServerContext(self._notes, b"", keys[1], KID, keys[0], bytes(13), id_context)
        context.kid_context = None if id_context is None else renewal.wrap(id_context)
        return context

    def _reply(self, message: Any, value: bytes, ciphertext: bytes) -> bytes:
        options = [(coap.OSCORE, value)]
        return bytes(coap.encode(coap.Message(coap.ACK, coap.CHANGED, message.message_id, b"", options, ciphertext)))

    def _bare(self, message: Any) -> bytes:
        return bytes(coap.encode(coap.Message(coap.ACK, coap.BAD_REQUEST, message.message_id)))


def keys_of(id_context: bytes | None) -> tuple[bytes, bytes]:
    """The device's key and the fleet's; their derivation makes others of any two ID contexts."""
    name = b"-" if id_context is None else id_context
    return b"d" + name, b"f" + name


def live(files: dict[str, bytes], fleet: SmallFleet, notes: Notes, chance: random.Random) -> None:
    """A device from its start until the power goes: some attempts, each of which may be lost on either way."""

    def derive(id_context: bytes | None) -> Any:
        keys = keys_of(id_context)
        return oscore.Context(notes, KID, keys[0], b"", keys[1], bytes(13), id_context)

    flash = FakeFlash(files, chance.choice((None, chance.randrange(16), chance.randrange(16))))
    session = Session(PartialIvs(flash, KEYS), Chance(chance), derive)
    echo = None
    for attempt in range(70 if chance.random() < 0.01 else chance.choice((0, 1, 1, 2, 3))):
        datagram, binding = session.request(attempt, "r", b"%d" % chance.getrandbits(20), echo)
        echo = None
        if chance.random() < 0.1:
            continue
        reply = coap.decode(fleet(datagram))
        if chance.random() < 0.03:
            fleet.recorded.append(datagram)
        if chance.random() < 0.03:
            fleet(chance.choice(fleet.recorded or (datagram,)))  # somebody replays
        if chance.random() < 0.1:
            continue
        meaning, detail = session.reply(binding, reply)
        if meaning == RENEW:
            session.renew(detail)
        elif meaning == report.HINT:
            session.doubt()
        else:
            session.trust()
            echo = detail if meaning == report.ECHO else None


def mishap(files: dict[str, bytes], fleet: SmallFleet, chance: random.Random) -> None:
    """What may happen between two lives."""
    fate = chance.random()
    state = files.get(OSCORE)
    if fate < 0.02:
        files.clear()
    elif fate < 0.03 and state:
        place = chance.choice((chance.randrange(len(state)), 4, 5))  # of its numbers, rather
        files[OSCORE] = state[:place] + bytes([state[place] ^ 1 << chance.randrange(8)]) + state[place + 1 :]
    elif fate < 0.035 and state:
        files[OSCORE] = seal(state[:4] + USED_UP + state[8:-4])
    elif fate < 0.055:
        fleet.restart()
    elif fate < 0.056:
        fleet.put_back()


def test_no_nonce_is_used_twice_however_often_the_power_goes() -> None:
    print(f"seed {SEED}")
    began_s = time.monotonic()
    chance = random.Random(SEED)
    notes, files, cuts = Notes(), {}, 0
    fleet = SmallFleet(notes, chance)
    for _ in range(RESTARTS):
        mishap(files, fleet, chance)
        try:
            live(files, fleet, notes, chance)
        except PowerCutError:
            cuts += 1
    found = {
        "seed": SEED,
        "restarts": RESTARTS,
        "of_these_by_a_power_cut_while_writing": cuts,
        "messages_protected": notes.messages,
        "keys": notes.keys,
        "offers": fleet.offered,
        "repeated": len(notes.repeated),
        "seconds": round(time.monotonic() - began_s, 1),
    }
    print(found)
    if SOAK:
        figures.record("restarts", found)
    assert cuts > RESTARTS / 20
    assert fleet.offered > RESTARTS / 100
    assert notes.repeated == []


class NoChance:
    """Random numbers of a board without noise: always the same."""

    def uint32(self) -> int:
        return 7


class Contents(Notes):
    """Notes what was encrypted; `repeated` has each (key, nonce) that came with something else, too."""

    def __init__(self) -> None:
        super().__init__()
        self.contents: dict[tuple[bytes, bytes], bytes] = {}

    def encrypt(self, key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        if self.contents.setdefault((key, nonce), bytes(plaintext)) != plaintext:
            self.repeated.append((key, nonce))
        return bytes(plaintext) + self._tag(key, nonce, plaintext, aad)


def test_a_board_whose_random_numbers_are_none_gives_nothing_away_either() -> None:
    notes, chance = Contents(), random.Random(SEED)
    fleet = SmallFleet(notes, chance)
    for life in range(300):

        def derive(id_context: bytes | None) -> Any:
            keys = keys_of(id_context)
            return oscore.Context(notes, KID, keys[0], b"", keys[1], bytes(13), id_context)

        session = Session(PartialIvs(FakeFlash(), KEYS), NoChance(), derive)
        for attempt in range(4):
            datagram, binding = session.request(attempt, "r", b"%d %d" % (life, attempt), None)
            if attempt == 1 and life % 3:
                break  # it is lost, and then so is the state: the fleet is asked again, as it was before
            meaning, detail = session.reply(binding, coap.decode(fleet(datagram)))
            if meaning == RENEW:
                session.renew(detail)
            else:
                session.trust()
    assert fleet.offered == 300
    assert len(notes.contents) > 600
    assert notes.repeated == []
