# SPDX-License-Identifier: Apache-2.0
"""What device and fleet say to each other, in the subset of Python that MicroPython and CPython share."""


def const(value):
    """The name by which MicroPython's compiler knows a constant: the number itself goes where its name stands.

    There a name that begins with an underscore is gone then, and takes no memory.
    """
    return value
