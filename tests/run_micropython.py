# SPDX-License-Identifier: Apache-2.0
"""Runs plain test files on MicroPython: every function test_* of every file named on the command line, in order.

A test file is named by its path from the top of the repository, such as tests/wire/test_cbor.py. The last line says
how many passed and failed; the exit code is 1 when one failed or when there was none.
"""

import sys

HERE = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
TOP = HERE.rsplit("/", 1)[0] if "/" in HERE else "." if HERE == "tests" else ".."
sys.path[:0] = [TOP, TOP + "/firmware"]


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
