# SPDX-License-Identifier: Apache-2.0
"""Who plays: the items, their bins on fitting load cells, the people who pick from them, and the levels to order at."""

import secrets
from dataclasses import dataclass, field, replace
from typing import Any

COUNTS_PER_G_AT_1G = 2.147e6  # HX711 at gain 128 on a 1 mV/V cell: divide by its capacity in grams
NOISE_COUNTS = 60  # rms of one sample at 10 samples a second
ZERO_COUNTS = 84_000  # no cell is at zero when it is empty
BOARD = "esp32_wroom"


@dataclass(frozen=True)
class Kind:
    """An item and everything that is typical of its bin. Times are simulated seconds."""

    item: str
    name: str
    piece_g: float
    bin_g: float
    capacity_g: int
    pieces: int
    pick_every_s: float
    pick_pieces: float
    reorder_point: int
    order_up_to: int
    order_multiple: int
    lead_time_s: int = 240

    @property
    def counts_per_g(self) -> float:
        """What the converter says per gram."""
        return COUNTS_PER_G_AT_1G / self.capacity_g

    @property
    def tare_raw(self) -> int:
        """What it says for the empty bin."""
        return ZERO_COUNTS + round(self.bin_g * self.counts_per_g)


KINDS = (
    Kind("screw-m4x12", "Screw M4 x 12", 1.8, 210, 5_000, 305, 50, 12, 250, 900, 100),
    Kind("washer-m4", "Washer M4", 0.6, 95, 1_000, 560, 60, 14, 300, 1_200, 200),
    Kind("nut-m8", "Nut M8", 5.2, 260, 10_000, 270, 70, 8, 180, 700, 100),
    Kind("hinge-26", "Hinge, 26 mm cup", 25.0, 640, 20_000, 90, 80, 3, 60, 200, 20),
    Kind("bracket-60", "Corner bracket 60 mm", 38.0, 640, 20_000, 56, 90, 2, 40, 160, 20),
)

SHELF_KINDS = (
    Kind("screw-m5x20", "Screw M5 x 20", 3.6, 210, 5_000, 320, 160, 10, 200, 700, 100),
    Kind("screw-m6x30", "Screw M6 x 30", 7.8, 210, 5_000, 240, 170, 8, 150, 500, 50),
    Kind("nut-m6", "Nut M6", 2.5, 180, 5_000, 400, 180, 12, 250, 900, 100),
    Kind("washer-m6", "Washer M6", 1.1, 95, 2_000, 620, 190, 14, 400, 1_400, 200),
    Kind("dowel-8x40", "Dowel 8 x 40 mm", 1.6, 180, 2_000, 420, 200, 10, 250, 800, 100),
    Kind("shelf-pin-5", "Shelf pin 5 mm", 2.2, 180, 2_000, 380, 210, 8, 200, 700, 100),
    Kind("cam-15", "Cam lock 15 mm", 9.4, 260, 10_000, 260, 220, 6, 150, 500, 50),
    Kind("knob-30", "Knob 30 mm", 21.0, 420, 10_000, 130, 230, 3, 60, 240, 20),
)
LOCATION_NAMES = {"line-": "Assembly line ", "shelf": "Shelf "}


@dataclass(frozen=True)
class BinPlan:
    """One virtual bin: what lies in it, who it says it is, and its keys."""

    bin: str
    device: str
    stocking_location: str
    kid: str
    kind: Kind
    seed: int
    master_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    master_salt: str = field(default_factory=lambda: secrets.token_hex(8), repr=False)
    stir_every_s: float = 0.0
    stall_share: float = 0.0
    channel: int = 0

    def settings(self, fleet_host: str, fleet_port: int) -> dict[str, Any]:
        """kanbin.json of the device."""
        return {
            "device": self.device,
            "board": BOARD,
            "kid": self.kid,
            "master_secret": self.master_secret,
            "master_salt": self.master_salt,
            "fleet": {"host": fleet_host, "port": fleet_port},
            "wifi": {"ssid": "simulated", "password": "simulated"},
            "channels": [self.channel_settings()],
            "heartbeat_s": 300,
            "settle_s": 16,
            "sample_ms": 100,
        }

    def channel_settings(self) -> dict[str, int]:
        """Its entry in kanbin.json."""
        change_counts = max(0.4 * self.kind.piece_g * self.kind.counts_per_g, 6 * NOISE_COUNTS / 10**0.5)
        return {"channel": self.channel, "change_counts": round(change_counts)}

    def world(self) -> dict[str, Any]:
        """world.json of the room around it."""
        return {"board": BOARD, "channels": [self.wired()]}

    def wired(self) -> dict[str, Any]:
        """Its entry in world.json."""
        kind = self.kind
        cell = {"capacity_g": kind.capacity_g, "zero_counts": ZERO_COUNTS, "noise_counts": NOISE_COUNTS}
        script = {
            "seed": self.seed,
            "piece_g": kind.piece_g,
            "bin_g": kind.bin_g,
            "pieces": kind.pieces,
            "pick_every_s": kind.pick_every_s,
            "pick_pieces": kind.pick_pieces,
            "lean_g": kind.capacity_g * 0.2,
            "stir_every_s": self.stir_every_s,
            "stir_g": kind.piece_g * 20,
        }
        return {"channel": self.channel, "cell": cell, "script": script, "stall_share": self.stall_share}


@dataclass(frozen=True)
class ShelfPlan:
    """One virtual device with several bins, a channel each."""

    bins: tuple[BinPlan, ...]

    @property
    def device(self) -> str:
        """Who it says it is."""
        return self.bins[0].device

    def settings(self, fleet_host: str, fleet_port: int) -> dict[str, Any]:
        """kanbin.json of the device."""
        channels = [each.channel_settings() for each in self.bins]
        return self.bins[0].settings(fleet_host, fleet_port) | {"channels": channels, "thermometer": "ds18b20"}

    def world(self) -> dict[str, Any]:
        """world.json of the room around it."""
        return {"board": BOARD, "channels": [each.wired() for each in self.bins], "thermometer": True}


def plan_bins(number: int, seed: int, *, lead_time_s: int | None = None, stir_every_s: float = 0.0) -> list[BinPlan]:
    """`number` bins, the kinds in turn, each round of kinds at a stocking location of its own."""
    plans = []
    for index in range(number):
        rack, place = divmod(index, len(KINDS))
        kind = KINDS[place]
        if lead_time_s is not None:
            kind = replace(kind, lead_time_s=lead_time_s)
        name = f"bin-{index + 1:02d}"
        location = f"line-{rack + 1}"
        kid = f"{index + 1:04x}"
        plans.append(BinPlan(name, name, location, kid, kind, seed * 1000 + index, stir_every_s=stir_every_s))
    return plans


def plan_shelf(seed: int) -> ShelfPlan:
    """Eight bins of small parts on one board."""
    secret, salt = secrets.token_hex(16), secrets.token_hex(8)
    return ShelfPlan(
        tuple(
            BinPlan(
                f"shelf-01-{channel + 1}",
                "shelf-01",
                "shelf-1",
                "0100",
                kind,
                seed * 1000 + 500 + channel,
                secret,
                salt,
                channel=channel,
            )
            for channel, kind in enumerate(SHELF_KINDS)
        )
    )


def seed_document(plans: list[BinPlan]) -> dict[str, Any]:
    """The fleet's seed file for these bins, as `kanbin load` takes it."""
    kinds = {plan.kind.item: plan.kind for plan in plans}
    devices = {plan.device: plan for plan in plans}
    locations = sorted({plan.stocking_location for plan in plans})
    return {
        "customers": [{"customer": "nordwerk", "name": "Nordwerk Furniture"}],
        "sites": [{"site": "plant-1", "name": "Plant 1", "customer": "nordwerk"}],
        "stocking_locations": [
            {"stocking_location": location, "name": LOCATION_NAMES[location[:5]] + location[-1], "site": "plant-1"}
            for location in locations
        ],
        "items": [
            {"item": kind.item, "name": kind.name, "apw_g": str(kind.piece_g), "pack_size": kind.order_multiple}
            for kind in kinds.values()
        ],
        "devices": [
            {
                "device": plan.device,
                "kid": plan.kid,
                "master_secret": plan.master_secret,
                "master_salt": plan.master_salt,
            }
            for plan in devices.values()
        ],
        "bins": [
            {
                "bin": plan.bin,
                "device": plan.device,
                "channel": plan.channel,
                "item": plan.kind.item,
                "stocking_location": plan.stocking_location,
                "bin_weight_g": str(plan.kind.bin_g),
                "cell_capacity_g": str(plan.kind.capacity_g),
                "tare_raw": plan.kind.tare_raw,
                "counts_per_gram": f"{plan.kind.counts_per_g:.4f}",
            }
            for plan in plans
        ],
        "policies": [
            {
                "item": plan.kind.item,
                "stocking_location": plan.stocking_location,
                "reorder_point": plan.kind.reorder_point,
                "order_up_to": plan.kind.order_up_to,
                "order_multiple": plan.kind.order_multiple,
                "min_order_qty": plan.kind.order_multiple,
                "lead_time_s": plan.kind.lead_time_s,
            }
            for plan in plans
        ],
    }
