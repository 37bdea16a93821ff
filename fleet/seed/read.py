# SPDX-License-Identifier: Apache-2.0
"""From a YAML file to a checked seed."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from fleet.seed.model import Seed, SeedError, repetitions

MASTER_SECRET_BYTES = 16


def read_seed(path: Path) -> Seed:
    """The seed in a file, with key files (named relative to it) read. Raises SeedError; keys are in no message."""
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SeedError([f"{path}: {error.strerror}; give the path of a readable file"]) from None
    except UnicodeDecodeError:
        raise SeedError([f"{path}: is not text; give a YAML file in UTF-8"]) from None
    except yaml.MarkedYAMLError as error:
        where = "" if error.problem_mark is None else f", line {error.problem_mark.line + 1}"
        raise SeedError([f"{path}{where}: {error.problem}; mend the YAML there"]) from None
    except yaml.YAMLError as error:
        raise SeedError([f"{path}: is not YAML ({type(error).__name__}); mend it"]) from None
    return parse_seed({} if said is None else said, path.parent)


def parse_seed(said: Any, folder: Path) -> Seed:
    """The seed in plain dicts and lists; key files are looked for in `folder`. Raises SeedError."""
    try:
        seed = Seed.model_validate(said)
    except ValidationError as error:
        raise SeedError([_problem(one) for one in error.errors(include_input=False, include_url=False)]) from None
    problems = repetitions(seed)
    for index, device in enumerate(seed.devices):
        path = f"devices[{index}].master_secret"
        if (device.master_secret is None) == (device.master_secret_file is None):
            problems.append(f"{path}: give either master_secret or master_secret_file")
        elif device.master_secret_file is not None:
            try:
                device.master_secret = _read_secret(folder / device.master_secret_file)
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else error
                problems.append(f"{path}_file: {device.master_secret_file}: {reason}")
    if problems:
        raise SeedError(problems)
    return seed


def _read_secret(path: Path) -> bytes:
    remedy = f"must hold {2 * MASTER_SECRET_BYTES} hexadecimal digits and nothing else"
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        raise ValueError(remedy) from None
    if len(secret) != MASTER_SECRET_BYTES:
        raise ValueError(remedy)
    return secret


def _problem(error: Any) -> str:
    """One line: `bins[2].channel: ...`."""
    path = ""
    for part in error["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    known = ", ".join(Seed.model_fields)
    kinds = {
        "missing": "is missing; add it",
        "extra_forbidden": f"no such field; {'sections are: ' + known if '.' not in path else 'take it out'}",
        "string_type": "must be text; put it in quotes",
        "string_pattern_mismatch": "begins or ends with a space, or has several lines; take that out",
    }
    message = kinds.get(error["type"], error["msg"].removeprefix("Value error, "))
    return f"{path or 'seed'}: {message}"
