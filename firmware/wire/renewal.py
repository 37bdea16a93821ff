# SPDX-License-Identifier: Apache-2.0
"""New keys out of the old secret (RFC 8613 appendix B.2), for a device that lost its state: what it sends and reads.

    device                                   fleet
    keys of R1:           request 1, R1  →
                                         ←   4.01, R2          keys of R2 || R1
    keys of R2 || R3:     request 2, R2 || R3  →
                                         ←   its reply         keys of R2 || R3

"Keys of X" are those derived with X as ID context; what a message says of X is the key identifier context, a CBOR byte
string. The fleet answers so to every request whose ID context it neither has nor gave the R2 of. A device therefore
takes a 4.01 with an R2 to any request that named its ID context for the beginning of a renewal: R1 need not be random
for that, but whatever ID context the request named.
"""

from wire import coap, const, oscore

R1_BYTES = const(8)
R3_BYTES = const(8)
_ID_CONTEXT_BYTES_MAX = const(40)

_R2_BYTES_MIN = const(8)
_R2_BYTES_MAX = const(24)
_KID_CONTEXT = const(0x10)  # a flag of the OSCORE option (section 6.1)


def wrap(id_context):
    """The key identifier context that names an ID context: a CBOR byte string of up to 255 bytes."""
    size = len(id_context)
    return (bytes((0x40 | size,)) if size < 24 else bytes((0x58, size))) + id_context


def unwrap(kid_context):
    """The ID context in a key identifier context; None unless it is what `wrap` makes of one of 8 to 40 bytes."""
    id_context = kid_context[2:] if kid_context[:1] == b"\x58" else kid_context[1:]
    if R1_BYTES <= len(id_context) <= _ID_CONTEXT_BYTES_MAX and wrap(id_context) == kid_context:
        return id_context
    return None


def first_request(context, message_id):
    """(datagram, binding) of request 1, protected with keys of R1; the context says R1.

    It carries nothing. Should ever one R1 come twice, from a device whose random numbers are none, the same bytes are
    encrypted twice, and nobody learns anything.
    """
    option_value, ciphertext, binding = context.protect_request(0, coap.POST, [], b"")
    message = coap.Message(coap.CON, coap.POST, message_id, b"", [(coap.OSCORE, option_value)], ciphertext)
    return coap.encode(message), binding


def offered(message):
    """The R2 that a response names, not verified; None when it names none. ProtectionError as oscore.protection."""
    return _split(oscore.protection(message))[0]


def is_offer(context, binding, message):
    """Whether a response is the fleet's offer to renew, made to this very request; `context` is of R2 || R1."""
    try:
        option_value = _split(oscore.protection(message))[1]
        plain = coap.Message(message.type, message.code, 0, b"", [(coap.OSCORE, option_value)], message.payload)
        return context.unprotect_response(binding, plain)[0] == coap.UNAUTHORIZED
    except oscore.ProtectionError:
        return False


def _split(value):
    """(R2 or None, the rest of the value) of the OSCORE option."""
    if not value or not value[0] & _KID_CONTEXT:
        return None, value
    start = 1 + (value[0] & 7)
    end = start + 1 + (value[start] if start < len(value) else 0)
    r2 = unwrap(value[start + 1 : end])
    if r2 is None or not _R2_BYTES_MIN <= len(r2) <= _R2_BYTES_MAX:
        return None, value
    flags = value[0] & ~_KID_CONTEXT
    return r2, bytes((flags,)) + value[1:start] + value[end:] if flags else b""
