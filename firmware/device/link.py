# SPDX-License-Identifier: Apache-2.0
"""Brings what its sources have to the fleet: one message at a time, until the fleet promised to keep it.

A promise is a 2.04 that OSCORE verified. Whatever arrives unprotected is a hint at most: it never makes the device
forget anything.
"""

from wire import coap, const, report
from wire.exchange import ACKED, PENDING, Exchange
from wire.ticks import ticks_diff

from device.session import RENEW

_TYPING = const(0)
if _TYPING:
    from device.ports import Batch, Clock, Notice, Radio, Random, Source
    from device.session import Session

_BACK_OFF_FIRST_MS = const(4_000)
BACK_OFF_MAX_MS = const(900_000)
_NO_NETWORK_MS = const(5_000)  # at first; looking up a name that nobody answers stops the weighing for seconds
_NO_NETWORK_DOUBLINGS = const(5)
_WAIT_MAX_S = const(86_400)  # a fleet that says more is mistaken
_AT_ONCE_MAX = const(60)  # records in a message
_HEARD_AT_ONCE = const(8)  # datagrams in a round: a flood must not stop the weighing
_REJOINS_AFTER = const(4)  # requests in a row that nobody answered, and again after 8, 16, 32 ...
_LOST_AFTER_S = const(86_400)


class Link:
    """`sources` are asked in their order, so that the first goes first; `session` protects what is sent; `notice` is
    told what became of each batch.
    """

    def __init__(
        self,
        sources: "tuple[Source, ...]",
        radio: "Radio",
        clock: "Clock",
        random: "Random",
        session: "Session",
        notice: "Notice",
    ):
        self._sources = sources
        self._radio = radio
        self._clock = clock
        self._random = random
        self._session = session
        self._notice = notice
        self._message_id = random.below(0x10000)
        self._exchange: "Exchange | None" = None
        self._source: "Source" = sources[0]  # whose batch is on its way
        self._batch: "Batch | None" = None
        self._binding: "tuple" = ()
        self._echo: "bytes | None" = None
        self._echoed = False  # whether the request on its way carries an Echo
        self._renewed = False  # whether it is the first with new keys
        self._failures = 0
        self._offline = 0
        self._silences = 0  # requests in a row that nobody answered
        self._alone_since_s: "int | None" = None
        self._limit = self._limit_max = _AT_ONCE_MAX
        self._wait(0)

    def poll(self, epoch: int, boot_count: int) -> None:
        """Do what is due now, without waiting; (epoch, boot_count) are this run's.

        Raises OSError when the flash fails.
        """
        self._receive()
        if self._exchange is None and self._waited():
            self._begin(epoch, boot_count)
        if self._exchange is not None:
            self._drive(self._exchange)

    def is_done(self) -> bool:
        """Whether there is nothing more to post."""
        return self._exchange is None and all(source.peek(1) is None for source in self._sources)

    def has_failed(self) -> bool:
        """Whether it waits before it tries again."""
        return self._exchange is None and self._wait_ms > 0

    def is_lost(self) -> bool:
        """Whether there was something to post for a day, and no fleet: a restart is all that is left to try."""
        since_s = self._alone_since_s
        return since_s is not None and self._clock.uptime_s() - since_s > _LOST_AFTER_S

    def _begin(self, epoch: int, boot_count: int) -> None:
        batch = self._next()
        if batch is None:
            return
        if not self._radio.ready():
            self._no_network()
            return
        self._offline = 0
        payload = self._source.pack(batch, epoch, boot_count, self._clock.uptime_s())
        batch.release()
        if payload is None:
            self._refused(batch)
        else:
            self._batch = batch
            self._request(payload)

    def _next(self) -> "Batch | None":
        """The oldest of the first source that has any."""
        for source in self._sources:
            batch = source.peek(self._limit)
            if batch is not None:
                self._source = source
                return batch
        return None

    def _request(self, payload: bytes) -> None:
        """A new attempt: new partial IV, new message ID. Only the exchange itself sends the same bytes again."""
        self._message_id = (self._message_id + 1) & 0xFFFF
        datagram, self._binding = self._session.request(self._message_id, self._source.path, payload, self._echo)
        self._echoed = self._echo is not None
        self._echo = None
        now_ms = self._clock.ticks_ms()
        self._exchange = Exchange(datagram, self._message_id, b"", now_ms, self._random.below, self._is_ours)

    def _is_ours(self, message: "coap.Message") -> bool:
        """Every token being empty, only its protection tells our answer from a late one to an earlier request."""
        return self._session.reply(self._binding, message)[0] != report.HINT

    def _receive(self) -> None:
        for _ in range(_HEARD_AT_ONCE):
            datagram = self._radio.receive()
            if datagram is None:
                return
            try:
                self._take(coap.decode(datagram))
            except coap.FormatError:
                pass  # noise

    def _take(self, message: "coap.Message") -> None:
        if self._exchange is not None:
            reply = self._exchange.receive(message, self._clock.ticks_ms())
            if reply is not None:
                self._radio.send(reply)
        elif message.type == coap.CON:
            self._radio.send(coap.empty(coap.RST, message.message_id))

    def _drive(self, exchange: "Exchange") -> None:
        datagram = exchange.due(self._clock.ticks_ms())
        if datagram is not None:
            self._radio.send(datagram)
        if exchange.state in (PENDING, ACKED):
            return
        batch = self._batch
        self._exchange = self._batch = None
        if exchange.response is not None and batch is not None:
            self._conclude(exchange.response, batch)
        elif not self._radio.ready():
            self._no_network()
        else:
            self._unanswered(exchange.hint)

    def _unanswered(self, hint: "int | None") -> None:
        self._radio.reopen()  # perhaps the fleet has moved
        if hint is not None:
            self._silences = 0
            self._session.doubt()
            self._fail("answered %d.%02d, not protected" % (hint >> 5, hint & 31))
            return
        self._silences += 1
        if self._silences >= _REJOINS_AFTER and not self._silences & (self._silences - 1):
            self._radio.rejoin()  # perhaps it only believes to be in a network
        self._fail("no answer")

    def _conclude(self, response: "coap.Message", batch: "Batch") -> None:
        self._silences = 0
        self._alone_since_s = None
        meaning, detail = self._session.reply(self._binding, response)
        if meaning == RENEW:
            self._renew(detail)
            return
        self._renewed = False
        if meaning == report.DURABLE:
            self._source.ack(batch)
            self._failures = 0
            self._limit = min(2 * self._limit, self._limit_max)
            self._notice.acked(batch)
            if detail is not None:
                self._notice.news(detail)
        elif meaning == report.REFUSED:
            self._refused(batch)
        elif meaning == report.ECHO and not self._echoed:
            self._echo = detail
        elif meaning == report.SMALLER and len(batch) > 1:
            self._limit = self._limit_max = len(batch) // 2  # for good: the fleet will not have grown
        elif meaning == report.WAIT and detail is not None:
            self._wait(min(detail, _WAIT_MAX_S) * 1000)
            self._notice.asked_to_wait()
        elif self._source is not self._sources[-1]:
            self._source.set_aside(batch)  # a fleet that knows nothing of it: the readings must not wait for that
        else:
            self._fail("it cannot take them now")
        self._session.trust()

    def _renew(self, r2: bytes) -> None:
        """New keys, and the batch goes out with them at once; not so when they are as good as the ones before."""
        if self._renewed:
            self._fail("it does not take the keys it gave")
        self._renewed = True
        self._session.renew(r2)

    def _refused(self, batch: "Batch") -> None:
        """Look for the one record that is refused, in ever smaller messages, and set that one aside."""
        if len(batch) > 1:
            self._limit = len(batch) // 2
            return
        self._back_off()  # a fleet that refuses everything, or a flash that has no room for it, is failing
        self._source.set_aside(batch)
        self._notice.rejected_for_good(batch)

    def _no_network(self) -> None:
        self._failures = 0  # it was not the fleet
        self._wait(_NO_NETWORK_MS << self._offline)
        self._offline = min(self._offline + 1, _NO_NETWORK_DOUBLINGS)
        self._is_alone()
        self._notice.no_network()

    def _fail(self, reason: str) -> None:
        self._back_off()
        self._is_alone()
        self._notice.no_fleet(reason)

    def _is_alone(self) -> None:
        if self._alone_since_s is None:
            self._alone_since_s = self._clock.uptime_s()

    def _back_off(self) -> None:
        """Doubles with each failure; between half and all of it, so that a fleet of bins does not come back as one."""
        longest_ms = min(_BACK_OFF_FIRST_MS << min(self._failures, 8), BACK_OFF_MAX_MS)
        self._failures += 1
        self._wait(longest_ms // 2 + self._random.below(longest_ms // 2 + 1))

    def _wait(self, duration_ms: int) -> None:
        self._wait_from_ms = self._clock.ticks_ms()
        self._wait_ms = duration_ms

    def _waited(self) -> bool:
        """A wait ends once, and stays ended: after six days of success the ticks it was counted from mean nothing."""
        if self._wait_ms and ticks_diff(self._clock.ticks_ms(), self._wait_from_ms) >= self._wait_ms:
            self._wait_ms = 0
        return self._wait_ms == 0
