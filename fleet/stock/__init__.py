# SPDX-License-Identifier: Apache-2.0
"""The items, where they are kept, and the ledger of every piece that came, went or was ordered."""
