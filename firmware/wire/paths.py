# SPDX-License-Identifier: Apache-2.0
"""Where a device posts, and how much it may post at once."""

from wire import const

PORT = const(5683)  # CoAP over UDP (RFC 7252 section 12.8)
READINGS = "r"  # Uri-Path of the resource a device posts readings to
HEALTH = "h"  # the one for its health records
TAGS = "t"  # the one for a reader's tag events
PAYLOAD_MAX = const(1024)  # bytes of a request's payload; with OSCORE and IPv6 around it still below an MTU of 1280
