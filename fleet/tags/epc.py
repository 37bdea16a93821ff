# SPDX-License-Identifier: Apache-2.0
"""Electronic Product Codes by GS1's Tag Data Standard, between a tag's bytes and what they name. Pure.

`decode` gives nothing that `encode` does not turn into the very same bytes again. So whatever is not exactly one of the
schemes below (another header, a length that does not fit it, digits out of range, bits that must be zero) is unknown.
"""

from dataclasses import dataclass

TEXT_BITS = 7  # of a character in a serial of SGTIN-198
_HEADER_BITS, _FILTER_BITS, _PARTITION_BITS = 8, 3, 3
# A company prefix has 12 minus `partition` digits, in so many bits.
_PREFIX_DIGITS_MAX = 12
_PREFIX_BITS = (40, 37, 34, 30, 27, 24, 20)
_ESCAPED = '"%&/<>?'  # in a URI, by the standard's table of characters
_CHARACTERS = frozenset(
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
)  # GS1's set of 82 for serials


class EpcError(ValueError):
    """What has no place in its scheme; the text begins with the name of the field."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """How an EPC is laid out: header, filter, partition, company prefix with reference, and a tail.

    `digits` is how many company prefix and reference have together; None: the reference is a number of any length.
    `tail` is what the last bits are: a number, a text, zeros, or nothing.
    """

    name: str
    header: int
    digits: int | None
    pair_bits: int
    tail_bits: int
    tail: str

    @property
    def bits(self) -> int:
        """Of the whole EPC."""
        return _HEADER_BITS + _FILTER_BITS + _PARTITION_BITS + self.pair_bits + self.tail_bits

    @property
    def lengths(self) -> tuple[int, ...]:
        """Its length in bytes, and in whole words of 16 bits as tags have it."""
        least = -(-self.bits // 8)
        return tuple(sorted({least, -(-least // 2) * 2}))


NUMBER, TEXT, ZEROS, NOTHING = "number", "text", "zeros", "nothing"
SCHEMES = {
    scheme.name: scheme
    for scheme in (
        Scheme("sgtin-96", 0x30, 13, 44, 38, NUMBER),
        Scheme("sscc-96", 0x31, 17, 58, 24, ZEROS),
        Scheme("sgln-96", 0x32, 12, 41, 41, NUMBER),
        Scheme("grai-96", 0x33, 12, 44, 38, NUMBER),
        Scheme("giai-96", 0x34, None, 82, 0, NOTHING),
        Scheme("sgtin-198", 0x36, 13, 44, 140, TEXT),
    )
}
_BY_HEADER = {scheme.header: scheme for scheme in SCHEMES.values()}


@dataclass(frozen=True, slots=True)
class Epc:
    """What a tag's bytes name; `reference` and `serial` as they stand in the URI. None: the scheme has no serial."""

    scheme: str
    filter: int
    company_prefix: str
    reference: str
    serial: str | None

    @property
    def uri(self) -> str:
        """The pure identity, without the filter: urn:epc:id:sgtin:0614141.812345.6789."""
        parts = [self.company_prefix, self.reference]
        if self.serial is not None:
            parts.append("".join(f"%{ord(each):02X}" if each in _ESCAPED else each for each in self.serial))
        return f"urn:epc:id:{self.scheme.partition('-')[0]}:{'.'.join(parts)}"

    @property
    def keys(self) -> dict[str, str]:
        """GS1's keys with their check digits, by name: gtin and serial, sscc, gln and extension, grai, giai."""
        prefix, reference, serial = self.company_prefix, self.reference, self.serial or ""
        if self.scheme.startswith("sgtin"):
            return {"gtin": _checked(reference[0] + prefix + reference[1:]), "serial": serial}
        if self.scheme == "sscc-96":
            return {"sscc": _checked(reference[0] + prefix + reference[1:])}
        if self.scheme == "grai-96":
            return {"grai": _checked(prefix + reference), "serial": serial}
        if self.scheme == "sgln-96":
            gln = {"gln": _checked(prefix + reference)}
            return gln if serial == "0" else gln | {"extension": serial}  # 0 says that there is none
        return {"giai": prefix + reference}


def decode(data: bytes) -> Epc | None:
    """What the bytes of a tag's EPC name; None when that is unknown."""
    scheme = _BY_HEADER.get(data[0]) if data else None
    if scheme is None or len(data) not in scheme.lengths:
        return None
    bits = _Bits(data)
    bits.take(_HEADER_BITS)
    filter_, partition = bits.take(_FILTER_BITS), bits.take(_PARTITION_BITS)
    if partition >= len(_PREFIX_BITS):
        return None
    prefix_digits = _PREFIX_DIGITS_MAX - partition
    prefix = bits.take(_PREFIX_BITS[partition])
    reference = bits.take(scheme.pair_bits - _PREFIX_BITS[partition])
    epc = Epc(
        scheme.name,
        filter_,
        f"{prefix:0{prefix_digits}d}",
        str(reference) if scheme.digits is None else _digits(reference, scheme.digits - prefix_digits),
        _read_tail(scheme, bits.take(scheme.tail_bits)),
    )
    try:
        return epc if encode(epc, len(data)) == data else None
    except EpcError:
        return None


def encode(epc: Epc, length: int | None = None) -> bytes:
    """The bytes that name this, `length` of them where that is given. EpcError when it has no place in its scheme."""
    scheme = SCHEMES.get(epc.scheme)
    if scheme is None:
        raise EpcError(f"scheme: {epc.scheme} is none of {', '.join(SCHEMES)}")
    if not 0 <= epc.filter < 1 << _FILTER_BITS:
        raise EpcError(f"filter: {epc.filter} is outside 0..7")
    prefix = _number("company_prefix", epc.company_prefix)
    partition = _PREFIX_DIGITS_MAX - len(epc.company_prefix)
    if not 0 <= partition < len(_PREFIX_BITS):
        raise EpcError("company_prefix: give 6 to 12 digits")
    reference_bits = scheme.pair_bits - _PREFIX_BITS[partition]
    if scheme.digits is not None:
        if len(epc.reference) != scheme.digits - len(epc.company_prefix):
            raise EpcError(f"reference: give {scheme.digits - len(epc.company_prefix)} digits")
        reference = _number("reference", epc.reference) if epc.reference else 0
    else:
        reference = _plain_number("reference", epc.reference, reference_bits)
    value = scheme.header
    for part, bits in (
        (epc.filter, _FILTER_BITS),
        (partition, _PARTITION_BITS),
        (prefix, _PREFIX_BITS[partition]),
        (reference, reference_bits),
        (_tail(scheme, epc.serial), scheme.tail_bits),
    ):
        value = value << bits | part
    length = scheme.lengths[-1] if length is None else length
    return (value << (8 * length - scheme.bits)).to_bytes(length, "big")


def _read_tail(scheme: Scheme, tail: int) -> str | None:
    if scheme.tail == NUMBER:
        return str(tail)
    if scheme.tail != TEXT:
        return None
    codes = (tail >> shift & 0x7F for shift in range(scheme.tail_bits - TEXT_BITS, -1, -TEXT_BITS))
    return "".join(map(chr, codes)).rstrip("\0")


def _tail(scheme: Scheme, serial: str | None) -> int:
    if scheme.tail in (ZEROS, NOTHING):
        if serial is not None:
            raise EpcError(f"serial: {scheme.name} has none")
        return 0
    if serial is None:
        raise EpcError(f"serial: {scheme.name} needs one")
    if scheme.tail == NUMBER:
        return _plain_number("serial", serial, scheme.tail_bits)
    characters_max = scheme.tail_bits // TEXT_BITS
    if not 1 <= len(serial) <= characters_max or not _CHARACTERS.issuperset(serial):
        raise EpcError(f"serial: give 1 to {characters_max} of GS1's characters")
    tail = 0
    for character in serial.ljust(characters_max, "\0"):
        tail = tail << TEXT_BITS | ord(character)
    return tail


def _number(field: str, digits: str) -> int:
    if not (digits.isascii() and digits.isdigit()):
        raise EpcError(f"{field}: give digits")
    return int(digits)


def _plain_number(field: str, digits: str, bits: int) -> int:
    """A number that stands for itself: without zeros before it, which the bits could not tell."""
    number = _number(field, digits)
    if str(number) != digits or number >> bits:
        raise EpcError(f"{field}: give a number below {1 << bits}, without zeros before it")
    return number


def _digits(number: int, count: int) -> str:
    """With zeros before it; of no digits at all for a reference that has none, where other bits than zeros are none."""
    return f"{number:0{count}d}" if count or number else ""


def _checked(digits: str) -> str:
    """GS1's check digit behind the digits: from the right they count three times and once in turn."""
    total = sum(int(digit) * (1 if index % 2 else 3) for index, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


class _Bits:
    """Takes so many bits after the other."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, bits: int) -> int:
        self._left -= bits
        return self._value >> self._left & ((1 << bits) - 1)
