# SPDX-License-Identifier: Apache-2.0
"""How long the long tests are: short in `make test`, long in `make soak` (pytest --soak, or SOAK=1)."""

import os
import secrets

SOAK = os.environ.get("SOAK") == "1"
SEED = int(os.environ.get("SEED") or secrets.randbelow(1_000_000))
"""Of networks, people and power cuts; printed, and written into the figures, so that a story can be told again."""

READINGS = 10_000 if SOAK else 300
RESTARTS = 1_000_000 if SOAK else 3_000
"""Of a device's OSCORE state, most of them by a power cut."""
ATTACKS = 100_000 if SOAK else 600
"""Of each kind: replayed, forged; upon the gate, upon a device."""
POWER_CUTS = 20 if SOAK else 2
OUTAGE_S = 600.0 if SOAK else 4.0
"""For how long the store of time series is away while devices report."""
CALM_S = 60.0 if SOAK else 2.0
"""For how long all is well before and after it."""
