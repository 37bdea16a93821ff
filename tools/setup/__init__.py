# SPDX-License-Identifier: Apache-2.0
"""What a fresh checkout needs once before it runs."""
