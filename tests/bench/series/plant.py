# SPDX-License-Identifier: Apache-2.0
"""A big plant in the relational store, made by a few statements: sites with five places, a bin for each item there."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from fleet.counting.tally import Tally
from fleet.db import open_engine, upgrade

PLACES_A_SITE, ITEMS_A_PLACE, SITES_A_CUSTOMER = 5, 100, 10
BINS_A_SITE = PLACES_A_SITE * ITEMS_A_PLACE
BINS_A_DEVICE = 8
MOVEMENTS_A_PAIR = 10
DAY_MS = 86_400_000

_NUMBERS = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {})"
_STATEMENTS = (
    ("customers", "{customers}", "n, 'customer-' || n, ''"),
    ("sites(id, site, name, customer_id)", "{sites}", "n, 'site-' || n, '', (n - 1) / :sites_a_customer + 1"),
    (
        "stocking_locations(id, stocking_location, name, site_id)",
        "{places}",
        "n, 'line-' || n, '', (n - 1) / :places_a_site + 1",
    ),
    ("items(id, item, name, apw_g, pack_size)", "{items}", "n, 'item-' || n, '', '5.0', 100"),
    (
        "devices(id, device, kid, master_secret, master_salt, last_seen_at_ms, boot_count)",
        "{devices}",
        "n, 'device-' || n, CAST(n AS BLOB), CAST('secret-' || n AS BLOB), x'', :now_ms - n % 60000, 1",
    ),
    (
        "bins(id, bin, device_id, channel, item_id, stocking_location_id, bin_weight_g, cell_capacity_g)",
        "{bins}",
        "n, 'bin-' || n, (n - 1) / 8 + 1, (n - 1) % 8, (n - 1) % :items + 1, (n - 1) / :items + 1, '200', '5000'",
    ),
    (
        "stock(item_id, stocking_location_id, qty_on_hand, qty_on_order, qty_unsent, in_doubt, order_due)",
        "{bins}",
        "(n - 1) % :items + 1, (n - 1) / :items + 1, n * 37 % 900, 0, 0, n % 50 = 0, 0",
    ),
    (
        "replenishment_policies(item_id, stocking_location_id, reorder_point, order_up_to, order_multiple,"
        " min_order_qty, lead_time_s)",
        "{bins}",
        "(n - 1) % :items + 1, (n - 1) / :items + 1, 200, 800, 100, 0, 259200",
    ),
    (
        "counter_states(bin_id, state, newest_state, newest_at_ms, pieces)",
        "{bins}",
        ":bins_a_device * 0 + n, :memory, CASE WHEN n % 40 = 0 THEN 'uncertain' ELSE 'ok' END,"
        " CASE WHEN n % 200 = 0 THEN 0 ELSE :now_ms END, 1",
    ),
    (
        "movements(item_id, stocking_location_id, kind, on_hand_delta, on_order_delta, at_ms, reference, bin_id)",
        "{movements}",
        "(n - 1) % :bins % :items + 1, (n - 1) % :bins / :items + 1, 'usage', -(n % 13), 0,"
        " :now_ms - n % 30 * 86400000, 'bench', (n - 1) % :bins + 1",
    ),
    ("series_cursors(name, value)", "1", "'movements', {movements}"),
)


def build_plant(file: Path, bins: int, now_ms: int) -> Engine:
    """A store with so many bins (a multiple of 500), each of them counted; its engine."""
    upgrade(f"sqlite:///{file}")
    engine = open_engine(f"sqlite:///{file}")
    sites = bins // BINS_A_SITE
    sizes = {
        "customers": -(-sites // SITES_A_CUSTOMER),
        "sites": sites,
        "places": sites * PLACES_A_SITE,
        "items": ITEMS_A_PLACE,
        "devices": -(-bins // BINS_A_DEVICE),
        "bins": bins,
        "movements": bins * MOVEMENTS_A_PAIR,
    }
    given: dict[str, Any] = {
        "now_ms": now_ms,
        "memory": Tally().memory.to_json(),
        "bins": bins,
        "items": ITEMS_A_PLACE,
        "places_a_site": PLACES_A_SITE,
        "sites_a_customer": SITES_A_CUSTOMER,
        "bins_a_device": BINS_A_DEVICE,
    }
    with engine.execution_options(kanbin_write=True).begin() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        for table, rows, values in _STATEMENTS:
            numbers = _NUMBERS.format(rows.format(**sizes))
            raw.execute(f"INSERT INTO {table} {numbers} SELECT {values.format(**sizes)} FROM n", given)
    return engine


def place_tags(bin_number: int) -> tuple[str, str, str, str]:
    """(customer, site, stocking_location, item) of a bin, counted from 1, as the statements above have it."""
    place = (bin_number - 1) // ITEMS_A_PLACE + 1
    site = (place - 1) // PLACES_A_SITE + 1
    customer = (site - 1) // SITES_A_CUSTOMER + 1
    return f"customer-{customer}", f"site-{site}", f"line-{place}", f"item-{(bin_number - 1) % ITEMS_A_PLACE + 1}"
