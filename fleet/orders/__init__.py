# SPDX-License-Identifier: Apache-2.0
"""When to order, how much, and how an order leaves the house."""
