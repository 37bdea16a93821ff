# SPDX-License-Identifier: Apache-2.0
"""Reading a seed file and the key files beside it."""

from pathlib import Path
from typing import Any

import pytest

from fleet.seed.load import SeedError, read_seed
from fleet.seed.read import SEED_BYTES_MAX, parse_seed
from tests.fleet.plant import seed_data

SECRET = "00112233445566778899aabbccddeeff"


def test_a_key_may_be_in_a_file_beside_the_seed(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "dev-1").write_text(SECRET + "\n")
    seed_file = tmp_path / "seed.yaml"
    seed_file.write_text("devices:\n- {device: dev-1, kid: '0001', master_secret_file: keys/dev-1}\n")
    assert read_seed(seed_file).devices[0].master_secret == bytes.fromhex(SECRET)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("items: [", "seed.yaml, line 1: "),
        ("- 1", "seed: "),
        ("\x00", "is not YAML"),
        (
            "items:\n- {item: 2026-13-45}",
            r"seed\.yaml, line 2: looks like a value of kind timestamp and is none; put it in quotes",
        ),
        ("items:\n- {item: 2026-11-23}", r"items\[0\]\.item: must be text; put it in quotes"),
        (f"items:\n\n- {{pack_size: {'9' * 5000}}}", r"seed\.yaml, line 3: looks like a value of kind int"),
        ("items: !!bool maybe", "line 1: looks like a value of kind bool"),
        ("items: !!timestamp soon", "line 1: looks like a value of kind timestamp"),
        ("items: !!python/name:os.system", "line 1: could not determine a constructor"),
        ("[" * 10_000, r"seed\.yaml: is nested too deeply; give sections with plain lists of entries"),
        ("items: " + "{a: " * 10_000, r"seed\.yaml: is nested too deeply"),
        (b"\xff\xfeitems", r"seed\.yaml: is not text; give a YAML file in UTF-8"),
        ("#" * (SEED_BYTES_MAX + 1), r"seed\.yaml: has more than 16 MiB; give a seed file"),
    ],
    ids=lambda said: str(said)[:30],
)
def test_a_file_that_is_no_seed_is_refused(tmp_path: Path, text: str | bytes, problem: str) -> None:
    (tmp_path / "seed.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SeedError, match=problem):
        read_seed(tmp_path / "seed.yaml")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match=r"seed\.yaml: No such file or directory; give the path of a readable file"):
        read_seed(tmp_path / "seed.yaml")


def test_a_folder_is_no_seed_file(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="Is a directory; give the path of a readable file"):
        read_seed(tmp_path)


def test_a_key_file_that_is_not_there_is_told_with_how_to_make_one(tmp_path: Path) -> None:
    data: Any = {"devices": [{"device": "dev-1", "kid": "0001", "master_secret_file": "the key"}]}
    with pytest.raises(SeedError) as refused:
        parse_seed(data, tmp_path)
    assert refused.value.problems == [
        "devices[0].master_secret_file: the key: no such file; make one, readable by you alone, with "
        f"(umask 077; openssl rand -hex 16 > '{tmp_path}/the key') and give the device the same key"
    ]


@pytest.mark.parametrize("content", [None, "no key", SECRET[:30], SECRET + "00"])
def test_a_key_file_without_a_key_is_refused_and_its_content_is_not_told(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "key").write_text(content)
    data: Any = {"devices": [{"device": "dev-1", "kid": "0001", "master_secret_file": "key"}]}
    with pytest.raises(SeedError, match=r"devices\[0\]\.master_secret_file: key: ") as refused:
        parse_seed(data, tmp_path)
    assert content is None or content not in str(refused.value)


@pytest.mark.parametrize("secret", [SECRET[:-2], SECRET + "00", SECRET + "zz"])
def test_a_wrong_key_is_not_repeated_in_the_message(tmp_path: Path, secret: str) -> None:
    data: Any = seed_data()
    data["devices"][0]["master_secret"] = secret
    with pytest.raises(SeedError) as refused:
        parse_seed(data, tmp_path)
    assert SECRET[:8] not in str(refused.value)
