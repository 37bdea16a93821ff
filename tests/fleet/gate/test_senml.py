# SPDX-License-Identifier: Apache-2.0
"""SenML packs of other people's bins become the same readings; whatever is none is refused, and by the field."""

from decimal import Decimal
from typing import Any

import aiocoap
import cbor2
import pytest
from aiocoap.numbers import codes
from hypothesis import given
from hypothesis import strategies as st

from fleet.gate import senml
from fleet.gate.request import SENML_CBOR
from fleet.gate.senml import RECORDS_MAX, SenmlError, readings
from fleet.readings.model import Reading
from tests.fleet.gate.conftest import KID, NOW_MS, SECRET, House
from tests.fleet.gate.peer import Keys
from tests.load_vectors import vectors

VECTORS = vectors("senml")
FIELDS = {"pack", "bver", "bn", "bt", "bu", "bv", "n", "u", "v", "t", "epoch", "sequence", "mass", "raw", "temp"}
N, U, V, T, BT = 0, 1, 2, 6, -3


def pack_of(*records: dict[int, Any], epoch: int = 7, sequence: int = 17) -> bytes:
    return cbor2.dumps([{N: "epoch", V: epoch}, {N: "sequence", V: sequence}, *records])


def field_of(error: SenmlError) -> str:
    return str(error).partition(":")[0]


def read_or_refused(payload: bytes) -> list[Reading]:
    """The readings, none where the pack is refused; anything else comes out."""
    try:
        return readings(payload, NOW_MS)
    except SenmlError as error:
        if field_of(error) not in FIELDS:
            raise
        return []


@pytest.mark.parametrize("case", VECTORS["read"], ids=lambda case: case["name"])
def test_each_pack_has_the_readings_of_its_vector(case: dict[str, Any]) -> None:
    told = readings(bytes.fromhex(case["hex"]), case["now_ms"])
    assert [[each.sequence, each.channel, each.raw, each.temp_cc, each.taken_at_ms] for each in told] == case[
        "readings"
    ]


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_a_pack_that_is_none_is_refused_by_the_field_that_is_wrong(case: dict[str, Any]) -> None:
    with pytest.raises(SenmlError) as refused:
        readings(bytes.fromhex(case["hex"]), NOW_MS)
    assert field_of(refused.value) == case["field"]


def test_every_field_has_vectors_that_are_refused() -> None:
    assert {case["field"] for case in VECTORS["refused"]} == FIELDS


@given(st.binary(max_size=1024))
def test_any_bytes_are_readings_or_are_refused(payload: bytes) -> None:
    read_or_refused(payload)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=8)
    # beside what SenML has: numbers and tags as wide as they come
    | st.decimals()
    | st.builds(cbor2.CBORTag, st.sampled_from([0, 1, 4, 5, 30, 35, 37, 260, 999]), st.integers()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers(-7, 9), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["epoch", "sequence", "0/mass", "7/raw", "0/temp", "8/mass", "x/0/mass", "", "\n"])
RECORDS = st.dictionaries(st.integers(-6, 8) | st.just("x_"), ANYTHING, max_size=4) | st.fixed_dictionaries(
    {N: NAMES | ANYTHING, V: ANYTHING},
    optional={U: st.sampled_from(["kg", "g", "count", "Cel"]), T: ANYTHING, BT: ANYTHING, -5: ANYTHING},
)


@given(st.lists(RECORDS | ANYTHING, max_size=6), st.booleans())
def test_packs_of_anything_at_all_are_readings_or_are_refused(records: list[Any], is_named: bool) -> None:
    named: list[Any] = [{N: "epoch", V: 1}, {N: "sequence", V: 1}, {N: "0/mass", U: "kg", V: 1}] if is_named else []
    for each in read_or_refused(cbor2.dumps([*named, *records])):
        assert -0x800000 <= each.raw <= 0x7FFFFF
        assert each.taken_at_ms is not None
        assert each.taken_at_ms <= NOW_MS


@given(st.data())
def test_a_vector_with_some_bytes_changed_is_readings_or_is_refused(data: st.DataObject) -> None:
    payload = bytearray.fromhex(data.draw(st.sampled_from(VECTORS["read"]))["hex"])
    for place in data.draw(st.lists(st.integers(0, len(payload) - 1), max_size=4)):
        payload[place] = data.draw(st.integers(0, 255))
    read_or_refused(bytes(payload))


def test_arrays_inside_each_other_are_no_pack() -> None:
    with pytest.raises(SenmlError, match="pack"):
        readings(b"\x81" * 1000 + b"\x00", NOW_MS)


@given(
    grams=st.decimals(-83_000, 83_000, places=2),
    as_float=st.booleans(),
    unit=st.sampled_from(["kg", "g"]),
    age_s=st.integers(0, 1 << 27),
)
def test_a_mass_is_told_to_ten_milligrams(grams: Decimal, as_float: bool, unit: str, age_s: int) -> None:
    said = grams / 1000 if unit == "kg" else grams
    age_s = min(age_s, 400 * 86_400)
    (told,) = readings(pack_of({N: "0/mass", U: unit, V: float(said) if as_float else said, T: -age_s}), NOW_MS)
    assert told.raw == int(grams * 100)
    assert told.taken_at_ms == NOW_MS - 1000 * age_s


@given(
    base_s=st.integers(NOW_MS // 1000 - 9_999, NOW_MS // 1000) | st.integers(-9_999, 0),
    ages_s=st.lists(st.integers(0, 9_999), min_size=1, max_size=RECORDS_MAX - 2),
)
def test_base_values_say_the_same_as_whole_ones(base_s: int, ages_s: list[int]) -> None:
    whole = [{N: "b/0/mass", U: "g", V: 50 + age_s, T: base_s - age_s} for age_s in ages_s]
    names = [{N: "b/epoch", V: 7}, {N: "b/sequence", V: 17}]
    based: list[dict[int, Any]] = [{-2: "b/", -3: base_s, -4: "g", -5: 50, N: "epoch", V: 7 - 50, T: 0}]
    based += [{N: "sequence", V: 17 - 50}, *({N: "0/mass", V: age_s, T: -age_s} for age_s in ages_s)]
    assert readings(cbor2.dumps(based), NOW_MS) == readings(cbor2.dumps([*names, *whole]), NOW_MS)


def test_an_error_does_not_repeat_what_a_stranger_wrote() -> None:
    for label in range(-6, 9):
        with pytest.raises(SenmlError) as refused:
            readings(pack_of({label: "secret_" * 9}, {N: "0/mass", U: "secret_", V: 1}), NOW_MS)
        assert "secret" not in str(refused.value)


def test_a_pack_posted_by_an_aiocoap_client_is_stored_once_however_often_it_is_sent(house: House, run: Any) -> None:
    pack = pack_of({N: "0/mass", U: "kg", V: 1.5, T: -60}, {N: "0/mass", U: "kg", V: 1.25})

    async def scene() -> None:
        async with house.gate() as gate:
            client = await aiocoap.Context.create_client_context(transports=["oscore", "udp6"])
            uri = f"coap://127.0.0.1:{gate.port}"
            client.client_credentials[f"{uri}/*"] = Keys(KID, SECRET)
            for _ in range(3):
                post = aiocoap.Message(code=codes.POST, uri=f"{uri}/r", payload=pack, content_format=SENML_CBOR)
                assert (await client.request(post).response).code is codes.CHANGED
                house.clock.at_ms += 5_000
            await client.shutdown()

    run(scene())
    assert [(row.sequence, row.raw, row.taken_at_ms) for row in house.stored()] == [
        (17, 150_000, NOW_MS - 60_000),
        (18, 125_000, NOW_MS),
    ]
    assert house.device().last_seen_at_ms == NOW_MS + 10_000


def test_a_malformed_pack_gets_a_protected_refusal_that_names_the_field(house: House, run: Any) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            reply = await peer.post(pack_of({N: "0/mass", U: "lb", V: 1}), content_format=SENML_CBOR)
            assert (reply.code, reply.protected) == ("4.00", True)
            assert reply.text == 'mass: its unit is neither "kg" nor "g" (record 2)'

    run(scene())
    assert house.stored() == []


@pytest.mark.parametrize(("path", "content_format"), [("h", SENML_CBOR), ("r", 110), ("r", 50)])
def test_other_formats_are_refused_and_those_understood_are_named(
    house: House, run: Any, path: str, content_format: int
) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            reply = await peer.post(pack_of(), path=(path,), content_format=content_format)
            assert (reply.code, reply.protected) == ("4.15", True)
            assert reply.text == f"send Content-Format {'63, 112' if path == 'r' else '63'} or none"

    run(scene())


def test_a_format_is_no_path(house: House, run: Any) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            assert (await peer.post(pack_of(), path=("r;ct=112",))).code == "4.04"

    run(scene())


def test_one_raw_count_is_ten_milligrams() -> None:
    assert Decimal("0.01") == senml.GRAMS_PER_RAW
