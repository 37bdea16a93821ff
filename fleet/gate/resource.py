# SPDX-License-Identifier: Apache-2.0
"""What devices post to: a resource for each path, which stores what a payload says and returns when it is on disk."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import wire.reading
import wire.tags
from aiocoap.numbers import codes
from sqlalchemy.orm import Session
from wire import unpack_health, unpack_reading, unpack_tags

from fleet.clock import Clock
from fleet.devices import health, plans
from fleet.devices import service as devices
from fleet.devices.model import Device
from fleet.gate import senml
from fleet.gate.contexts import DeviceContext
from fleet.gate.request import RefusalError
from fleet.gate.writer import Job, StoreUnavailableError, T, Writer
from fleet.readings import service as readings
from fleet.tags import log as tags

MAX_AGE_S, MAX_AGE_JITTER_S = 30, 60
PATIENCE_S = 30.0

Append = Callable[[Session, int], object]
"""Writes a device's message: gets the session and the time of arrival, UTC milliseconds."""


class Resource(Protocol):
    """What is behind one path."""

    async def store(self, context: DeviceContext, payload: bytes) -> bytes:
        """Returns when all that the payload says is durable, with the news for the device (wire.plan), mostly none.

        Raises RefusalError, and as `Intake.store` does.
        """
        ...


def max_age_s() -> int:
    """How long a device shall wait when nothing can be stored: not all devices the same time."""
    return MAX_AGE_S + random.randint(0, MAX_AGE_JITTER_S)


@dataclass(frozen=True, slots=True)
class Intake:
    """The way to the disk that all resources share."""

    writer: Writer
    clock: Clock
    patience_s: float = PATIENCE_S

    async def store(
        self, context: DeviceContext, append: Append, weight: int, boot: tuple[int, int] | None = None
    ) -> bytes:
        """Stores what `append` writes, that the device was heard, and what numbers were reserved, all in one.

        `boot` is the device's present (boot_count, epoch), where the message tells them. Returns the news for the
        device: a sampling plan that it does not follow yet.

        StoreUnavailableError when that does not work or takes too long (it may still be stored then, which does no
        harm when the device sends it again), DeviceChangedError when the device is not what it was.
        """
        now_ms = self.clock.now_ms()
        device, wants_numbers = context.device, context.runs_low
        replaces = context.replaces

        def job(session: Session) -> tuple[range | None, bytes]:
            _renew(session, replaces, device)
            has_other_plan = devices.heard(session, device, now_ms, boot)
            append(session, now_ms)
            news = plans.news(session, device.id) if has_other_plan else b""
            return devices.reserve_sequence(session, device, now_ms) if wants_numbers else None, news

        numbers, news = await self._commit(job, weight)
        if numbers is not None:
            context.add_numbers(numbers)
        return news

    async def reserve(self, context: DeviceContext) -> None:
        """Reserves numbers for replies to the device; returns when they may be used. Raises as `store` does."""
        now_ms, device, replaces = self.clock.now_ms(), context.device, context.replaces

        def job(session: Session) -> range:
            _renew(session, replaces, device)
            return devices.reserve_sequence(session, device, now_ms)

        context.add_numbers(await self._commit(job, 1))

    async def _commit(self, job: Job[T], weight: int) -> T:
        try:
            return await asyncio.wait_for(self.writer.submit(job, weight), self.patience_s)
        except TimeoutError:
            raise StoreUnavailableError("the store is slow") from None


def _renew(session: Session, replaces: Device | None, device: Device) -> None:
    """Keys that replace others do so in the database first, with the first thing that is written in their name."""
    if replaces is not None and device.id_context is not None:
        devices.renew(session, replaces, device.id_context)


class Readings:
    """POST /r: readings go to their log."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def store(self, context: DeviceContext, payload: bytes) -> bytes:
        """Stores a reading message."""
        try:
            message = unpack_reading.unpack(payload)
        except wire.reading.MessageError as error:
            raise RefusalError(codes.BAD_REQUEST, str(error)) from None
        return await self._intake.store(
            context,
            lambda session, now_ms: readings.append(session, context.device.id, message, now_ms),
            weight=len(message[3]),
            boot=present_boot(message),
        )


class SenmlReadings:
    """POST /r with SenML: readings of a device that somebody else has built go to the same log."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def store(self, context: DeviceContext, payload: bytes) -> bytes:
        """Stores the readings of a pack."""
        try:
            told = senml.readings(payload, self._intake.clock.now_ms())
        except senml.SenmlError as error:
            raise RefusalError(codes.BAD_REQUEST, str(error)) from None
        return await self._intake.store(
            context,
            lambda session, now_ms: readings.append_readings(session, context.device.id, told, now_ms),
            weight=len(told),
        )


class Health:
    """POST /h: what a device says of itself."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def store(self, context: DeviceContext, payload: bytes) -> bytes:
        """Stores a health record."""
        try:
            said = unpack_health.unpack(payload)
        except wire.reading.MessageError as error:
            raise RefusalError(codes.BAD_REQUEST, str(error)) from None
        return await self._intake.store(
            context,
            lambda session, now_ms: health.record(session, context.device.id, said, now_ms),
            weight=1,
            boot=(said["boot_count"], said["epoch"]),
        )


class Tags:
    """POST /t: a reader's tag events go to their log."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def store(self, context: DeviceContext, payload: bytes) -> bytes:
        """Stores a tag message."""
        try:
            message = unpack_tags.unpack(payload)
        except wire.reading.MessageError as error:
            raise RefusalError(codes.BAD_REQUEST, str(error)) from None
        return await self._intake.store(
            context,
            lambda session, now_ms: tags.append(session, context.device.id, message, now_ms),
            weight=len(message[3]),
            boot=present_boot(message),
        )


def present_boot(message: tuple[int, int, int | None, object]) -> tuple[int, int] | None:
    """(boot_count, epoch) of the device as it is now, None when the message tells of an earlier boot."""
    epoch, boot_count, age_s, _ = message
    return None if age_s is None or age_s < 0 else (boot_count, epoch)
