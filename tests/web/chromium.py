# SPDX-License-Identifier: Apache-2.0
"""Which Chromium is driven, the switches that keep it quiet (it asks the page's server alone), and what it is asked."""

import shutil
from pathlib import Path

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
STICKING_OUT = """() => {
  const body = getComputedStyle(document.body), right = innerWidth - parseFloat(body.paddingRight) + 1;
  const wide = [...document.querySelectorAll("main *")].filter(one => one.getBoundingClientRect().right > right);
  const found = wide.map(one => one.outerHTML.slice(0, 120));
  return document.documentElement.scrollWidth > innerWidth ? ["the document", ...found] : found;
}"""


def executable() -> str:
    """Chromium's path. Raises FileNotFoundError with the remedy."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise FileNotFoundError("there is no Chromium on this machine: install the package chromium")
    return found
