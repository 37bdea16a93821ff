# SPDX-License-Identifier: Apache-2.0
"""Random numbers from the board's own source of noise."""

import os


class Entropy:
    def uint32(self) -> int:
        return int.from_bytes(os.urandom(4), "big")

    def below(self, limit: int) -> int:
        """0 <= result < limit; good enough for jitter, for limits far below 2**32."""
        return self.uint32() % limit
