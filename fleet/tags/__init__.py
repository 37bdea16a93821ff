# SPDX-License-Identifier: Apache-2.0
"""Tags: what RFID readers see, what the tags are bound to, and what their coming and going means for stock."""
