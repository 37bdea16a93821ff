# SPDX-License-Identifier: Apache-2.0
"""Makes the documents' pictures of the pages in a real Chromium.

python -m tests.web.pictures [folder]      (docs/pictures unless told otherwise)
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from fleet.db import open_engine, upgrade, write
from fleet.series.sqlite import SqliteSeries
from fleet.web.app import create_app
from fleet.web.server import HttpServer
from tests.web import series_story, tag_story
from tests.web.chromium import FLAGS, executable
from tests.web.story import NOW_MS, tell

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
ITEM = "risk/item?customer=acme&site=plant-1&stocking_location=line-1&item=washer-m4"
SHOTS = (
    ("page.png", "", 1280, 900, "light", "body"),
    ("page-dark.png", "", 1280, 900, "dark", "body"),
    ("page-phone.png", "", 390, 844, "light", "body"),
    ("bin.png", "", 1280, 900, "light", "#card-4"),
    ("orders.png", "", 1280, 900, "light", "#orders"),
    ("risk.png", "risk", 1280, 900, "light", "body"),
    ("risk-dark.png", "risk", 1280, 900, "dark", "body"),
    ("risk-phone.png", "risk", 390, 844, "light", "body"),
    ("risk-phone-dark.png", "risk", 390, 844, "dark", "body"),
    ("tags.png", "tags", 1280, 900, "light", "body"),
    ("item.png", ITEM, 1280, 1060, "light", "body"),
)


class StoppedClock:
    """A clock that always tells the moment at which the story ends."""

    def now_ms(self) -> int:
        """UTC milliseconds."""
        return NOW_MS


async def take(folder: Path) -> list[Path]:
    """Serves the story on a free port and takes every shot of it; returns the files written."""
    with tempfile.TemporaryDirectory() as aside:
        url = f"sqlite:///{aside}/kanbin.sqlite"
        upgrade(url)
        engine = open_engine(url)
        with write(engine) as session:
            tell(session)
            tag_story.tell(session)
        series = SqliteSeries(Path(aside) / "series.sqlite")
        series.prepare()
        series_story.tell(series)
        server = HttpServer(create_app(engine, StoppedClock(), series=series), port=0)
        await server.start()
        try:
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=executable(), args=FLAGS)
                written = [await _shoot(browser, server.url, folder, *shot) for shot in SHOTS]
                await browser.close()
        finally:
            await server.stop()
            series.close()
            engine.dispose()
    return written


async def _shoot(
    browser: Browser,
    url: str,
    folder: Path,
    name: str,
    path: str,
    width_px: int,
    height_px: int,
    scheme: str,
    part: str,
) -> Path:
    page = await browser.new_page(
        viewport={"width": width_px, "height": height_px},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    await page.goto(url + path)
    await page.locator("#connection[data-state=live]").wait_for()
    if path not in ("risk", "tags"):
        await page.locator(".chart canvas").first.wait_for()
    shot = folder / name
    if part == "body":
        await page.screenshot(path=shot)
    else:
        await page.locator(part).scroll_into_view_if_needed()
        await page.locator(f"{part} :is(canvas, tbody)").first.wait_for()
        await page.locator(part).screenshot(path=shot)
    await page.close()
    return shot


def main() -> None:
    """The command."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for path in asyncio.run(take(folder)):
        print(f"{path.name}: {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
