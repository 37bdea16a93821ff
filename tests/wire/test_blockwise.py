# SPDX-License-Identifier: Apache-2.0
"""Bodies larger than a datagram go and come in blocks, in order, once, and never more than was said."""

from wire import blockwise, coap
from wire.blockwise import BLOCK1, BLOCK2, ETAG, SIZE2, Transfer, TransferError

from tests.expect import refused

GET, CONTENT = 0x01, 0x45
PATH = [(coap.URI_PATH, b"big")]


class Server:
    """Takes and gives bodies in blocks of at most 2 ** (exponent + 4) bytes; `lose` is at which request it forgets."""

    def __init__(self, response=b"", exponent=6, lose=(), etags=(b"a",)):
        self.response = response
        self.exponent = exponent
        self.received = b""
        self.requests = 0
        self._lose = lose
        self._etags = etags

    def answer(self, code, options, payload):
        self.requests += 1
        if self.requests in self._lose:
            self.received = b""
            return blockwise.INCOMPLETE, [], b""
        block1, block2 = coap.option(options, BLOCK1), coap.option(options, BLOCK2)
        reply = []
        if block1 is not None:
            number, more, exponent = blockwise._parts(block1)
            if number == 0:
                self.received = b""
            assert number * (16 << exponent) == len(self.received), "a block is missing"
            self.received += payload
            reply.append((BLOCK1, blockwise._block(number, more, min(exponent, self.exponent))))
            if more:
                return blockwise.CONTINUE, reply, b""
        elif block2 is None or blockwise._parts(block2)[0] == 0:
            self.received = payload
        return self._give(reply, block2)

    def _give(self, reply, block2):
        number, _, exponent = (0, False, self.exponent) if block2 is None else blockwise._parts(block2)
        exponent = min(exponent, self.exponent)
        size = 16 << exponent
        piece = self.response[number * size : (number + 1) * size]
        more = len(self.response) > (number + 1) * size
        if more or number:
            reply.append((BLOCK2, blockwise._block(number, more, exponent)))
            reply.append((ETAG, self._etags[number % len(self._etags)]))
        return CONTENT, reply, piece


def run(transfer, server):
    for _ in range(1000):
        if transfer.is_done:
            return transfer
        transfer.take(*server.answer(*transfer.request()))
    raise AssertionError("no end")


def body(size):
    return bytes([index * 7 & 255 for index in range(size)])


def test_what_fits_a_datagram_needs_no_blocks():
    server = Server(b"short")
    transfer = run(Transfer(coap.POST, PATH, b"small"), server)

    assert (server.received, bytes(transfer.body), transfer.code) == (b"small", b"short", CONTENT)
    assert server.requests == 1


def test_bodies_of_every_size_go_and_come_whole():
    for size in (0, 1, 15, 16, 17, 31, 32, 33, 160, 1000):
        for exponent, servers in ((0, 0), (1, 6), (3, 3), (3, 1)):
            server = Server(body(size), servers)
            transfer = run(Transfer(coap.POST, PATH, body(size), size_exponent=exponent), server)

            assert server.received == body(size), (size, exponent)
            assert bytes(transfer.body) == body(size), (size, exponent)


def test_a_server_with_smaller_blocks_gets_and_gives_smaller_ones():
    server = Server(body(500), exponent=2)
    transfer = run(Transfer(GET, PATH), server)

    assert bytes(transfer.body) == body(500)
    assert server.requests == 8


def test_a_server_that_continues_with_smaller_blocks_gets_the_rest_in_those():
    taken = []
    transfer = Transfer(coap.POST, PATH, body(200), size_exponent=2)
    while True:
        _, options, payload = transfer.request()
        number, more, exponent = blockwise._parts(coap.option(options, BLOCK1))
        assert number * (16 << exponent) == len(b"".join(taken))
        taken.append(bytes(payload))
        if not more:
            break
        transfer.take(blockwise.CONTINUE, [(BLOCK1, blockwise._block(number, True, 0))], b"")

    assert b"".join(taken) == body(200)
    assert [len(each) for each in taken] == [64] + [16] * 8 + [8]


def test_a_server_without_room_for_the_first_block_gets_smaller_ones():
    transfer = Transfer(coap.POST, PATH, body(200))
    assert len(transfer.request()[2]) == 200
    transfer.take(coap.REQUEST_ENTITY_TOO_LARGE, [(BLOCK1, blockwise._block(0, False, 1))], b"")

    assert len(transfer.request()[2]) == 32


def test_a_server_that_takes_no_such_body_has_the_last_word():
    transfer = Transfer(coap.POST, PATH, body(2000))
    transfer.take(coap.REQUEST_ENTITY_TOO_LARGE, [], b"")

    assert (transfer.is_done, transfer.code) == (True, coap.REQUEST_ENTITY_TOO_LARGE)


def test_a_server_that_lost_blocks_gets_all_again_once():
    server = Server(lose=(3,))
    run(Transfer(coap.POST, PATH, body(200), size_exponent=0), server)
    assert server.received == body(200)

    error = refused(TransferError, run, Transfer(coap.POST, PATH, body(200), size_exponent=0), Server(lose=(3, 6)))

    assert str(error) == "the server lost blocks again"


def test_what_is_too_large_is_refused_before_it_is_kept():
    transfer = Transfer(GET, PATH, body_max=100)
    assert str(refused(TransferError, run, transfer, Server(body(500), exponent=2))) == "more than 100 bytes"
    assert len(transfer.body) <= 100

    refused(TransferError, run, Transfer(GET, PATH, body_max=100), Server(body(101)))
    run(Transfer(GET, PATH, body_max=101), Server(body(101)))
    announced = [(BLOCK2, blockwise._block(0, True, 0)), (SIZE2, coap.uint_value(101))]
    refused(TransferError, Transfer(GET, PATH, body_max=100).take, CONTENT, announced, bytes(16))


def test_a_body_that_changes_while_it_is_read_is_refused():
    error = refused(TransferError, run, Transfer(GET, PATH), Server(body(500), 2, etags=(b"a", b"a", b"b")))

    assert str(error) == "what is read changed meanwhile"


def test_a_sink_gets_each_piece_and_nothing_gathers():
    pieces = []
    transfer = run(Transfer(GET, PATH, body_max=10_000, sink=pieces.append), Server(body(5000), 3))

    assert b"".join(pieces) == body(5000)
    assert (transfer.received, len(transfer.body)) == (5000, 0)
    assert max(len(each) for each in pieces) == 128


def test_a_block_that_was_not_asked_for_ends_the_transfer():
    wrong = (
        (1, True, 0, 16),  # not the first
        (0, True, 0, 15),  # shorter than it says, and more to come
        (0, False, 0, 17),  # longer than it says
    )
    for number, more, exponent, size in wrong:
        transfer = Transfer(GET, PATH, size_exponent=2)
        options = [(BLOCK2, blockwise._block(number, more, exponent))]
        refused(TransferError, transfer.take, CONTENT, options, bytes(size))
    transfer = Transfer(GET, PATH, size_exponent=0)
    refused(TransferError, transfer.take, CONTENT, [(BLOCK2, blockwise._block(0, True, 1))], bytes(32))


def test_in_the_middle_nothing_but_the_next_block_will_do():
    for code, options in ((CONTENT, []), (0x84, []), (CONTENT, [(BLOCK2, blockwise._block(2, False, 0))])):
        transfer = Transfer(GET, PATH, size_exponent=0)
        transfer.take(CONTENT, [(BLOCK2, blockwise._block(0, True, 0))], bytes(16))
        refused(TransferError, transfer.take, code, options, bytes(16))


def test_a_continue_for_another_block_ends_the_transfer():
    for options in ([], [(BLOCK1, blockwise._block(1, True, 0))], [(BLOCK1, blockwise._block(0, True, 1))]):
        transfer = Transfer(coap.POST, PATH, body(64), size_exponent=0)
        refused(TransferError, transfer.take, blockwise.CONTINUE, options, b"")
    for value in (bytes(4), b"\x07", b"\x17"):
        refused(TransferError, blockwise._parts, value)


def test_a_tag_goes_with_every_block():
    transfer = Transfer(coap.POST, PATH, body(64), tag=b"7", size_exponent=0)

    assert coap.option(transfer.request()[1], blockwise.REQUEST_TAG) == b"7"
