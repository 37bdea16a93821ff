# SPDX-License-Identifier: Apache-2.0
"""How a session gets new keys when the old ones can be used no more: needed hardly ever, and forgotten again.

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

from wire import const, renewal

_TYPING = const(0)
if _TYPING:
    from wire import coap

    from device.ports import Random
    from device.session import Session


def ask(session: "Session", message_id: int) -> tuple:
    """(datagram, binding) of request 1."""
    session.named = _nonce(session.random, renewal.R1_BYTES)
    asking = session.derive(session.named)
    asking.kid_context = renewal.wrap(session.named)
    return renewal.first_request(asking, message_id)


def offer(session: "Session", binding: tuple, message: "coap.Message") -> "bytes | None":
    """The R2 of an offer that the fleet made to the request on its way."""
    try:
        r2 = renewal.offered(message)
    except ValueError:
        return None
    if r2 is not None and renewal.is_offer(session.derive(r2 + session.named), binding, message):
        return r2
    return None


def take(session: "Session", r2: bytes) -> None:
    """New keys; the flash has what makes them before they are used."""
    session.context = None  # whatever fails below: the old keys never meet the new numbers
    session.ivs.begin(r2 + _nonce(session.random, renewal.R3_BYTES))
    session.use(is_named=True)


def _nonce(random: "Random", size: int) -> bytes:
    nonce = b""
    while len(nonce) < size:
        nonce += random.uint32().to_bytes(4, "big")
    return nonce
