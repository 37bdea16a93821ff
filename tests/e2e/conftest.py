# SPDX-License-Identifier: Apache-2.0
"""`pytest --soak tests/e2e`: the same properties with big numbers."""

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Known when tests/e2e is named on the command line."""
    parser.addoption("--soak", action="store_true", help="10,000 readings and 20 power cuts each, instead of a few")


def pytest_configure(config: pytest.Config) -> None:
    """tests/e2e/size.py reads it."""
    if config.getoption("soak", False):
        os.environ["SOAK"] = "1"
