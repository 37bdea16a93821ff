# SPDX-License-Identifier: Apache-2.0
"""Takes a request's protection off, has it answered, and protects the reply; whatever fails gets its right code.

Replies outside the protection (to strangers, or where no key or number is at hand) carry no text and are never
longer than the request, and they are not repeated: nobody can turn the gate on a third party. A device takes them
for hints.
"""

import asyncio
from collections.abc import Mapping

from aiocoap import CON, Message, Unreliable, oscore
from aiocoap.numbers import codes
from aiocoap.pipe import Pipe
from sqlalchemy.exc import SQLAlchemyError
from wire.oscore import encode_option
from wire.oscore_server import decode_option
from wire.paths import PAYLOAD_MAX
from wire.renewal import unwrap, wrap

from fleet.devices.model import DeviceChangedError
from fleet.gate.contexts import Contexts, DeviceContext
from fleet.gate.logline import limited
from fleet.gate.renewal import Offers
from fleet.gate.request import RefusalError, addressed, check
from fleet.gate.resource import Intake, Resource, max_age_s
from fleet.gate.writer import StoreUnavailableError

_PROTECTED_MAX = PAYLOAD_MAX + 64  # an inner message with its code, options and tag; more is not even decrypted
_KID_BYTES = range(1, 4)
_PARTIAL_IV_BYTES = range(1, 6)
_NO_REPLY = 26  # RFC 7967: neither 2.xx nor 4.xx nor 5.xx

_log = limited(__name__)


class Site:
    """What aiocoap hands each request to; `resources` are those behind each path."""

    def __init__(self, contexts: Contexts, intake: Intake, resources: Mapping[str, Resource]) -> None:
        self._contexts = contexts
        self._intake = intake
        self._resources = resources
        self._offers = Offers()

    async def render_to_pipe(self, pipe: Pipe) -> None:
        """Answers one request (aiocoap's interface); every way out of here gives exactly one reply."""
        request = pipe.request
        try:
            reply = await self._answer(request)
        except RefusalError as refusal:
            _log.warning("refused with %s: %s from %s", refusal.code.dotted, refusal.text, request.remote.hostinfo)
            reply = _bare(request, refusal.code)
        except (StoreUnavailableError, SQLAlchemyError) as error:
            _log.error("nothing can be stored just now, devices are told to wait: %s", type(error).__name__)
            reply = _bare(request, codes.SERVICE_UNAVAILABLE, max_age_s())
        except Exception:
            _log.exception("a request could not be answered: a defect")
            reply = _bare(request, codes.INTERNAL_SERVER_ERROR)
        pipe.add_response(reply, is_last=True)

    async def _answer(self, request: Message) -> Message:
        if request.opt.oscore is None:
            addressed(request, self._resources)
            raise RefusalError(codes.UNAUTHORIZED, "not protected")
        if len(request.payload) > _PROTECTED_MAX or request.opt.block1 is not None:
            raise RefusalError(codes.REQUEST_ENTITY_TOO_LARGE, "too large, or in blocks")
        if request.code not in (codes.POST, codes.FETCH):
            raise RefusalError(codes.METHOD_NOT_ALLOWED, "protected, and neither POST nor FETCH")
        kid, id_context = _take_header(request)
        context = await self._context(kid)
        try:
            return await self._serve(context, request, id_context)
        except DeviceChangedError:
            self._contexts.drop(kid)
            raise RefusalError(codes.UNAUTHORIZED, f"{context.device.device} was removed or has new keys") from None

    async def _serve(self, context: DeviceContext, request: Message, id_context: bytes | None) -> Message:
        """The protected reply to a protected request; a challenge when nothing is known of what came before it."""
        if id_context is not None and not self._knows(context, id_context) and self._contexts.may_recheck(context):
            context = await self._found(context.device.kid)  # another gate may have renewed it
        if id_context is not None and not self._knows(context, id_context):
            return self._offer(context, id_context, request)
        try:
            context, inner, binding = await self._unprotect(context, request, id_context)
        except oscore.ReplayErrorWithEcho as unknown:
            challenge = Message(code=codes.UNAUTHORIZED, echo=unknown.echo)
            return await self._protect(unknown.secctx, challenge, unknown.request_id)
        reply = await self._protect(context, await self._reply(context, inner), binding)
        if context.replaces is not None:
            self._contexts.adopt(context)
        return reply

    def _knows(self, context: DeviceContext, id_context: bytes) -> bool:
        """Whether the ID context is the device's, or begins with an R2 that was offered to it."""
        return id_context == context.id_context or self._offers.accepts(context.device, id_context)

    def _offer(self, context: DeviceContext, id_context: bytes, request: Message) -> Message:
        """The R2 that lets a device, which has proved its secret with the request, make new keys (see renewal.py)."""
        _, binding = _decrypt(context.under(id_context), request)
        r2 = self._offers.make(context.device)
        offering = context.under(r2 + id_context)
        offering.add_numbers(range(1))  # these keys protect nothing else
        binding.can_reuse_nonce = False
        reply: Message
        reply, _ = offering.protect(Message(code=codes.UNAUTHORIZED), binding)
        iv, _, _ = decode_option(reply.opt.oscore)
        reply.opt.oscore = encode_option(iv, None, wrap(r2))
        _log.info("%s asks for new keys", context.device.device)
        return reply

    async def _context(self, kid: bytes) -> DeviceContext:
        return self._contexts.known(kid) or await self._found(kid)

    async def _found(self, kid: bytes) -> DeviceContext:
        """The context of the device as the database has it now."""
        context = self._contexts.keep(kid, await asyncio.to_thread(self._contexts.look_up, kid))
        if context is None:
            raise RefusalError(codes.UNAUTHORIZED, "unknown key identifier")
        return context

    async def _unprotect(
        self, context: DeviceContext, request: Message, id_context: bytes | None
    ) -> tuple[DeviceContext, Message, oscore.RequestIdentifiers]:
        """The request inside; tried again when the device turns out to have new keys. Passes on ReplayErrorWithEcho."""
        if id_context not in (None, context.id_context):
            context = context.under(id_context, replaces=context.device)
            return context, *_decrypt(context, request)
        try:
            return context, *_decrypt(context, request)
        except RefusalError as refusal:
            if refusal.code is not codes.BAD_REQUEST or not self._contexts.may_recheck(context):
                raise
            fresh = await self._found(context.device.kid)
            if fresh is context:
                raise
            return fresh, *_decrypt(fresh, request)

    async def _reply(self, context: DeviceContext, inner: Message) -> Message:
        """The reply to a request that is authentic; its errors are protected, too."""
        device = context.device.device
        try:
            news = await self._resources[check(inner, self._resources)].store(context, inner.payload)
        except RefusalError as refusal:
            _log.warning("refused with %s: %s says: %s", refusal.code.dotted, device, refusal.text)
            return Message(code=refusal.code, payload=refusal.text.encode()[:128])
        except StoreUnavailableError as error:
            _log.error("nothing can be stored just now, devices are told to wait: %s", error)
            return Message(code=codes.SERVICE_UNAVAILABLE, max_age=max_age_s())
        return Message(code=codes.CHANGED, payload=news)

    async def _protect(self, context: DeviceContext, reply: Message, binding: oscore.RequestIdentifiers) -> Message:
        """The reply under a number of our own (see contexts.py: never under the request's nonce)."""
        if not context.numbers_left:
            await self._intake.reserve(context)
        binding.can_reuse_nonce = False
        protected: Message
        protected, _ = context.protect(reply, binding)
        return protected


def _take_header(request: Message) -> tuple[bytes, bytes | None]:
    """(key identifier, ID context or None) in the OSCORE option, and takes the latter off, for aiocoap knows one alone.

    BAD_OPTION when the option cannot be read (RFC 8613 section 8.2).
    """
    try:
        header = oscore.verify_start(request)
        kid, partial_iv = header[oscore.COSE_KID], header[oscore.COSE_PIV]
    except (oscore.DecodeError, LookupError):
        raise RefusalError(codes.BAD_OPTION, "the OSCORE option cannot be read") from None
    if len(partial_iv) not in _PARTIAL_IV_BYTES or oscore.COSE_COUNTERSIGNATURE0 in header:
        raise RefusalError(codes.BAD_OPTION, "the OSCORE option cannot be read")
    if len(kid) not in _KID_BYTES:
        raise RefusalError(codes.UNAUTHORIZED, "unknown key identifier")
    if oscore.COSE_KID_CONTEXT not in header:
        return bytes(kid), None
    id_context = unwrap(header[oscore.COSE_KID_CONTEXT])
    if id_context is None:
        raise RefusalError(codes.UNAUTHORIZED, "unknown key identifier context")
    request.opt.oscore = encode_option(partial_iv, kid)
    return bytes(kid), bytes(id_context)


def _decrypt(context: DeviceContext, request: Message) -> tuple[Message, oscore.RequestIdentifiers]:
    try:
        inner, binding = context.unprotect(request)
    except oscore.ReplayErrorWithEcho:
        raise
    except oscore.ReplayError:
        raise RefusalError(codes.UNAUTHORIZED, f"replayed request of {context.device.device}") from None
    except Exception as error:  # aiocoap also lets out what its decoders raise on an inner message that is none
        _log.debug("not decrypted: %s", type(error).__name__)
        raise RefusalError(codes.BAD_REQUEST, f"not decrypted with the keys of {context.device.device}") from None
    return inner, binding


def _bare(request: Message, code: codes.Code, max_age: int | None = None) -> Message:
    """An unprotected reply: nothing but the code, sent once; none at all to a non-confirmable request."""
    no_response = None if request.mtype is CON else _NO_REPLY
    return Message(code=code, max_age=max_age, no_response=no_response, transport_tuning=Unreliable())
