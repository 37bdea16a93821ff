# SPDX-License-Identifier: Apache-2.0
"""What was recorded and is sent again, and what is forged of it, is accepted neither by a gate nor by a device."""

import asyncio
import random
import time
from functools import partial
from pathlib import Path
from typing import Any

import wire.reading
from aiocoap import Message
from aiocoap.message import Direction
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from device.sequence import PartialIvs
from device.session import RENEW, Session
from sqlalchemy import func, select
from wire import coap, oscore, report

from fleet import db
from fleet.clock import SystemClock
from fleet.devices import service as devices
from fleet.devices.tables import DeviceRow
from fleet.gate.contexts import Contexts
from fleet.gate.resource import Intake, Readings
from fleet.gate.site import Site
from fleet.gate.writer import Writer
from fleet.migrations.schema import metadata
from fleet.readings.tables import ReadingRow
from tests.e2e import figures
from tests.e2e.size import ATTACKS, SEED, SOAK
from tests.fakes.flash import FakeFlash

KID, SECRET, SALT = b"\x00\x01", bytes(range(16)), b"salt"
OTHER_KID, OTHER_SECRET = b"\x00\x02", bytes(16)
STRETCH = 50  # attacks between two messages of the device itself


class Aead:
    """AES-CCM by cryptography, for speed."""

    def encrypt(self, key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        return AESCCM(key, 8).encrypt(nonce, bytes(plaintext), aad)

    def decrypt(self, key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
        try:
            return AESCCM(key, 8).decrypt(nonce, bytes(ciphertext), aad)
        except (InvalidTag, ValueError):
            raise oscore.ProtectionError("tag does not match") from None


class Chance:
    def __init__(self, source: random.Random) -> None:
        self._source = source

    def uint32(self) -> int:
        return self._source.getrandbits(32)


class Bin:
    """A device's session, and all that ever passed between it and the gate."""

    def __init__(self, house: "House", kid: bytes, secret: bytes, chance: random.Random) -> None:
        self._house, self._chance = house, chance
        self._derive = partial(oscore.Context.derive, Aead(), secret, SALT, kid, b"")
        self.requests: list[bytes] = []
        self.replies: list[bytes] = []
        self.taken = 0
        self.lose_state()

    def lose_state(self) -> None:
        self.session = Session(PartialIvs(FakeFlash(), b"8 bytes."), Chance(self._chance), self._derive)

    def request(self, echo: bytes | None = None) -> tuple[bytes, Any]:
        """One that is not sent yet."""
        payload = wire.reading.pack(7, 1, 0, [(self.taken, 0, self.taken, self.taken % 1000, 5, None)])
        datagram, binding = self.session.request(len(self.requests) & 0xFFFF, "r", payload, echo)
        return bytes(datagram), binding

    async def post(self) -> int:
        """A new reading until it is stored; how many round trips that took."""
        self.taken += 1
        echo = None
        for trips in range(1, 5):
            datagram, binding = self.request(echo)
            self.requests.append(datagram)
            reply = await self._house.answer(datagram)
            self.replies.append(reply)
            meaning, detail = self.session.reply(binding, coap.decode(reply))
            echo = detail if meaning == report.ECHO else None
            if meaning == RENEW:
                self.session.renew(detail)
            elif meaning != report.HINT:
                self.session.trust()
            if meaning == report.DURABLE:
                return trips
        raise AssertionError("not stored")


class Asked:
    """What aiocoap hands a site."""

    def __init__(self, datagram: bytes) -> None:
        self.request = Message.decode(datagram, remote=self)
        self.request.direction = Direction.INCOMING
        self.hostinfo = "test"

    def add_response(self, reply: Message, is_last: bool) -> None:
        options = [(coap.OSCORE, reply.opt.oscore)] if reply.opt.oscore is not None else []
        outer = coap.Message(coap.ACK, int(reply.code), self.request.mid, b"", options, reply.payload)
        self.reply = bytes(coap.encode(outer))


class House:
    """A gate without its socket, on a database with two devices."""

    def __init__(self, folder: Path) -> None:
        self.engine = db.open_engine(f"sqlite:///{folder}/kanbin.sqlite")
        metadata().create_all(self.engine)
        with db.write(self.engine) as session:
            session.add(DeviceRow(device="bin-01", kid=KID, master_secret=SECRET, master_salt=SALT))
            session.add(DeviceRow(device="bin-02", kid=OTHER_KID, master_secret=OTHER_SECRET, master_salt=SALT))
        self.writer = Writer(self.engine, lambda: None)
        self.writer.start()
        self.restart()

    def restart(self) -> None:
        """What a gate has in memory is gone."""
        self.contexts = Contexts(partial(devices.find, self.engine))
        intake = Intake(self.writer, SystemClock())
        self.site = Site(self.contexts, intake, {"r": Readings(intake)})

    def stop(self) -> None:
        self.writer.stop()
        self.engine.dispose()

    async def answer(self, datagram: bytes) -> bytes:
        asked = Asked(datagram)
        await self.site.render_to_pipe(asked)
        return asked.reply

    def state(self) -> tuple[Any, ...]:
        """All that an accepted message would change."""
        with db.read(self.engine) as session:
            row = DeviceRow.oscore_id_context, DeviceRow.last_seen_at_ms
            return session.scalar(select(func.count(ReadingRow.id))), *map(tuple, session.execute(select(*row)))


def flipped(chance: random.Random, datagram: bytes) -> bytes:
    """With some bits of what is protected, or of the OSCORE option, another way."""
    message = coap.decode(datagram)
    value = coap.option(message.options, coap.OSCORE)
    both = bytearray(value + message.payload)
    while bytes(both) == value + message.payload:
        for _ in range(chance.choice((1, 1, 2, 8))):
            both[chance.randrange(len(both))] ^= 1 << chance.randrange(8)
    options = [(coap.OSCORE, bytes(both[: len(value)]))]
    head = message.type, message.code, message.message_id, message.token
    return bytes(coap.encode(coap.Message(*head, options, bytes(both[len(value) :]))))


def spliced(chance: random.Random, recorded: list[bytes]) -> bytes:
    """The head of one message, the body of another."""
    one, other = (coap.decode(chance.choice(recorded)) for _ in range(2))
    return bytes(coap.encode(coap.Message(coap.CON, coap.POST, one.message_id, b"", one.options, other.payload)))


def forge(chance: random.Random, bin: Bin, other: Bin) -> bytes:
    kind = chance.randrange(4)
    if kind == 0:
        return flipped(chance, bin.request()[0])  # of one that nobody has seen
    if kind == 1:
        return flipped(chance, chance.choice(bin.requests))
    if kind == 2:
        return spliced(chance, bin.requests)
    message = coap.decode(chance.choice(other.requests))  # another's keys under our name
    value = coap.option(message.options, coap.OSCORE)
    options = [(coap.OSCORE, value[:-2] + KID)]
    return bytes(coap.encode(coap.Message(coap.CON, coap.POST, 1, b"", options, message.payload)))


def renumbered(chance: random.Random, datagram: bytes) -> bytes:
    """The same with another message ID, so that it is no retransmission."""
    return datagram[:2] + chance.randbytes(2) + datagram[4:]


async def attack_gate(house: House, chance: random.Random) -> dict[str, Any]:
    bin, other = Bin(house, KID, SECRET, chance), Bin(house, OTHER_KID, OTHER_SECRET, chance)
    accepted = {"replayed": 0, "forged": 0}
    trips_after_loss = 0
    for _ in range(10):
        await bin.post()
        await other.post()
    for stretch in range(2 * ATTACKS // STRETCH):
        state = house.state()
        kind = "replayed" if stretch % 2 else "forged"
        for _ in range(STRETCH):
            datagram = chance.choice(bin.requests) if kind == "replayed" else forge(chance, bin, other)
            reply = coap.decode(await house.answer(renumbered(chance, datagram)))
            assert reply.code != coap.RESPONSES | 5 << 5, "a defect"
        if house.state() != state:
            accepted[kind] += 1
        fate = chance.random()
        if fate < 0.1:
            bin.lose_state()
            trips_after_loss = max(trips_after_loss, await bin.post())
        elif fate < 0.15:
            house.restart()
        await bin.post()
    return {"accepted": accepted, "trips_after_loss": trips_after_loss, "recorded": len(bin.requests)}


def attack_device(bin: Bin, chance: random.Random) -> dict[str, int]:
    """A request is on its way; what comes back is a recorded reply, or one that was tampered with."""
    accepted = {"replayed": 0, "forged": 0}
    for kind in accepted:
        for attack in range(ATTACKS):
            if attack % STRETCH == 0:
                if attack % (2 * STRETCH):
                    bin.lose_state()  # it asks for new keys: an offer would be taken
                binding = bin.request()[1]
            datagram = chance.choice(bin.replies)
            if kind == "forged":
                datagram = flipped(chance, datagram)
            accepted[kind] += bin.session.reply(binding, coap.decode(datagram))[0] != report.HINT
    return accepted


def test_no_replayed_and_no_forged_message_is_accepted(tmp_path: Path) -> None:
    print(f"seed {SEED}")
    began_s = time.monotonic()
    chance = random.Random(SEED)
    house = House(tmp_path)
    try:
        found: dict[str, Any] = {"seed": SEED, "replayed": ATTACKS, "forged": ATTACKS}
        found |= asyncio.run(attack_gate(house, chance))
        found["upon_a_device"] = asyncio.run(on_a_device(house, chance))
    finally:
        house.stop()
    found["seconds"] = round(time.monotonic() - began_s, 1)
    print(found)
    if SOAK:
        figures.record("attacks", found)
    assert found["accepted"] == {"replayed": 0, "forged": 0}
    assert found["upon_a_device"] == {"replayed": 0, "forged": 0}
    assert found["trips_after_loss"] <= 2


async def on_a_device(house: House, chance: random.Random) -> dict[str, int]:
    bin = Bin(house, KID, SECRET, chance)
    for _ in range(50):
        await bin.post()
        if chance.random() < 0.2:
            bin.lose_state()
    return attack_device(bin, chance)
