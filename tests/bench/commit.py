# SPDX-License-Identifier: Apache-2.0
"""Which code was measured."""

import subprocess


def commit() -> str:
    """The commit that is checked out, and whether anything in the tree differs from it."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], capture_output=True, text=True, check=True).stdout.strip()

    try:
        return git("rev-parse", "--short", "HEAD") + (" with changes" if git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
