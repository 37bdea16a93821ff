# SPDX-License-Identifier: Apache-2.0
"""A fleet that plays its part by a script, and watches that no partial IV comes with two different messages."""

from wire import coap, oscore, paths, unpack_reading
from wire.oscore_server import ServerContext

from tests.ciphers import AEAD

KID = b"\x00\x01"
SECRET = bytes(range(16))
SALT = b""
INTERNAL_SERVER_ERROR = 0xA0  # 5.00


def device_context(id_context=None):
    """The device's side of the keys."""
    return oscore.Context.derive(AEAD, SECRET, SALT, KID, b"", id_context)


class ScriptedFleet:
    """Each new request takes the next word of the script; when it ends, everything is stored.

    store, lose (no answer), ack (an empty ACK, nothing more), separate (an empty ACK, the answer with `answer_late`),
    echo, busy (5.03), reject (4.00), too large (4.13), broken (5.00), reset,
    bare (an unprotected 2.04 that nobody stood behind).
    A message with a reading whose sequence is in `refuses` gets a 4.00 where it would be stored.
    `stored` maps (epoch, sequence) to (boot_count, reading); `posted` holds (path, payload) of what else was stored.
    `news` is what each 2.04 brings along.
    """

    def __init__(self, script=(), max_age_s=30, refuses=()):
        self._script = list(script)
        self._max_age_s = max_age_s
        self._refuses = refuses
        self._context = ServerContext.derive(AEAD, SECRET, SALT, b"", KID)
        self._answers = {}  # partial IV: (request datagram, answers)
        self._late = None
        self.stored = {}
        self.posted = []
        self.news = b""
        self.ages = []
        self.echoes = []
        self.strangers = []

    def __call__(self, datagram):
        message = coap.decode(datagram)
        if message.code == coap.EMPTY:
            self.strangers.append(message)
            return []
        code, options, payload, binding = self._context.unprotect_request(message)
        assert code == coap.POST
        path = coap.option(options, coap.URI_PATH).decode()
        if binding[1] in self._answers:
            request, answers = self._answers[binding[1]]
            assert request == datagram, "a partial IV was used for two messages"
            return answers
        self.echoes.append(coap.option(options, coap.ECHO))
        word = self._script.pop(0) if self._script else "store"
        answers = self._play(word, message, binding, path, payload)
        self._answers[binding[1]] = (datagram, answers)
        return answers

    def answer_late(self):
        """The separate response to the last request that got an empty ACK for a start."""
        return self._late

    @property
    def partial_ivs(self):
        return sorted(int.from_bytes(iv, "big") for iv in self._answers)

    def _play(self, word, message, binding, path, payload):
        if word == "lose":
            return []
        if word == "reset":
            return [coap.empty(coap.RST, message.message_id)]
        if word == "bare":
            return [coap.encode(coap.Message(coap.ACK, coap.CHANGED, message.message_id))]
        if (
            word == "store"
            and path == paths.READINGS
            and any(each[0] in self._refuses for each in unpack_reading.unpack(payload)[3])
        ):
            word = "reject"
        if word in ("store", "separate"):
            self._store(path, payload)
        if word in ("ack", "separate"):
            self._late = self._protected(coap.CON, 0x7777, binding, coap.CHANGED, [])
            return [coap.empty(coap.ACK, message.message_id)]
        code, options = {
            "store": (coap.CHANGED, []),
            "echo": (coap.UNAUTHORIZED, [(coap.ECHO, b"12345678")]),
            "busy": (coap.SERVICE_UNAVAILABLE, [(coap.MAX_AGE, coap.uint_value(self._max_age_s))]),
            "reject": (coap.BAD_REQUEST, []),
            "too large": (coap.REQUEST_ENTITY_TOO_LARGE, []),
            "broken": (INTERNAL_SERVER_ERROR, []),
        }[word]
        return [self._protected(coap.ACK, message.message_id, binding, code, options)]

    def _protected(self, kind, message_id, binding, code, options):
        news = self.news if code == coap.CHANGED else b""
        value, ciphertext = self._context.protect_response(binding, code, options, news)
        outer = coap.Message(kind, coap.CHANGED, message_id, b"", [(coap.OSCORE, value)], ciphertext)
        return coap.encode(outer)

    def _store(self, path, payload):
        if path != paths.READINGS:
            self.posted.append((path, payload))
            return
        epoch, boot_count, age_s, readings = unpack_reading.unpack(payload)
        self.ages.append(age_s)
        for each in readings:
            before = self.stored.get((epoch, each[0]), (boot_count, each))
            assert before == (boot_count, each), "one name for two readings"
            self.stored[epoch, each[0]] = (boot_count, each)
