# SPDX-License-Identifier: Apache-2.0
"""Frames as a bad line makes them, for both drivers: no exception comes out, and no tag enters that nobody sent."""

import pytest
from drivers.magicrf import MagicRf
from drivers.thingmagic import ThingMagic

from tests.e2e.size import SEED, SOAK
from tests.simulate.uhf.fuzz import fuzz
from tools.simulate.uhf import magicrf, thingmagic

FRAMES = 1_000_000 if SOAK else 20_000
SIGNAL_MAX_SHARE = 1e-3
# A CRC of 16 bits lets damage of more than 16 pass once in 65,536 times, and an M6E's own CRC is of the same polynomial
# as the tag's: what passes one passes both. A parser believes such a frame; presence, which asks for three, does not.
FALSE_MAX = 3 if SOAK else 1


@pytest.mark.parametrize("kind", ["m100", "r200"])
def test_magicrf_believes_no_frame_that_is_not_whole(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = fuzz(SEED, FRAMES, magicrf.MagicRf(kind), lambda uart, clock: MagicRf(uart, clock, kind, "eu", 20))

    with capsys.disabled():
        print(f"\n{kind}, seed {SEED}: {outcome}")
    assert not outcome.false
    assert outcome.lost == 0
    # Its sum is one byte: two that are wrong alike pass. The tag's own CRC protects the EPC, nothing more its signal.
    assert outcome.signal < SIGNAL_MAX_SHARE * outcome.damaged


def test_thingmagic_believes_no_frame_that_is_not_whole(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = fuzz(SEED, FRAMES, thingmagic.ThingMagic(), lambda uart, clock: ThingMagic(uart, clock, "eu", 20))

    with capsys.disabled():
        print(f"\nM6E, seed {SEED}: {outcome}")
    assert not outcome.broken
    assert not outcome.entered
    assert len(outcome.false) <= FALSE_MAX
    assert outcome.lost == 0
    assert outcome.signal < SIGNAL_MAX_SHARE * outcome.damaged  # its CRC has two bytes: one in 65,536 passes
