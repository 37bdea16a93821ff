# SPDX-License-Identifier: Apache-2.0
"""A scripted fleet that gives new keys (RFC 8613 appendix B.2) to whoever names an ID context that it does not have."""

from wire import coap, oscore, renewal
from wire.oscore_server import ServerContext, decode_option

from tests.ciphers import AEAD
from tests.fakes.fleet import KID, SALT, SECRET, ScriptedFleet


class RenewingFleet(ScriptedFleet):
    """`id_context` is the one it has; `offers` are the R2 it gave, of which it takes one. `deaf` is how many
    more it has forgotten when it is taken, as a fleet does that is restarted in between.
    """

    def __init__(self, script=(), id_context=None, deaf=0, **options):
        super().__init__(script, **options)
        self.deaf = deaf
        self.offers = []
        self.named = []  # ID contexts of all requests, None where they named none
        self._switch(id_context)

    def __call__(self, datagram):
        message = coap.decode(datagram)
        if message.code == coap.EMPTY:
            return super().__call__(datagram)
        kid_context = decode_option(oscore.protection(message))[1]
        named = None if kid_context is None else renewal.unwrap(kid_context)
        self.named.append(named)
        if named is not None and named != self.id_context:
            is_offered = named[:8] in self.offers[-1:]
            if is_offered and self.deaf == 0:
                self._switch(named)
            else:
                self.deaf -= is_offered
                return [self._offer(message, named)]
        try:
            return super().__call__(datagram)
        except oscore.ProtectionError:
            return [coap.encode(coap.Message(coap.ACK, coap.BAD_REQUEST, message.message_id))]

    def _offer(self, message, named):
        binding = context_of(named).unprotect_request(message)[3]
        r2 = b"R2-%05d" % len(self.offers)
        self.offers.append(r2)
        _, ciphertext = context_of(r2 + named).protect_response(binding, coap.UNAUTHORIZED, [], b"", 0)
        value = oscore.encode_option(b"\0", None, renewal.wrap(r2))
        options = [(coap.OSCORE, value)]
        return coap.encode(coap.Message(coap.ACK, coap.CHANGED, message.message_id, b"", options, ciphertext))

    def _switch(self, id_context):
        self.id_context = id_context
        self._context = context_of(id_context)
        self._answers = {}


def context_of(id_context):
    """The fleet's side of the keys."""
    context = ServerContext.derive(AEAD, SECRET, SALT, b"", KID, id_context)
    context.kid_context = None if id_context is None else renewal.wrap(id_context)
    return context
