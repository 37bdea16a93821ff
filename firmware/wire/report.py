# SPDX-License-Identifier: Apache-2.0
"""A device's report to the fleet: the request that carries readings, and what each reply to it means."""

from wire import coap, const

DURABLE = "durable"  # the fleet has what was posted on disk: it may be deleted here
ECHO = "echo"  # send again, with the Echo value and a new partial IV (RFC 9175, RFC 8613 appendix B.1.2)
REFUSED = "refused"  # the fleet will never take this message: find the reading it means, set it aside and say so
SMALLER = "smaller"  # the fleet takes these readings in smaller messages only
WAIT = "wait"  # keep the readings and send them later, in so many seconds when the fleet says when
HINT = "hint"  # not protected: anybody may have sent it, so it changes nothing

_ECHO_BYTES_MAX = const(40)  # RFC 9175 section 2.2.1


def request(context, partial_iv, message_id, path, payload, echo=None):
    """(datagram, binding) of a confirmable POST to `path`, whose token is empty: a device asks one thing at a time.

    There is no Content-Format, absent means the message of that path. `echo` is the value an ECHO reply brought along.
    """
    options = [(coap.URI_PATH, path.encode())]
    if echo is not None:
        options.append((coap.ECHO, echo))
    option_value, ciphertext, binding = context.protect_request(partial_iv, coap.POST, options, payload)
    outer = [(coap.OSCORE, option_value)]
    return coap.datagram(coap.CON, coap.POST, message_id, b"", outer, ciphertext), binding


def reply(context, binding, message):
    """(meaning, detail) of a response: DURABLE with its news (bytes) or None, ECHO with its value, WAIT with seconds or
    None, HINT and REFUSED with the code.

    Raises nothing: whatever is not protected for this very request is a HINT.
    """
    try:
        code, options, payload = context.unprotect_response(binding, message)
    except ValueError:
        return HINT, message.code
    if code == coap.CHANGED:
        return DURABLE, payload or None
    if code == coap.BAD_REQUEST:
        return REFUSED, code
    if code == coap.REQUEST_ENTITY_TOO_LARGE:
        return SMALLER, None
    if code == coap.UNAUTHORIZED:
        echo = coap.option(options, coap.ECHO)
        if echo and len(echo) <= _ECHO_BYTES_MAX:
            return ECHO, echo
    if code == coap.SERVICE_UNAVAILABLE:
        return WAIT, coap.max_age_s(options)
    return WAIT, None
