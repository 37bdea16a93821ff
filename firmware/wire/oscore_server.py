# SPDX-License-Identifier: Apache-2.0
"""The server's half of OSCORE (RFC 8613): opens requests and protects responses, which a device never does."""

from wire.oscore import (
    AAD_END,
    PARTIAL_IV_BYTES_MAX,
    Context,
    ProtectionError,
    aad_head,
    encode_option,
    iv_bytes,
    nonce_of,
    protection,
)


class ServerContext(Context):
    """A security context that can do both halves."""

    def unprotect_request(self, message):
        """(code, options, payload, binding) of a request; options outside are dropped. ProtectionError otherwise.

        Whether binding[1], the partial IV, was seen before is for the caller to find out.
        """
        iv, kid_context, kid = decode_option(protection(message))
        if iv is None or kid is None:
            raise ProtectionError("request without partial IV or key identifier")
        if kid != self.recipient_id or kid_context not in (None, self.kid_context):
            raise ProtectionError("request is of another security context")
        nonce = nonce_of(self._recipient_base, int.from_bytes(iv, "big"))
        binding = (kid, iv, nonce, aad_head(kid, len(iv)) + iv + AAD_END)
        code, options, payload = self._open(nonce, binding, message.payload)
        return code, options, payload, binding

    def protect_response(self, binding, code, options, payload, partial_iv=None):
        """(OSCORE option value, ciphertext) of a response.

        Without a `partial_iv` it takes the nonce of the request, which is good for one response only (section 8.3).
        """
        if partial_iv is None:
            option_value, nonce = b"", binding[2]
        else:
            option_value, nonce = encode_option(iv_bytes(partial_iv)), nonce_of(self._sender_base, partial_iv)
        return option_value, self._seal(nonce, binding, code, options, payload)


def decode_option(value):
    """(partial IV, key identifier context, key identifier), None where absent; ProtectionError when malformed."""
    if not value:
        return None, None, None
    flags = value[0]
    size = flags & 7
    if flags & 0xE0 or size > PARTIAL_IV_BYTES_MAX or not flags:
        raise ProtectionError("OSCORE option has reserved flags")
    end = 1 + size
    if end > len(value):
        raise ProtectionError("OSCORE option is cut off")
    iv = value[1:end] if size else None
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
