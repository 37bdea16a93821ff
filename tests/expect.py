# SPDX-License-Identifier: Apache-2.0
"""What tests expect to be refused, said in a way that both interpreters understand."""


def refused(error, function, *arguments):
    """Call the function and return the error of that very class or below that it raises; fail when it raises none."""
    try:
        result = function(*arguments)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised, but {result!r} returned")
