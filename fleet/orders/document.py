# SPDX-License-Identifier: Apache-2.0
"""The document an order leaves as: JSON, the same text for the same order for ever."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One item of the order; `qty` is in pieces, a whole number of `order_multiple`."""

    item: str
    qty: int
    order_multiple: int


def order_document(
    order_no: str, created_at_ms: int, stocking_location: str, site: str, customer: str, lines: Sequence[DocumentLine]
) -> str:
    """The JSON text, with a line end; `created_at` is UTC by RFC 3339, to the millisecond."""
    created_at = datetime.fromtimestamp(created_at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    document = {
        "order_no": order_no,
        "created_at": f"{created_at}.{created_at_ms % 1000:03d}Z",
        "stocking_location": stocking_location,
        "site": site,
        "customer": customer,
        "lines": [asdict(line) for line in lines],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
