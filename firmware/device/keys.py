# SPDX-License-Identifier: Apache-2.0
"""Names a set of keys, and begins with a new one: needed at the start and at provisioning only."""

from hashlib import sha256

from device.sequence import OSCORE, StateLostError, load_oscore, store_oscore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from device.ports import Flash


def fingerprint(master_secret: bytes, master_salt: bytes, kid: bytes) -> bytes:
    """Names a set of keys without telling anything of them."""
    digest = sha256()
    for part in (master_secret, master_salt, kid):
        digest.update(bytes((len(part),)))
        digest.update(part)
    return digest.digest()[:8]


def provision(flash: "Flash", key_fingerprint: bytes) -> None:
    """Begin with a NEW key: its partial IVs start at 0. Repeating it with the same key changes nothing.

    Raises StateLostError when there is a broken state, which may be of this very key: remove it only with a new key.
    """
    state = load_oscore(flash)
    if state is None and flash.read(OSCORE) is not None:
        raise StateLostError("%s is broken: make a new key, remove the file, provision again" % OSCORE)
    if state is None or state[2] != key_fingerprint:
        store_oscore(flash, 0, key_fingerprint)
