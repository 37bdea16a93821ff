# SPDX-License-Identifier: Apache-2.0
"""Whatever a counter is told: bounds hold the count, deltas add up, probabilities are some, and it never stumbles."""

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.counting.bayes import BayesCounter
from fleet.counting.counter import BinSetup, Count
from fleet.counting.watch import STATES

RAW = st.one_of(st.integers(-0x800000, 0x7FFFFF), st.integers(90_000, 110_000), st.sampled_from([0, 100_000, 0x7FFFFF]))
GAPS_S = st.sampled_from([0.0, 0.1, 1.0, 1.0, 1.0, 1.0, 17.0, 300.0, 300.0, 600.0, 90_000.0, 1e7])
TEMPS_C = st.one_of(st.none(), st.floats(-30, 60), st.just(float("nan")))
PIECES_G = st.sampled_from([0.05, 0.5, 5.0, 38.0, 4_000.0])
SETUPS = st.builds(
    BinSetup,
    tare_raw=st.integers(-200_000, 300_000),
    counts_per_gram=st.sampled_from([0.5, 107.0, 214.7, 429.0, 2_000.0]),
    cell_capacity_g=st.sampled_from([100.0, 5_000.0, 20_000.0]),
    bin_weight_g=st.sampled_from([0.0, 50.0, 500.0]),
    apw_g=PIECES_G,
    pack_size=st.sampled_from([1, 50, 200, 5_000]),
    packs_per_refill=st.sampled_from([1, 2, 7]),
    initial_count=st.one_of(st.none(), st.integers(0, 3), st.integers(0, 2_000)),
    heartbeat_s=st.sampled_from([60.0, 300.0, 600.0]),
    send_delta_g=st.sampled_from([None, 0.0, 0.5, 20.0]),
)
WORDS = st.one_of(
    st.tuples(st.just("stocktake"), st.integers(0, 3_000)),
    st.tuples(st.just("refill"), st.integers(1, 9)),
    st.tuples(st.just("recalibrate"), SETUPS),
)
RUN = st.tuples(st.just("readings"), RAW, st.integers(1, 12), GAPS_S, TEMPS_C)
DAYS = st.lists(st.one_of(RUN, RUN, RUN, RUN, WORDS), max_size=25)


class Checked:
    """A counter whose every answer is checked."""

    def __init__(self, setup: BinSetup) -> None:
        self.counter, self.t_s = BayesCounter(setup), 0.0
        self.pieces: int | None = None

    def take(self, count: Count) -> None:
        assert count.state in STATES
        before, self.pieces = self.pieces, count.pieces
        if before is not None:
            assert count.pieces is not None, "what was counted is not forgotten"
            assert sum(event.delta for event in count.events) == count.pieces - before
        elif count.pieces is None:
            assert count.events == ()
        if count.pieces is None:
            assert (count.mean, count.sd, count.lower, count.upper, count.is_evidence) == (
                None,
                None,
                None,
                None,
                False,
            )
        elif count.lower is not None:
            assert count.upper is not None
            assert 0 <= count.lower <= count.pieces <= count.upper
            assert count.sd is not None
            assert count.sd >= 0
        assert all(event.delta for event in count.events)
        assert count.is_settled or not count.is_evidence
        p = [self.counter.p_at_or_below(pieces) for pieces in (-1, 0, 3, 50, 900, 10**6, 10**10)]
        assert all(0 <= lower <= higher <= 1 for lower, higher in pairwise(p))
        if not count.is_settled:
            assert not self.counter.is_order_due(10**9) or count.state in ("ok", "uncertain")
        assert len(self.counter.dump()) <= 1_000


@settings(max_examples=150, deadline=None)
@given(setup=SETUPS, day=DAYS, noise=st.randoms(use_true_random=False))
def test_every_answer_keeps_its_promises(setup, day, noise) -> None:  # type: ignore[no-untyped-def]
    bin = Checked(setup)
    for what, figure, *more in day:
        if what == "readings":
            times, gap_s, temp_c = more
            for _ in range(times):
                bin.t_s += gap_s
                bin.take(bin.counter.update(bin.t_s, figure + noise.randint(-30, 30), temp_c))
        elif what == "stocktake":
            bin.take(bin.counter.stocktake(bin.t_s, figure))
            assert bin.pieces == figure
        elif what == "refill":
            bin.take(bin.counter.refill(bin.t_s, figure))
        else:
            bin.take(bin.counter.recalibrate(bin.t_s, figure))


@settings(max_examples=60, deadline=None)
@given(
    levels=st.lists(st.tuples(st.integers(0, 400), st.integers(3, 12)), min_size=1, max_size=12),
    seed=st.integers(0, 99),
)
def test_deltas_add_up_to_the_pieces_through_any_picks_and_hand_backs(levels, seed) -> None:  # type: ignore[no-untyped-def]
    setup = BinSetup(100_000, 429.0, 5_000.0, 200.0, 5.0, pack_size=50, initial_count=levels[0][0])
    bin = Checked(setup)
    noise = random.Random(seed)
    added = 0
    for pieces, readings in levels:
        for after_s in [1.0] * readings + [300.0] * 2:
            bin.t_s += after_s
            count = bin.counter.update(bin.t_s, round(100_000 + 429 * 5 * pieces + noise.gauss(0, 19)), 21.0)
            added += sum(event.delta for event in count.events)
            bin.take(count)
    assert bin.pieces == levels[0][0] + added
