# SPDX-License-Identifier: Apache-2.0
"""What every device has to post with, whatever it posts: keys, radio and link."""

import wire.oscore  # noqa: F401 - the largest module first: from source it takes most, and now the heap is empty
from device.health import Health
from device.link import Link
from device.sequence import PartialIvs, StateLostError
from drivers.cipher import aes
from drivers.udp import Udp
from drivers.vitals import Vitals
from wire.ccm import Ccm
from wire.oscore import Context

from apps.forget import forget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from device.ports import Source
    from device.sender import Sender
    from device.settings import Settings
    from device.status import Status
    from drivers.clock import Clock
    from drivers.entropy import Entropy
    from drivers.flash import Flash
    from drivers.wifi import Wifi

FLEET_SENDER_ID = b""


def make_link(
    sender: "Sender",
    source: "Source",
    tell,
    config: "Settings",
    flash: "Flash",
    clock: "Clock",
    network: "Wifi",
    random: "Entropy",
    status: "Status",
) -> None:
    """Give `sender` its link, which posts `source` and its health; none when the state of its keys is lost: the status
    says so.
    """
    try:
        ivs = PartialIvs(flash, key_fingerprint(config))
    except StateLostError as error:
        status.set("oscore_state_lost", str(error))
        return
    keys = Context.derive(Ccm(aes), config.master_secret, config.master_salt, config.kid, FLEET_SENDER_ID)
    forget("wire.derive", "wire.cbor", "wire.hkdf")
    radio = Udp(network, config.fleet_host, config.fleet_port)
    health = Health(clock, Vitals(network, flash), flash, tell)
    sender.link = Link((health, source), radio, clock, random, keys, ivs, sender)
    sender.health = health


def key_fingerprint(config: "Settings") -> bytes:
    from device.keys import fingerprint  # needed once

    found = fingerprint(config.master_secret, config.master_salt, config.kid)
    forget("device.keys")
    return found
