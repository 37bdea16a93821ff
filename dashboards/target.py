# SPDX-License-Identifier: Apache-2.0
"""A question as Grafana's InfluxDB data source takes it; the SDK has no class for it."""

from dataclasses import dataclass

from dashboards import sources
from dashboards.sdk import Builder, Dataquery


@dataclass(frozen=True, slots=True)
class InfluxQuery(Dataquery, Builder[Dataquery]):
    """InfluxQL text for the data source `source_uid`, answered as series or as a table. Is its own builder."""

    source_uid: str
    text: str
    ref_id: str = "A"
    is_table: bool = False
    alias: str = ""

    def build(self) -> "InfluxQuery":
        """Itself."""
        return self

    def to_json(self) -> dict[str, object]:
        """What the board's JSON holds."""
        query: dict[str, object] = {
            "refId": self.ref_id,
            "datasource": {"type": sources.TYPE, "uid": self.source_uid},
            "query": self.text,
            "rawQuery": True,
            "resultFormat": "table" if self.is_table else "time_series",
        }
        return query | ({"alias": self.alias} if self.alias else {})
