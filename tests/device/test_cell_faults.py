# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a cell, told by its conversions; and what looks like a fault and is none."""

from device.cell_faults import CODES, CellFaults

LOWEST, HIGHEST = -0x800000, 0x7FFFFF


def code_after(conversions, faults=None):
    faults = faults or CellFaults()
    for raw in conversions:
        faults.saw(raw)
    return CODES[faults.code]


def noise(level, count, counts=20):
    return [level + (index * 7919 % (2 * counts + 1)) - counts for index in range(count)]


def test_the_codes_stay_in_their_order_for_the_fleet_knows_them_by_place():
    assert CODES == ("ok", "no_chip", "frame", "stuck", "saturated", "open_bridge")


def test_a_cell_at_rest_is_well():
    assert code_after(noise(400_000, 5000)) == "ok"


def test_a_cell_of_little_noise_that_repeats_itself_is_well():
    assert code_after(noise(400_000, 5000, counts=1)) == "ok"
    assert code_after(([7] * 500 + [8]) * 5) == "ok"


def test_a_converter_that_says_nothing_is_no_chip_until_it_says_something():
    faults = CellFaults()
    faults.failed("no_chip")
    assert CODES[faults.code] == "no_chip"

    assert code_after([5], faults) == "ok"


def test_one_bad_frame_is_nothing_and_three_are_a_fault():
    faults = CellFaults()
    for expected in ("ok", "ok", "frame", "frame"):
        faults.failed("frame")
        assert CODES[faults.code] == expected


def test_bad_frames_are_forgiven_after_ten_seconds_without():
    faults = CellFaults()
    for _ in range(3):
        faults.failed("frame")
        code_after(noise(400_000, 60), faults)
    assert code_after(noise(400_000, 39), faults) == "frame"
    assert code_after(noise(400_000, 1), faults) == "ok"


def test_the_same_conversion_for_a_minute_is_stuck_until_another_comes():
    faults = CellFaults()
    assert code_after([4711] * 600, faults) == "ok"
    assert code_after([4711], faults) == "stuck"
    assert code_after([4712], faults) == "ok"


def test_a_cell_at_the_end_of_its_range_for_five_seconds_is_looked_at_with_half_the_gain():
    for rail in (LOWEST, HIGHEST):
        for wide, code in ((rail // 4 * 3, "saturated"), (rail, "open_bridge"), (None, "saturated")):
            faults = CellFaults()
            assert code_after([rail] * 49, faults) == "ok"
            assert not faults.wants_wide_look()
            assert code_after([rail], faults) == "ok"
            assert faults.wants_wide_look()
            faults.looked(wide)
            assert code_after([rail] * 2000, faults) == code
            assert not faults.wants_wide_look()
            assert code_after(noise(rail // 2, 10), faults) == "ok"


def test_jumps_that_no_load_can_make_are_an_open_bridge():
    for swinging in ([LOWEST, HIGHEST] * 20, [LOWEST, LOWEST, HIGHEST, HIGHEST] * 10, [-3_000_000, 0, 3_000_000] * 20):
        assert code_after(swinging) == "open_bridge"


def test_an_open_bridge_is_mended_when_it_was_quiet_for_some_seconds():
    faults = CellFaults()
    code_after([LOWEST, HIGHEST] * 200, faults)
    assert code_after(noise(400_000, 100), faults) == "open_bridge"
    assert code_after(noise(400_000, 100), faults) == "ok"


def test_a_bin_that_is_handled_is_well():
    """Half of the cell's load put down hard, a full bin lifted and put back, a hand that stirs."""
    load = 1_500_000
    handled = noise(load, 10)
    handled.extend((2_600_000, 1_400_000))
    handled.extend(noise(load, 10) + noise(84_000, 30) + noise(load, 10))
    handled.extend(load + 90_000 * (index % 5) for index in range(50))

    assert code_after(handled * 20) == "ok"


def test_faults_are_told_without_memory():
    try:
        from micropython import heap_lock, heap_unlock
    except ImportError:
        return
    faults = CellFaults()
    values = noise(400_000, 50) + [LOWEST] * 60 + [HIGHEST, LOWEST] * 20
    heap_lock()
    try:
        for raw in values:
            faults.saw(raw)
    finally:
        heap_unlock()
