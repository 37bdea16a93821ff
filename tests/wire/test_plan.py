# SPDX-License-Identifier: Apache-2.0
"""The sampling plan arrives as it was sent, and nothing else is taken for one."""

from wire import pack_plan, plan

from tests.expect import refused
from tests.load_vectors import vectors

VECTORS = vectors("plan")


def test_each_plan_has_the_bytes_of_its_vector():
    for case in VECTORS["both_ways"]:
        assert pack_plan.pack(case["plan"]).hex() == case["hex"], case["name"]


def test_each_vector_has_the_values_of_its_plan():
    for case in VECTORS["both_ways"]:
        assert list(plan.unpack(bytes.fromhex(case["hex"]))) == case["plan"], case["name"]


def test_news_of_another_kind_are_passed_over():
    for case in VECTORS["without_a_plan"]:
        assert plan.unpack(bytes.fromhex(case["hex"])) is None, case["name"]


def test_a_plan_that_is_none_is_refused_by_the_field_that_is_wrong():
    for case in VECTORS["refused"]:
        error = refused(plan.PlanError, plan.unpack, bytes.fromhex(case["hex"]))
        assert str(error).startswith(case["field"] + ": "), (case["name"], error)


def test_every_field_has_vectors_for_its_ends_and_one_that_is_refused():
    for position, (name, least, greatest, nullable) in enumerate(plan.FIELDS):
        values = [case["plan"][position] for case in VECTORS["both_ways"]]
        assert least in values, name
        assert greatest in values, name
        assert (None in values) == nullable, name
        assert name in [case["field"] for case in VECTORS["refused"]], name


def test_what_no_device_would_take_is_not_packed():
    refused(plan.PlanError, pack_plan.pack, (0, 300, 16, 100, 0, 0, []))


def test_the_longest_plan_fits_into_a_reply():
    assert max(len(case["hex"]) // 2 for case in VECTORS["both_ways"]) <= 80
