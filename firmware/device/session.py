# SPDX-License-Identifier: Apache-2.0
"""What protects messages to the fleet: keys and their numbers, and new keys when the old ones can be used no more."""

from wire import const, report

from device.sequence import StateLostError

_TYPING = const(0)
if _TYPING:
    from wire import coap
    from wire.oscore import Context

    from device.ports import Random
    from device.sequence import PartialIvs

RENEW = "renew"  # beside the meanings of wire.report: take new keys, then send again
_HINTS_MAX = const(3)


class Session:
    """`derive(id_context or None)` makes OSCORE's context of our secret; it is called at the start and at renewals.

    `is_doubted`: the fleet may have other keys, so name ours from the first request on.
    """

    def __init__(self, ivs: "PartialIvs", random: "Random", derive, is_doubted: bool = False):
        self.ivs = ivs
        self.random = random
        self.derive = derive
        self.named = b""  # the ID context that requests name; empty: none
        self.context: "Context | None" = None  # None: no keys can be used, and the next request asks for new ones
        self._hints = 0
        if not ivs.is_lost:
            self.use(is_named=is_doubted or not ivs.is_told)

    def request(self, message_id: int, path: str, payload: bytes, echo: "bytes | None") -> tuple:
        """(datagram, binding) of a new attempt, under a new number; of request 1 when there are no keys.

        OSError when the flash does not take what must be on it first: then there is nothing to send.
        """
        if self.context is not None:
            try:
                return report.request(self.context, self.ivs.take(), message_id, path, payload, echo)
            except StateLostError:
                self.context = None
        from device import renewing  # hardly ever needed

        return renewing.ask(self, message_id)

    def reply(self, binding: tuple, message: "coap.Message") -> tuple:
        """(meaning, detail) of a response as wire.report has them, or RENEW with an R2. Changes nothing."""
        if self.context is not None:
            meaning, detail = report.reply(self.context, binding, message)
            if meaning != report.HINT:
                return meaning, detail
        if self.named:
            from device import renewing

            r2 = renewing.offer(self, binding, message)
            if r2 is not None:
                return RENEW, r2
        return report.HINT, message.code

    def renew(self, r2: bytes) -> None:
        """New keys for all that follows."""
        from device import renewing

        renewing.take(self, r2)

    def trust(self) -> None:
        """A reply was protected with the keys in use."""
        self._hints = 0
        if self.named and self.context is not None:
            self.ivs.tell()
            self.named = b""
            self.context.kid_context = None

    def doubt(self) -> None:
        """A request was answered, and not protected."""
        self._hints += 1
        if self._hints == _HINTS_MAX:
            if self.ivs.id_context:
                self.use(is_named=True)
            else:
                self.context = None

    def use(self, is_named: bool) -> None:
        """The keys of the ID context on flash from here on; `is_named`: requests say which one it is."""
        id_context = self.ivs.id_context
        context = self.derive(id_context or None)
        context.kid_context = None
        self.named = b""
        if id_context and is_named:
            from wire.renewal import wrap

            self.named = id_context
            context.kid_context = wrap(id_context)
        self.context = context
