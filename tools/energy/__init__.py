# SPDX-License-Identifier: Apache-2.0
"""How long a battery lasts, and what it goes into: `kanbin energy`."""
