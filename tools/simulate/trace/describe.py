# SPDX-License-Identifier: Apache-2.0
"""The classes in words: one in full, the others by what is different in them."""

from collections.abc import Iterator
from dataclasses import asdict

from tools.simulate.trace.classes import CLASSES

REFERENCE = "typical-5g"


def describe() -> Iterator[str]:
    """Lines for people."""
    usual = asdict(CLASSES[REFERENCE])
    yield f"{REFERENCE}: {_listed(usual)}"
    for name, bin_class in CLASSES.items():
        if name != REFERENCE:
            other = {key: value for key, value in asdict(bin_class).items() if value != usual[key]}
            yield f"{name}: as {REFERENCE}, but {_listed(other)}"


def _listed(parameters: dict[str, float]) -> str:
    return ", ".join(f"{name} {_shown(value)}" for name, value in parameters.items())


def _shown(value: float) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}"
