# SPDX-License-Identifier: Apache-2.0
"""A body larger than a datagram, in blocks (RFC 7959), both ways: a client's half, bounded, over any exchange.

A Transfer says what to ask next and takes the answer; who calls it sends each request and waits for its response, one
after the other. Under OSCORE the options are inside (RFC 8613 section 4.1.3.4): each block is a message of its own.
"""

from wire import coap, const

BLOCK2 = const(23)
BLOCK1 = const(27)
SIZE2 = const(28)
SIZE1 = const(60)
ETAG = const(4)
REQUEST_TAG = const(292)  # RFC 9175

CONTINUE = const(0x5F)  # 2.31
INCOMPLETE = const(0x88)  # 4.08

SIZE_EXPONENT_MAX = const(6)  # 1024 bytes
_BLOCKS_MAX = const(0xFFFFF)
_ATTEMPTS = const(2)  # at an upload that the server lost a part of


class TransferError(Exception):
    """The transfer came to no end, or to one that cannot be trusted; begin a new one."""


class Transfer:
    """One request with its response, whatever their sizes.

    `sink` gets the body of the response piece by piece, in order; without one it gathers in `body`. It has at most
    `body_max` bytes. `tag` is the Request-Tag: with another one for each transfer no server mixes two uploads up. When
    `is_done`, `code` and `options` are of the last response. Blocks have 2 ** (`size_exponent` + 4) bytes, or fewer.
    """

    def __init__(self, code, options, payload=b"", body_max=4096, sink=None, tag=None, size_exponent=SIZE_EXPONENT_MAX):
        if not 0 <= size_exponent <= SIZE_EXPONENT_MAX:
            raise ValueError("size_exponent: 0 to 6")
        self.is_done = False
        self.code = None
        self.options = None
        self.body = bytearray()
        self.received = 0
        self._method = code
        self._options = list(options)
        if tag is not None:
            self._options.append((REQUEST_TAG, tag))
        self._payload = memoryview(payload)  # a block of it is no copy
        self._body_max = body_max
        self._sink = self.body.extend if sink is None else sink
        self._exponent = size_exponent
        self._sent = 0  # bytes of the payload that the server has
        self._uploading = True
        self._attempts = _ATTEMPTS
        self._next = 0  # number of the block that is asked for
        self._etag = None

    def request(self):
        """(code, options, payload) of the next request; the same again until `take` has its response."""
        options = list(self._options)
        size = 16 << self._exponent
        if not self._uploading:
            options.append((BLOCK2, _block(self._next, 0, self._exponent)))
            return self._method, options, b""
        end = self._sent + size
        more = end < len(self._payload)
        if not more and self._exponent < SIZE_EXPONENT_MAX:
            options.append((BLOCK2, _block(0, 0, self._exponent)))  # the response shall have no larger blocks either
        if not self._sent and not more:
            return self._method, options, self._payload
        options.append((BLOCK1, _block(self._sent // size, more, self._exponent)))
        if not self._sent:
            options.append((SIZE1, coap.uint_value(len(self._payload))))
        return self._method, options, self._payload[self._sent : end]

    def take(self, code, options, payload):
        """The response to that request. TransferError ends the transfer."""
        if self._uploading and self._goes_on(code, options):
            return
        self._uploading = False
        block = coap.option(options, BLOCK2)
        if code >> 5 != 2 or (block is None and not self._next):
            if self._next:
                raise TransferError("block %d was answered with %d.%02d" % (self._next, code >> 5, code & 31))
            self._keep(payload)
            self._finish(code, options)
            return
        self._take_block(code, options, payload, block)

    def _goes_on(self, code, options):
        """Whether there is more to send."""
        block = coap.option(options, BLOCK1)
        size = 16 << self._exponent
        end = min(self._sent + size, len(self._payload))
        if code == CONTINUE:
            if block is None:
                raise TransferError("2.31 without Block1")
            number, _, exponent = _parts(block)
            if number != self._sent // size or exponent > self._exponent or end == len(self._payload):
                raise TransferError("2.31 for block %d, when %d was sent" % (number, self._sent // size))
            self._sent = end  # a multiple of a smaller size, too
            self._exponent = exponent
            return True
        if code == coap.REQUEST_ENTITY_TOO_LARGE and block is not None and not self._sent:
            exponent = _parts(block)[2]
            if exponent < self._exponent and len(self._payload) > 16 << exponent:
                self._exponent = exponent  # the server has room for smaller blocks only
                return True
        if code == INCOMPLETE and self._sent:
            self._attempts -= 1
            if not self._attempts:
                raise TransferError("the server lost blocks again")
            self._sent = 0
            return True
        return False

    def _take_block(self, code, options, payload, block):
        if block is None:
            raise TransferError("block %d came without Block2" % self._next)
        number, more, exponent = _parts(block)
        size = 16 << exponent
        if number != self._next or exponent > self._exponent or (more and len(payload) != size) or len(payload) > size:
            raise TransferError("block %d is not what was asked for, block %d" % (number, self._next))
        etag = coap.option(options, ETAG)
        if number and etag != self._etag:
            raise TransferError("what is read changed meanwhile")
        announced = coap.option(options, SIZE2)
        if announced is not None and int.from_bytes(announced, "big") > self._body_max:
            raise TransferError("more than %d bytes" % self._body_max)
        self._etag = etag
        self._exponent = exponent
        self._keep(payload)
        self._next += 1
        if not more:
            self._finish(code, options)
        elif self._next > _BLOCKS_MAX:
            raise TransferError("more blocks than there are numbers")

    def _keep(self, payload):
        self.received += len(payload)
        if self.received > self._body_max:
            raise TransferError("more than %d bytes" % self._body_max)
        if payload:
            self._sink(payload)

    def _finish(self, code, options):
        self.is_done = True
        self.code = code
        self.options = options


def _block(number, more, exponent):
    """The value of a Block option (RFC 7959 section 2.2)."""
    return coap.uint_value(number << 4 | (8 if more else 0) | exponent)


def _parts(value):
    """(number, more, size exponent) of a Block option."""
    if len(value) > 3:
        raise TransferError("a Block option of %d bytes" % len(value))
    number = int.from_bytes(value, "big") if value else 0
    if number & 7 == 7:
        raise TransferError("a Block option with a reserved size")
    return number >> 4, bool(number & 8), number & 7
