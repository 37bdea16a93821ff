# SPDX-License-Identifier: Apache-2.0
"""From a YAML file to a checked seed."""

import shlex
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from fleet.seed.model import Seed, SeedError, plans_of_readers, repetitions

MASTER_SECRET_BYTES = 16
KEY_FILE_BYTES_MAX = 1024
SEED_BYTES_MAX = 16 * 2**20  # tens of thousands of bins


class _Loader(yaml.SafeLoader):
    """Says where a value stands that looks like a number, a date or the like and is none."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """As YAML has it. Raises ConstructorError; the value, which may be a key, is not told."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError, TypeError):
            problem = f"looks like a value of kind {node.tag.rpartition(':')[2]} and is none; put it in quotes"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from None


def read_seed(path: Path) -> Seed:
    """The seed in a file, with key files (named relative to it) read. Raises SeedError; keys are in no message."""
    try:
        said = yaml.load(_read_text(path), _Loader)  # noqa: S506  (a safe one)
    except OSError as error:
        raise SeedError([f"{path}: {error.strerror}; give the path of a readable file"]) from None
    except UnicodeDecodeError:
        raise SeedError([f"{path}: is not text; give a YAML file in UTF-8"]) from None
    except yaml.MarkedYAMLError as error:
        where = "" if error.problem_mark is None else f", line {error.problem_mark.line + 1}"
        raise SeedError([f"{path}{where}: {error.problem}; mend the YAML there"]) from None
    except yaml.YAMLError as error:
        raise SeedError([f"{path}: is not YAML ({type(error).__name__}); mend it"]) from None
    except RecursionError:
        raise SeedError([f"{path}: is nested too deeply; give sections with plain lists of entries"]) from None
    return parse_seed({} if said is None else said, path.parent)


def _read_text(path: Path) -> str:
    """Raises OSError, UnicodeDecodeError, SeedError; never reads more than a seed may have."""
    with path.open("rb") as file:
        content = file.read(SEED_BYTES_MAX + 1)
    if len(content) > SEED_BYTES_MAX:
        most = f"{SEED_BYTES_MAX // 2**20} MiB"
        raise SeedError([f"{path}: has more than {most}; give a seed file, in several parts if need be"])
    return content.decode()


def parse_seed(said: Any, folder: Path) -> Seed:
    """The seed in plain dicts and lists; key files are looked for in `folder`. Raises SeedError."""
    try:
        seed = Seed.model_validate(said)
    except ValidationError as error:
        raise SeedError([_problem(one) for one in error.errors(include_input=False, include_url=False)]) from None
    problems = []
    for index, device in enumerate(seed.devices):
        path = f"devices[{index}].master_secret"
        if (device.master_secret is None) == (device.master_secret_file is None):
            problems.append(f"{path}: give either master_secret or master_secret_file")
        elif device.master_secret_file is not None:
            key_file = folder / device.master_secret_file
            try:
                device.master_secret = _read_secret(key_file)
            except FileNotFoundError:
                command = f"openssl rand -hex {MASTER_SECRET_BYTES} > {shlex.quote(str(key_file))}"
                problems.append(
                    f"{path}_file: {device.master_secret_file}: no such file; make one, readable by you alone, with "
                    f"(umask 077; {command}) and give the device the same key"
                )
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else error
                problems.append(f"{path}_file: {device.master_secret_file}: {reason}")
    problems += repetitions(seed)  # now that all keys are read
    problems += plans_of_readers(seed)
    if problems:
        raise SeedError(problems)
    return seed


def _read_secret(path: Path) -> bytes:
    remedy = f"must hold {2 * MASTER_SECRET_BYTES} hexadecimal digits and nothing else"
    try:
        with path.open("rb") as file:
            secret = bytes.fromhex(file.read(KEY_FILE_BYTES_MAX).decode("ascii").strip())
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
        "invalid_key": "is no field; a comma in a number? write decimals with a point, 1.8",
        "int_parsing": "must be a whole number, without a unit",
        "int_type": "must be a whole number, without a unit",
        "decimal_parsing": "must be a number, decimals with a point, without a unit",
        "model_type": f"must hold fields; a seed file has the sections: {known}",
        "list_type": "must be a list: one entry a line, each begun with '- '",
        "string_pattern_mismatch": "begins or ends with a space, or has several lines; take that out",
    }
    message = kinds.get(error["type"], error["msg"].removeprefix("Value error, "))
    return f"{path or 'seed'}: {message}"
