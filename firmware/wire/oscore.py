# SPDX-License-Identifier: Apache-2.0
"""OSCORE (RFC 8613): protects code, options and payload of CoAP messages end to end, with AES-CCM-16-64-128."""

from wire import cbor, coap, hkdf

ID_BYTES_MAX = 7  # the nonce's 13 bytes less 6 (section 3.3)
PARTIAL_IV_MAX = (1 << 40) - 1

_ALGORITHM = 10  # AES-CCM-16-64-128 in COSE
_KEY_BYTES = 16
_NONCE_BYTES = 13


class ProtectionError(ValueError):
    """The message is not what the peer protected for this context and this request."""


class Context:
    """A security context (section 3.1) without its mutable part: numbers and replay window are the caller's to keep.

    `aead` has encrypt(key, nonce, plaintext, aad) and decrypt(key, nonce, ciphertext, aad); the latter raises
    ProtectionError. A `binding` ties a response to its request: (kid, partial IV, nonce) of the request.
    """

    def __init__(self, aead, sender_id, sender_key, recipient_id, recipient_key, common_iv, id_context=None):
        if len(sender_id) > ID_BYTES_MAX or len(recipient_id) > ID_BYTES_MAX:
            raise ValueError(f"sender_id, recipient_id: longer than {ID_BYTES_MAX} bytes")
        if sender_id == recipient_id:
            raise ValueError("sender_id, recipient_id: must differ, or both sides use the same nonces")
        self.sender_id = sender_id
        self.sender_key = sender_key
        self.recipient_id = recipient_id
        self.recipient_key = recipient_key
        self.common_iv = common_iv
        self.id_context = id_context
        self._aead = aead
        self._sender_nonce = _nonce_base(sender_id, common_iv)
        self._recipient_nonce = _nonce_base(recipient_id, common_iv)

    @staticmethod
    def derive(aead, master_secret, master_salt, sender_id, recipient_id, id_context=None):
        """The context of two peers that share a master secret (section 3.2); an empty salt is no salt."""
        pseudorandom_key = hkdf.extract(master_salt, master_secret)

        def key(identifier, purpose, length):
            info = cbor.encode([identifier, id_context, _ALGORITHM, purpose, length])
            return hkdf.expand(pseudorandom_key, info, length)

        sender_key = key(sender_id, "Key", _KEY_BYTES)
        recipient_key = key(recipient_id, "Key", _KEY_BYTES)
        common_iv = key(b"", "IV", _NONCE_BYTES)
        return Context(aead, sender_id, sender_key, recipient_id, recipient_key, common_iv, id_context)

    def protect_request(self, partial_iv, code, options, payload):
        """(OSCORE option value, ciphertext, binding) of a request.

        `partial_iv` is an integer that this context has never used before, not even before a power cut: a number used
        twice gives the key stream away. All of `options` are protected (class E).
        """
        iv = _iv_bytes(partial_iv)
        nonce = _nonce(self._sender_nonce, partial_iv)
        binding = (self.sender_id, iv, nonce)
        ciphertext = self._aead.encrypt(self.sender_key, nonce, _plaintext(code, options, payload), _aad(binding))
        return encode_option(iv, self.sender_id, self.id_context), ciphertext, binding

    def unprotect_response(self, binding, message):
        """(code, options, payload) inside a response; options outside are dropped. ProtectionError otherwise."""
        iv, kid_context, kid = _message_option(message)
        if kid not in (None, self.recipient_id) or kid_context not in (None, self.id_context):
            raise ProtectionError("response is of another security context")
        nonce = binding[2] if iv is None else _nonce(self._recipient_nonce, int.from_bytes(iv, "big"))
        return self._open(message.payload, nonce, binding)

    def unprotect_request(self, message):
        """(code, options, payload, binding) of a request; options outside are dropped. ProtectionError otherwise.

        Whether binding[1], the partial IV, was seen before is for the caller to find out.
        """
        iv, kid_context, kid = _message_option(message)
        if iv is None or kid is None:
            raise ProtectionError("request without partial IV or key identifier")
        if kid != self.recipient_id or kid_context not in (None, self.id_context):
            raise ProtectionError("request is of another security context")
        binding = (kid, iv, _nonce(self._recipient_nonce, int.from_bytes(iv, "big")))
        code, options, payload = self._open(message.payload, binding[2], binding)
        return code, options, payload, binding

    def protect_response(self, binding, code, options, payload, partial_iv=None):
        """(OSCORE option value, ciphertext) of a response.

        Without a `partial_iv` it takes the nonce of the request, which is good for one response only (section 8.3).
        """
        if partial_iv is None:
            option_value, nonce = b"", binding[2]
        else:
            option_value, nonce = encode_option(_iv_bytes(partial_iv)), _nonce(self._sender_nonce, partial_iv)
        plaintext = _plaintext(code, options, payload)
        return option_value, self._aead.encrypt(self.sender_key, nonce, plaintext, _aad(binding))

    def _open(self, ciphertext, nonce, binding):
        plaintext = self._aead.decrypt(self.recipient_key, nonce, ciphertext, _aad(binding))
        if not plaintext:
            raise ProtectionError("plaintext is empty")
        try:
            options, payload = coap.decode_options(plaintext, 1)
        except coap.FormatError as error:
            raise ProtectionError(f"plaintext: {error}") from None
        return plaintext[0], options, payload


def encode_option(iv, kid=None, kid_context=None):
    """The value of the OSCORE option (section 6.1): partial IV, key identifier and its context, each or None."""
    value = bytearray(1)
    if iv is not None:
        value[0] |= len(iv)
        value.extend(iv)
    if kid_context is not None:
        value[0] |= 0x10
        value.append(len(kid_context))
        value.extend(kid_context)
    if kid is not None:
        value[0] |= 0x08
        value.extend(kid)
    return bytes(value) if value[0] else b""


def decode_option(value):
    """(partial IV, key identifier context, key identifier), None where absent; ProtectionError when malformed."""
    if not value:
        return None, None, None
    flags = value[0]
    iv_bytes = flags & 7
    if flags & 0xE0 or iv_bytes > 5 or not flags:
        raise ProtectionError("OSCORE option has reserved flags")
    end = 1 + iv_bytes
    if end > len(value):
        raise ProtectionError("OSCORE option is cut off")
    iv = value[1:end] if iv_bytes else None
    kid_context = None
    if flags & 0x10:
        start = end + 1
        if start > len(value) or start + value[end] > len(value):
            raise ProtectionError("OSCORE option is cut off")
        end = start + value[end]
        kid_context = value[start:end]
    if flags & 0x08:
        return iv, kid_context, value[end:]
    if end != len(value):
        raise ProtectionError("OSCORE option goes on behind its end")
    return iv, kid_context, None


def _message_option(message):
    value = coap.option(message.options, coap.OSCORE)
    if value is None:
        raise ProtectionError("message is not protected")
    return decode_option(value)


def _plaintext(code, options, payload):
    plaintext = bytearray()
    plaintext.append(code)
    coap.append_options(plaintext, options, payload)
    return bytes(plaintext)


def _iv_bytes(partial_iv):
    if not 0 <= partial_iv <= PARTIAL_IV_MAX:
        raise ValueError(f"partial_iv: {partial_iv} is outside 0..{PARTIAL_IV_MAX}")
    return coap.uint_value(partial_iv) or b"\x00"


def _nonce_base(identifier, common_iv):
    """The nonce of an identifier, partial IV zero, as an integer (section 5.2)."""
    padded = len(identifier) << 96 | (int.from_bytes(identifier, "big") << 40 if identifier else 0)
    return padded ^ int.from_bytes(common_iv, "big")


def _nonce(base, partial_iv):
    return (base ^ partial_iv).to_bytes(_NONCE_BYTES, "big")


def _aad(binding):
    """The additional authenticated data (section 5.4): an Encrypt0 structure around the external AAD array.

    Written out by hand, because nothing in it is longer than what fits one byte of CBOR head.
    """
    kid, iv, _ = binding
    aad = bytearray(b"\x83\x68Encrypt0\x40")
    aad.append(0x40 | 7 + len(kid) + len(iv))
    aad.extend(b"\x85\x01\x81\x0a")  # version 1, [AES-CCM-16-64-128]
    aad.append(0x40 | len(kid))
    aad.extend(kid)
    aad.append(0x40 | len(iv))
    aad.extend(iv)
    aad.append(0x40)  # no class I options
    return bytes(aad)
