# SPDX-License-Identifier: Apache-2.0
"""Two readers in the made-up fleet: a shelf of packages with boxes' empties beside it, and one that sees nothing."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.devices.tables import DeviceRow
from fleet.stock.tables import ItemRow, StockingLocationRow
from fleet.tags.binding import Binding, bind
from fleet.tags.epc import Epc, encode
from fleet.tags.log import append
from fleet.tags.model import KINDS, Kind, Patience
from fleet.tags.service import take_new_events
from fleet.tags.tables import AntennaRow
from tests.web.story import NOW_MS

MINUTE_MS = 60_000
HINGES = [encode(Epc("sgtin-96", 2, "0614141", "812345", str(6700 + number))) for number in range(3)]
BOX = encode(Epc("grai-96", 0, "0614141", "12345", "5678"))
BIN = encode(Epc("giai-96", 0, "0614141", "401", None))
STRANGER = bytes.fromhex("e28011700000020f1a2b3c4d")
SHELF, EMPTIES = 0, 1
SEEN = (  # (kind, epc, antenna, minutes ago)
    ("entered", HINGES[0], SHELF, 2_950),
    ("entered", HINGES[1], SHELF, 190),
    ("entered", STRANGER, SHELF, 31),
    ("entered", BIN, SHELF, 30),
    ("entered", BOX, EMPTIES, 12),
    ("present", HINGES[0], SHELF, 5),
    ("present", HINGES[1], SHELF, 5),
    ("entered", HINGES[2], 2, 3),
)


def tell(session: Session, now_ms: int = NOW_MS) -> None:
    """Writes the readers, what the tags are bound to, and what was seen, into the fleet of the story."""
    place = session.scalars(select(StockingLocationRow)).first()
    assert place is not None
    store = StockingLocationRow(stocking_location="store", name="Store room", site_id=place.site_id)
    session.add(store)
    session.add(ItemRow(item="hinge-35", name="Hinge, 35 mm cup", apw_g=31, pack_size=50))
    session.flush()
    antennas = {"reader-01": ((SHELF, "stock", place), (EMPTIES, "empties", place), (2, "stock", store))}
    for number, (name, seen_ms) in enumerate((("reader-01", 20_000), ("reader-02", 7_200_000)), start=101):
        device = DeviceRow(device=name, kid=bytes([number]), master_secret=bytes([number]) * 16, master_salt=b"")
        device.last_seen_at_ms = now_ms - seen_ms
        session.add(device)
        session.flush()
        for antenna, role, where in antennas.get(name, ((0, "stock", store),)):
            session.add(AntennaRow(device_id=device.id, antenna=antenna, stocking_location_id=where.id, role=role))
    session.flush()
    for epc in HINGES:
        bind(session, Binding(epc, Kind.PACKAGE, "hinge-35", place.stocking_location, 50), now_ms)
    bind(session, Binding(BOX, Kind.BOX, "hinge-35", "store", 200, in_stock=True), now_ms)
    bind(session, Binding(BIN, Kind.BIN, bin="bin-01"), now_ms)
    reader = session.scalars(select(DeviceRow.id).where(DeviceRow.device == "reader-01")).one()
    newest_s = 60 * 3_000
    for number, (kind, epc, antenna, minutes) in enumerate(SEEN):
        event = (number, KINDS.index(kind), antenna, newest_s - 60 * minutes, -58 - number, 4, epc)
        append(session, reader, (7, 1, 60 * minutes, [event]), now_ms)
    gap = (90, len(KINDS), EMPTIES, newest_s - 60 * 2_960, None, 12, b"")
    append(session, reader, (7, 1, 60 * 2_960, [gap]), now_ms)
    take_new_events(session, now_ms, 100, Patience())
