# SPDX-License-Identifier: Apache-2.0
"""Writes every drawing and has WireViz draw it: WireViz is a program beside ours (GPL), run and never imported."""

import hashlib
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from hardware.wiring.kits import KITS
from hardware.wiring.pins import all_boards

DRAWINGS = Path(__file__).resolve().parents[1] / "drawings"
WIREVIZ = Path(sys.executable).with_name("wireviz")


def documents() -> dict[str, str]:
    """Name of each drawing and the document it is drawn from."""
    harnesses = {f"{pins.name}-{kit}": make(pins) for pins in all_boards() for kit, make in KITS.items()}
    return {name: harness.document() for name, harness in harnesses.items() if harness}


def stamp(document: str) -> str:
    """What a drawing says of the document it was made from."""
    return f"<!-- drawn from sha256:{hashlib.sha256(document.encode()).hexdigest()} -->"


def draw(document: str) -> str:
    """The SVG of a document, stamped; raises CalledProcessError with what WireViz said."""
    with TemporaryDirectory() as folder:
        source = Path(folder, "drawing.yaml")
        source.write_text(document)
        subprocess.run([WIREVIZ, "-f", "s", source], check=True, capture_output=True, text=True)  # noqa: S603
        return source.with_suffix(".svg").read_text().rstrip() + f"\n{stamp(document)}\n"


def main() -> int:
    """Returns the exit code."""
    for stale in (*DRAWINGS.glob("*.yaml"), *DRAWINGS.glob("*.svg")):
        if stale.stem not in documents():
            stale.unlink()
    for name, document in documents().items():
        (DRAWINGS / f"{name}.yaml").write_text(document)
        try:
            (DRAWINGS / f"{name}.svg").write_text(draw(document))
        except FileNotFoundError:
            print(f"{WIREVIZ} is missing: install requirements/dev.txt (make pictures does)", file=sys.stderr)
            return 1
        except subprocess.CalledProcessError as error:
            print(f"{name}: {error.stderr.strip().splitlines()[-1]}", file=sys.stderr)
            print("WireViz draws with Graphviz: 'apt-get install graphviz'", file=sys.stderr)
            return 1
        print(DRAWINGS / f"{name}.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
