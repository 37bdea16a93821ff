# SPDX-License-Identifier: Apache-2.0
"""Provisioning, run once on a device that got a NEW key: its partial IVs begin."""

from boards import CHANNELS
from device import settings
from device.outbox import FOLDER as OUTBOX_FOLDER
from device.sequence import FOLDER as STATE_FOLDER
from device.sequence import fingerprint, provision
from drivers.flash import Flash


def main() -> None:
    """Raises SettingsError or StateLostError, whose texts say what to do."""
    flash = Flash((STATE_FOLDER, OUTBOX_FOLDER))
    config = settings.parse(flash.read(settings.FILE), CHANNELS)
    provision(flash, fingerprint(config.master_secret, config.master_salt, config.kid))
    print("kanbin: provisioned device=%s" % config.device)
