# SPDX-License-Identifier: Apache-2.0
"""The gate: CoAP with OSCORE from the devices, verified, made durable, then acknowledged."""
