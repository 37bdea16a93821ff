# SPDX-License-Identifier: Apache-2.0
"""Runs plain test files on MicroPython: every function test_* of every file named on the command line, in order.

Call it from the top of the repository: micropython tests/run_micropython.py tests/wire/test_cbor.py. The last line
says how many passed and failed; the exit code is 1 when one failed or when there was none.
"""

import gc
import sys

TOP = __file__[: -len("tests/run_micropython.py")]
sys.path[:0] = ["", TOP, TOP + "firmware"]


def tests_of(path):
    """(name, function) of every test in a file; a file that cannot be imported raises."""
    name = path[: -len(".py")].replace("/", ".")
    __import__(name)
    module = sys.modules[name]
    return [(path + "::" + each, getattr(module, each)) for each in sorted(dir(module)) if each.startswith("test_")]


def run(paths):
    """(passed, failed) over all files; what fails is printed with its traceback."""
    passed = failed = 0
    for path in paths:
        for name, test in tests_of(path):
            gc.collect()  # what the last one left lies scattered, and the next one wants room in one piece
            try:
                test()
                passed += 1
            except Exception as error:
                failed += 1
                print("FAILED", name)
                sys.print_exception(error)
    return passed, failed


if __name__ == "__main__":
    PASSED, FAILED = run(sys.argv[1:])
    print(f"{PASSED} passed, {FAILED} failed")
    sys.exit(1 if FAILED or not PASSED else 0)
