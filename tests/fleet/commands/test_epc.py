# SPDX-License-Identifier: Apache-2.0
"""`kanbin epc`: one line for each EPC, and an exit code that says whether all are known."""

from typer.testing import CliRunner, Result

from fleet.cli import app

KNOWN = "30340789000C0E42DFDC1C35"


def epc(*digits: str) -> Result:
    return CliRunner().invoke(app, ["epc", *digits])


def test_a_known_epc_says_its_scheme_its_keys_and_its_uri() -> None:
    said = epc(KNOWN)
    assert said.exit_code == 0
    assert said.output == (
        f"{KNOWN}: sgtin-96 gtin 00123456123458 serial 12345678901 urn:epc:id:sgtin:0123456.012345.12345678901\n"
    )


def test_one_that_is_unknown_or_no_hexadecimal_ends_with_2_and_the_others_are_decoded() -> None:
    for wrong, words in (
        ("E28011700000020F1A2B3C4D", "unknown"),
        ("3034x", "no hexadecimal digits, two for each byte"),
    ):
        said = epc(wrong, KNOWN)
        assert said.exit_code == 2
        first, second = said.output.splitlines()
        assert first == f"{wrong}: {words}"
        assert second.startswith(f"{KNOWN}: sgtin-96 ")
