# SPDX-License-Identifier: Apache-2.0
"""The OSCORE state of a device that was there before: keys without an ID context, whose numbers begin."""

from device.sequence import PartialIvs


def provision(flash, key_fingerprint):
    """Nothing is changed where the state of this key is."""
    ivs = PartialIvs(flash, key_fingerprint)
    if ivs.is_lost:
        ivs.begin(b"")
        ivs._store(0)
