# SPDX-License-Identifier: Apache-2.0
"""The files that Grafana loads, as text by their paths: boards as JSON, and provisioning in YAML."""

import json
from pathlib import Path

import yaml

from dashboards import alerts, board, rules, sources
from dashboards.boards import all_boards

FOLDER_UID, FOLDER = "kanbin", "Kanbin"
BOARDS = "boards"
HEADER = "# SPDX-License-Identifier: Apache-2.0\n# Written by `kanbin dashboards build`.\n"


def files() -> dict[str, str]:
    """Every file by its path below the output's folder."""
    boards = {f"{BOARDS}/{made.uid}.json": _json(board.rendered(made)) for made in all_boards()}
    return boards | {
        "provisioning/datasources/kanbin.yaml": _yaml({"apiVersion": 1, "datasources": _data_sources()}),
        "provisioning/dashboards/kanbin.yaml": _yaml({"apiVersion": 1, "providers": [_provider()]}),
        "provisioning/alerting/kanbin.yaml": _yaml(
            {"apiVersion": 1, "groups": [*map(rules.for_files, alerts.groups())]}
        ),
    }


def write(folder: Path) -> list[Path]:
    """Writes them below `folder`. Raises OSError."""
    written = []
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        written.append(path)
    return written


def differences(folder: Path) -> list[str]:
    """What below `folder` is not as it would be written: a line each. Raises OSError."""
    made = files()
    found = [f"{folder / name}: {_fault(folder / name)}" for name, text in made.items() if _read(folder / name) != text]
    left = [path for path in sorted((folder / BOARDS).glob("*.json")) if f"{BOARDS}/{path.name}" not in made]
    return found + [f"{path}: no board makes it; delete it" for path in left]


def _fault(path: Path) -> str:
    return "differs from what is built; build it" if path.exists() else "is missing; build it"


def _read(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def _data_sources() -> list[dict[str, object]]:
    """Grafana puts its own environment in for these names."""
    return sources.provisioned("$INFLUX_URL", "$INFLUX_USER", "$INFLUX_PASSWORD")


def _provider() -> dict[str, object]:
    return {
        "name": "kanbin",
        "type": "file",
        "folder": FOLDER,
        "folderUid": FOLDER_UID,
        "allowUiUpdates": False,
        "options": {"path": "$BOARDS_DIR"},
    }


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _yaml(value: object) -> str:
    return HEADER + yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=110)
