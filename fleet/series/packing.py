# SPDX-License-Identifier: Apache-2.0
"""A batch of points as bytes, for the outbox."""

import json
import zlib
from collections.abc import Sequence

from fleet.series.model import Point

FAST = 1  # of zlib's levels


def pack(points: Sequence[Point]) -> bytes:
    """JSON, compressed: names repeat in it a thousand times."""
    return zlib.compress(json.dumps(points, separators=(",", ":"), allow_nan=False).encode(), FAST)


def unpack(packed: bytes) -> list[Point]:
    """What `pack` was given. Raises ValueError for anything else."""
    try:
        rows = json.loads(zlib.decompress(packed))
    except zlib.error as error:
        raise ValueError(f"not a packed batch: {error}") from None
    return [Point(measurement, tuple(tags), time_ns, fields) for measurement, tags, time_ns, fields in rows]
