# SPDX-License-Identifier: Apache-2.0
"""OSCORE (RFC 8613) as a device needs it: protects requests and opens responses, with AES-CCM-16-64-128.

The other half is wire.oscore_server, and the keys are made in wire.derive: both take memory that a device has not.
"""

from wire import coap, const

PARTIAL_IV_BYTES_MAX = const(5)

AAD_END = b"\x40"  # no class I options

_ID_BYTES_MAX = const(7)  # the nonce's 13 bytes less 6 (section 3.3)
_NONCE_BYTES = const(13)


class ProtectionError(ValueError):
    """The message is not what the peer protected for this context and this request."""


class Context:
    """A security context (section 3.1) without its mutable part: numbers and replay window are the caller's to keep.

    `aead` has encrypt(key, nonce, plaintext, aad), which may do it in place, and decrypt(key, nonce, ciphertext, aad),
    which raises ProtectionError. A `binding` ties a response to its request: its kid, partial IV, nonce and AAD.
    `kid_context` is what requests say of the ID context: itself, or what its owner puts there; None says nothing.
    """

    def __init__(self, aead, sender_id, sender_key, recipient_id, recipient_key, common_iv, id_context=None):
        if len(sender_id) > _ID_BYTES_MAX or len(recipient_id) > _ID_BYTES_MAX:
            raise ValueError(f"sender_id, recipient_id: longer than {_ID_BYTES_MAX} bytes")
        if sender_id == recipient_id:
            raise ValueError("sender_id, recipient_id: must differ, or both sides use the same nonces")
        self.sender_id = sender_id
        self.sender_key = sender_key
        self.recipient_id = recipient_id
        self.recipient_key = recipient_key
        self.common_iv = common_iv
        self.kid_context = id_context
        self._aead = aead
        self._iv_bytes = 0
        self._aad_head = b""
        self._sender_base = _nonce_base(sender_id, common_iv)
        self._recipient_base = _nonce_base(recipient_id, common_iv)

    @classmethod
    def derive(cls, aead, master_secret, master_salt, sender_id, recipient_id, id_context=None):
        """The context of two peers that share a master secret (section 3.2); an empty salt is no salt."""
        from wire import derive  # not before: needed once, and a device then forgets it

        keys = derive.keys(master_secret, master_salt, sender_id, recipient_id, id_context)
        return cls(aead, sender_id, keys[0], recipient_id, keys[1], keys[2], id_context)

    def protect_request(self, partial_iv, code, options, payload):
        """(OSCORE option value, ciphertext, binding) of a request.

        `partial_iv` is an integer that this context has never used before, not even before a power cut: a number used
        twice gives the key stream away. All of `options` are protected (class E).
        """
        iv = iv_bytes(partial_iv)
        nonce = nonce_of(self._sender_base, partial_iv)
        if len(iv) != self._iv_bytes:  # what depends on that alone stays the same for long
            self._iv_bytes = len(iv)
            self._aad_head = aad_head(self.sender_id, len(iv))
        binding = (self.sender_id, iv, nonce, self._aad_head + iv + AAD_END)
        ciphertext = self._seal(nonce, binding, code, options, payload)
        return encode_option(iv, self.sender_id, self.kid_context), ciphertext, binding

    def unprotect_response(self, binding, message):
        """(code, options, payload) inside a response; options outside are dropped. ProtectionError otherwise.

        A response that names an ID context offers another one (wire.renewal), and is not one of this.
        """
        value = protection(message)
        nonce = binding[2]
        if value:
            flags = value[0]
            end = 1 + (flags & 7)
            kid = self.recipient_id if flags & 8 else b""
            if not 0 < flags < 16 or end > 1 + PARTIAL_IV_BYTES_MAX or len(value) < end or value[end:] != kid:
                raise ProtectionError("OSCORE option is malformed or of another security context")
            if end > 1:
                nonce = nonce_of(self._recipient_base, int.from_bytes(value[1:end], "big"))
        return self._open(nonce, binding, message.payload)

    def _seal(self, nonce, binding, code, options, payload):
        plaintext = bytearray()
        plaintext.append(code)
        coap.append_options(plaintext, options, payload)
        return self._aead.encrypt(self.sender_key, nonce, plaintext, binding[3])

    def _open(self, nonce, binding, ciphertext):
        plaintext = self._aead.decrypt(self.recipient_key, nonce, ciphertext, binding[3])
        if not plaintext:
            raise ProtectionError("plaintext is empty")
        try:
            options, payload = coap.decode_options(plaintext, 1)
        except coap.FormatError as error:
            raise ProtectionError(f"plaintext: {error}") from None
        return plaintext[0], options, payload


def encode_option(iv, kid=None, kid_context=None):
    """The value of the OSCORE option (section 6.1): partial IV, key identifier and its context, each or None."""
    flags, value = 0, b""
    if iv is not None:
        flags, value = len(iv), iv
    if kid_context is not None:
        flags |= 0x10
        value = value + bytes((len(kid_context),)) + kid_context
    if kid is not None:
        flags |= 0x08
        value = value + kid
    return bytes((flags,)) + value if flags else b""


def protection(message):
    """The value of the one OSCORE option of a message; ProtectionError when there is none, or more."""
    found = None
    for number, value in message.options:
        if number == coap.OSCORE:
            if found is not None:
                raise ProtectionError("OSCORE option is there twice")
            found = value
    if found is None:
        raise ProtectionError("message is not protected")
    return found


def iv_bytes(partial_iv):
    """A partial IV in its shortest form; ValueError when it is longer than 5 bytes."""
    if partial_iv < 0 or partial_iv >> (8 * PARTIAL_IV_BYTES_MAX):
        raise ValueError(f"partial_iv: {partial_iv} is not a number of up to {PARTIAL_IV_BYTES_MAX} bytes")
    size = 1
    while partial_iv >> (8 * size):
        size += 1
    return partial_iv.to_bytes(size, "big")


def _nonce_base(identifier, common_iv):
    """The nonce of an identifier, partial IV zero, as an integer."""
    padded = len(identifier) << 96 | (int.from_bytes(identifier, "big") << 40 if identifier else 0)
    return padded ^ int.from_bytes(common_iv, "big")


def nonce_of(base, partial_iv):
    """The nonce of 13 bytes for the partial IV, an integer, of the peer whose base it is (section 5.2)."""
    return (base ^ partial_iv).to_bytes(_NONCE_BYTES, "big")


def aad_head(kid, iv_bytes):
    """What comes before the partial IV in the additional authenticated data (section 5.4); behind it comes AAD_END.

    An Encrypt0 structure around the external AAD array, by hand: nothing in it exceeds what fits one byte of CBOR head.
    """
    # The array's length, version 1, [AES-CCM-16-64-128], the key identifier, and the length of the partial IV.
    head = bytes((0x40 | 7 + len(kid) + iv_bytes, 0x85, 0x01, 0x81, 0x0A, 0x40 | len(kid)))
    return b"\x83\x68Encrypt0\x40" + head + kid + bytes((0x40 | iv_bytes,))
