# SPDX-License-Identifier: Apache-2.0
"""Provisioning, run once on a device that got a NEW key: its partial IVs begin."""

from boards import CHANNELS
from device.keys import fingerprint, provision
from device.outbox import FOLDER as OUTBOX_FOLDER
from device.parse_settings import parse
from device.sequence import FOLDER as STATE_FOLDER
from device.settings import FILE
from drivers.flash import Flash


def main() -> None:
    """Raises SettingsError or StateLostError, whose texts say what to do."""
    flash = Flash((STATE_FOLDER, OUTBOX_FOLDER))
    config = parse(flash.read(FILE), CHANNELS)
    provision(flash, fingerprint(config.master_secret, config.master_salt, config.kid))
    print("kanbin: provisioned device=%s" % config.device)
