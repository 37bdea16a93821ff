# SPDX-License-Identifier: Apache-2.0
"""Devices: who they are, their keys, and when they were last heard."""
