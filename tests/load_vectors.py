# SPDX-License-Identifier: Apache-2.0
"""Reads the vectors that both interpreters share: tests/vectors/<name>.json, to which cases are only ever added."""

import json


def vectors(name):
    """The whole file as dicts and lists."""
    with open(__file__.rsplit("/", 1)[0] + "/vectors/" + name + ".json") as file:
        return json.load(file)


def named(cases, name):
    """The one case of that name."""
    (case,) = [each for each in cases if each["name"] == name]
    return case
