# SPDX-License-Identifier: Apache-2.0
"""What protects messages to the fleet: keys and their numbers, and new keys when the old ones can be used no more.

Keys can be used no more when nothing is known of their numbers (the state on flash is missing, broken or of another
secret) or when all are used up. The next request is then request 1 of RFC 8613 appendix B.2 (see wire.renewal), and the
batch that waits goes out with the second one: two round trips, and no human.

Why no (key, nonce) is used twice:

* **Keys of R2 || R3.** The fleet never gives one R2 twice, so no two renewals have the same ID context, however bad our
  own random numbers are. Somebody who replays an old R2 fails, because an offer is protected with keys of R2 || R1 and
  tied to its request: R1 would have to come twice for that, and R3 with it for harm. The ID context is on flash before
  its first use, and so is each block of its numbers; a power cut leaves the old state or the new one.
* **Keys of R1** protect one message, request 1, and it has no content: if R1 did come twice, the same would be
  encrypted twice. A message sent again is the same bytes.
* **Keys of R2 || R1** protect nothing of ours.

Who can make no protected answers can cost us round trips and nothing else: nothing unprotected changes keys. After a
few unprotected answers in a row requests name their ID context. That is a few bytes more, and has a fleet that does not
know it (its database may be older than our keys) offer new ones, protected. Only a device without an ID context begins
with request 1 then.
"""

from wire import coap, const, report

from device.sequence import StateLostError

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from wire.oscore import Context

    from device.ports import Random
    from device.sequence import PartialIvs

RENEW = "renew"  # beside the meanings of wire.report: take new keys, then send again
_HINTS_MAX = const(3)


class Session:
    """`derive(id_context or None)` makes OSCORE's context of our secret; it is called at the start and at renewals."""

    def __init__(self, ivs: "PartialIvs", random: "Random", derive):
        self._ivs = ivs
        self._random = random
        self._derive = derive
        self._hints = 0
        self._named = b""  # the ID context that requests name; empty: none
        self._context: "Context | None" = None
        if not ivs.is_lost:
            self._use(is_named=not ivs.is_told)

    @property
    def is_lost(self) -> bool:
        """No keys can be used: the next request asks for new ones."""
        return self._context is None

    def request(self, message_id: int, path: str, payload: bytes, echo: "bytes | None") -> tuple:
        """(datagram, binding) of a new attempt, under a new number; of request 1 when there are no keys.

        OSError when the flash does not take what must be on it first: then there is nothing to send.
        """
        if self._context is not None:
            try:
                return report.request(self._context, self._ivs.take(), message_id, path, payload, echo)
            except StateLostError:
                self._context = None
        from wire import renewal  # hardly ever needed

        self._named = self._nonce(renewal.R1_BYTES)
        asking = self._derive(self._named)
        asking.kid_context = renewal.wrap(self._named)
        return renewal.first_request(asking, message_id)

    def reply(self, binding: tuple, message: "coap.Message") -> tuple:
        """(meaning, detail) of a response as wire.report has them, or RENEW with an R2. Changes nothing."""
        if self._context is not None:
            meaning, detail = report.reply(self._context, binding, message)
            if meaning != report.HINT:
                return meaning, detail
        r2 = self._offer(binding, message) if self._named else None
        return (report.HINT, message.code) if r2 is None else (RENEW, r2)

    def renew(self, r2: bytes) -> None:
        """New keys for all that follows. OSError when the flash does not take them; then none can be used."""
        from wire import renewal

        self._context = None
        self._ivs.begin(r2 + self._nonce(renewal.R3_BYTES))
        self._use(is_named=True)

    def trust(self) -> None:
        """A reply was protected with the keys in use."""
        self._hints = 0
        if self._named and self._context is not None:
            self._ivs.tell()
            self._named = b""
            self._context.kid_context = None

    def doubt(self) -> None:
        """A request was answered, and not protected."""
        self._hints += 1
        if self._hints < _HINTS_MAX or self._named:
            return
        if self._ivs.id_context:
            self._use(is_named=True)
        else:
            self._context = None

    def _use(self, is_named: bool) -> None:
        id_context = self._ivs.id_context
        context = self._derive(id_context or None)
        context.kid_context = None
        self._named = b""
        if id_context and is_named:
            from wire import renewal

            self._named = id_context
            context.kid_context = renewal.wrap(id_context)
        self._context = context

    def _offer(self, binding: tuple, message: "coap.Message") -> "bytes | None":
        """The R2 of an offer to renew that the fleet made to the request on its way."""
        from wire import renewal

        try:
            r2 = renewal.offered(message)
        except ValueError:
            return None
        if r2 is not None and renewal.is_offer(self._derive(r2 + self._named), binding, message):
            return r2
        return None

    def _nonce(self, size: int) -> bytes:
        nonce = b""
        while len(nonce) < size:
            nonce += self._random.uint32().to_bytes(4, "big")
        return nonce
