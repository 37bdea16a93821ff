# SPDX-License-Identifier: Apache-2.0
"""What a device can be: each app puts drivers and behaviour together."""
