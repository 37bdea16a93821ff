# SPDX-License-Identifier: Apache-2.0
"""Keys are derived as RFC 5869 and RFC 2104 say; the numbers are those of RFC 4231 and RFC 5869."""

from wire import hkdf

from tests.expect import refused


def test_hmac_of_a_short_key():
    """RFC 4231 test case 1."""
    expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    assert hkdf.hmac_sha256(b"\x0b" * 20, b"Hi There").hex() == expected


def test_hmac_of_a_key_longer_than_a_block():
    """RFC 4231 test case 6."""
    expected = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    data = b"Test Using Larger Than Block-Size Key - Hash Key First"
    assert hkdf.hmac_sha256(b"\xaa" * 131, data).hex() == expected


def test_a_key_with_salt_and_info():
    """RFC 5869 test case 1, its first 32 bytes."""
    key = hkdf.extract(bytes(range(13)), b"\x0b" * 22)
    assert key.hex() == "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
    expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
    assert hkdf.expand(key, bytes(range(0xF0, 0xFA)), 32).hex() == expected


def test_a_key_without_salt_and_info():
    """RFC 5869 test case 3, its first 32 bytes."""
    key = hkdf.extract(b"", b"\x0b" * 22)
    assert key.hex() == "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04"
    expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
    assert hkdf.expand(key, b"", 32).hex() == expected


def test_only_lengths_of_one_step_are_given():
    assert len(hkdf.expand(bytes(32), b"", 13)) == 13
    refused(ValueError, hkdf.expand, bytes(32), b"", 0)
    refused(ValueError, hkdf.expand, bytes(32), b"", 33)
