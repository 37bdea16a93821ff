# SPDX-License-Identifier: Apache-2.0
"""Names a secret: needed at the start only."""

from hashlib import sha256


def fingerprint(master_secret: bytes, master_salt: bytes, kid: bytes) -> bytes:
    """Names a set of keys without telling anything of them."""
    digest = sha256()
    for part in (master_secret, master_salt, kid):
        digest.update(bytes((len(part),)))
        digest.update(part)
    return digest.digest()[:8]
