# SPDX-License-Identifier: Apache-2.0
"""What the technician's provisioning does on a device with a new key: the firmware's own OSCORE state begins."""

from apps import provision

provision.main()
