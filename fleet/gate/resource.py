# SPDX-License-Identifier: Apache-2.0
"""The one resource, POST /r: what a request inside its protection must be, and how its readings are stored."""

import asyncio
import random
from dataclasses import dataclass

import wire.reading
from aiocoap import Message
from aiocoap.numbers import codes
from aiocoap.numbers.optionnumbers import OptionNumber
from sqlalchemy.orm import Session
from wire.paths import PAYLOAD_MAX, READINGS

from fleet.clock import Clock
from fleet.devices import service as devices
from fleet.devices.model import Device
from fleet.gate.contexts import DeviceContext
from fleet.gate.writer import StoreUnavailableError, Writer
from fleet.readings import service as readings
from fleet.readings.model import Message as ReadingMessage

MAX_AGE_S, MAX_AGE_JITTER_S = 30, 60
PATIENCE_S = 30.0
CBOR_SEQUENCE = 63  # Content-Format application/cbor-seq (RFC 8742); saying nothing means the same
_UNDERSTOOD = {OptionNumber.URI_HOST, OptionNumber.URI_PORT, OptionNumber.URI_PATH, OptionNumber.BLOCK1}


class RefusalError(Exception):
    """A request that will not do: the code for it, and for the device's owner a text."""

    def __init__(self, code: codes.Code, text: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class _Stored:
    appended: readings.Appended
    numbers: range | None


def check_addressed(request: Message) -> None:
    """The request is a POST to /r; the rest of it is not looked at. RefusalError."""
    if request.opt.uri_path != (READINGS,):
        raise RefusalError(codes.NOT_FOUND, f"the resource is /{READINGS}")
    if request.code is not codes.POST:
        raise RefusalError(codes.METHOD_NOT_ALLOWED, f"only POST to /{READINGS}")


def read(request: Message) -> ReadingMessage:
    """The readings in a request whose protection is off. RefusalError with the right code when there are none."""
    for option in request.opt.option_list():
        if option.number.is_critical() and option.number not in _UNDERSTOOD:
            raise RefusalError(codes.BAD_OPTION, f"option {int(option.number)} is critical and not understood here")
    check_addressed(request)
    if request.opt.block1 is not None or len(request.payload) > PAYLOAD_MAX:
        raise RefusalError(codes.REQUEST_ENTITY_TOO_LARGE, f"send at most {PAYLOAD_MAX} bytes, in one datagram")
    if request.opt.content_format not in (None, CBOR_SEQUENCE):
        raise RefusalError(codes.UNSUPPORTED_CONTENT_FORMAT, f"send Content-Format {CBOR_SEQUENCE} or none")
    try:
        return wire.reading.unpack(request.payload)  # type: ignore[no-any-return]  # the wire has no annotations
    except wire.reading.MessageError as error:
        raise RefusalError(codes.BAD_REQUEST, str(error)) from None


def max_age_s() -> int:
    """How long a device shall wait when nothing can be stored: not all devices the same time."""
    return MAX_AGE_S + random.randint(0, MAX_AGE_JITTER_S)


class Readings:
    """Stores a message of a device; returns after the commit."""

    def __init__(self, writer: Writer, clock: Clock, patience_s: float = PATIENCE_S) -> None:
        self._writer = writer
        self._clock = clock
        self._patience_s = patience_s

    async def store(self, context: DeviceContext, message: ReadingMessage) -> readings.Appended:
        """Stores the readings, that the device was heard, and what numbers were reserved for replies, all in one.

        StoreUnavailableError when that does not work or takes too long (it may still be stored then, which does no
        harm when the device sends it again), DeviceChangedError when the device is not what it was.
        """
        now_ms = self._clock.now_ms()
        device, wants_numbers = context.device, context.runs_low
        future = self._writer.submit(
            lambda session: _store(session, device, message, now_ms, wants_numbers), weight=len(message[3])
        )
        try:
            stored = await asyncio.wait_for(future, self._patience_s)
        except TimeoutError:
            raise StoreUnavailableError("the store is slow") from None
        if stored.numbers is not None:
            context.add_numbers(stored.numbers)
        return stored.appended

    async def reserve(self, context: DeviceContext) -> None:
        """Reserves numbers for replies to the device; returns when they may be used. Raises as `store` does."""
        now_ms, device = self._clock.now_ms(), context.device
        future = self._writer.submit(lambda session: devices.reserve_sequence(session, device, now_ms))
        try:
            context.add_numbers(await asyncio.wait_for(future, self._patience_s))
        except TimeoutError:
            raise StoreUnavailableError("the store is slow") from None


def _store(session: Session, device: Device, message: ReadingMessage, now_ms: int, wants_numbers: bool) -> _Stored:
    epoch, boot_count, age_s, _ = message
    devices.heard(session, device, now_ms, boot=None if age_s is None else (boot_count, epoch))
    appended = readings.append(session, device.id, message, now_ms)
    return _Stored(appended, devices.reserve_sequence(session, device, now_ms) if wants_numbers else None)
