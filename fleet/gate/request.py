# SPDX-License-Identifier: Apache-2.0
"""What a request inside its protection must be, whatever resource it is for."""

from collections.abc import Collection

from aiocoap import Message
from aiocoap.numbers import codes
from aiocoap.numbers.optionnumbers import OptionNumber
from wire.paths import PAYLOAD_MAX

CBOR_SEQUENCE = 63  # Content-Format application/cbor-seq (RFC 8742); saying nothing means the same
_UNDERSTOOD = {OptionNumber.URI_HOST, OptionNumber.URI_PORT, OptionNumber.URI_PATH, OptionNumber.BLOCK1}


class RefusalError(Exception):
    """A request that will not do: the code for it, and for the device's owner a text."""

    def __init__(self, code: codes.Code, text: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def addressed(request: Message, paths: Collection[str]) -> str:
    """Which of `paths` the request posts to; the rest of it is not looked at. RefusalError."""
    path = "/".join(request.opt.uri_path)
    if path not in paths:
        raise RefusalError(codes.NOT_FOUND, f"the resources are {', '.join('/' + path for path in paths)}")
    if request.code is not codes.POST:
        raise RefusalError(codes.METHOD_NOT_ALLOWED, f"only POST to /{path}")
    return path


def check(request: Message, paths: Collection[str]) -> str:
    """Which of `paths` a request whose protection is off posts to. RefusalError with the right code if it may not."""
    for option in request.opt.option_list():
        if option.number.is_critical() and option.number not in _UNDERSTOOD:
            raise RefusalError(codes.BAD_OPTION, f"option {int(option.number)} is critical and not understood here")
    path = addressed(request, paths)
    if request.opt.block1 is not None or len(request.payload) > PAYLOAD_MAX:
        raise RefusalError(codes.REQUEST_ENTITY_TOO_LARGE, f"send at most {PAYLOAD_MAX} bytes, in one datagram")
    if request.opt.content_format not in (None, CBOR_SEQUENCE):
        raise RefusalError(codes.UNSUPPORTED_CONTENT_FORMAT, f"send Content-Format {CBOR_SEQUENCE} or none")
    return path
