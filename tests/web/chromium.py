# SPDX-License-Identifier: Apache-2.0
"""Which Chromium is driven, and the switches that keep it quiet: it asks nobody but the page's own server."""

import shutil

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def executable() -> str:
    """Chromium's path. Raises FileNotFoundError with the remedy."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise FileNotFoundError("there is no Chromium on this machine: install the package chromium")
    return found
