# SPDX-License-Identifier: Apache-2.0
"""What a request inside its protection must be, whatever resource it is for."""

from collections.abc import Collection

from aiocoap import Message
from aiocoap.numbers import codes
from aiocoap.numbers.optionnumbers import OptionNumber
from wire.paths import PAYLOAD_MAX

CBOR_SEQUENCE = 63  # Content-Format application/cbor-seq (RFC 8742); saying nothing means the same
SENML_CBOR = 112  # application/senml+cbor (RFC 8428)
_UNDERSTOOD = {OptionNumber.URI_HOST, OptionNumber.URI_PORT, OptionNumber.URI_PATH, OptionNumber.BLOCK1}


class RefusalError(Exception):
    """A request that will not do: the code for it, and for the device's owner a text."""

    def __init__(self, code: codes.Code, text: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def in_format(path: str, content_format: int) -> str:
    """The key of what takes another format on a path than our own, written as in the link format (RFC 6690)."""
    return f"{path};ct={int(content_format)}"


def addressed(request: Message, keys: Collection[str]) -> str:
    """The path of one of `keys` that the request posts to; the rest of it is not looked at. RefusalError."""
    path = "/".join(request.opt.uri_path)
    paths = [key for key in keys if ";" not in key]
    if path not in paths:
        raise RefusalError(codes.NOT_FOUND, f"the resources are {', '.join('/' + path for path in paths)}")
    if request.code is not codes.POST:
        raise RefusalError(codes.METHOD_NOT_ALLOWED, f"only POST to /{path}")
    return path


def check(request: Message, keys: Collection[str]) -> str:
    """Which of `keys` a request whose protection is off is for. RefusalError with the right code if for none.

    A key is a path, or `in_format` of a path for what takes another format than ours there.
    """
    for option in request.opt.option_list():
        if option.number.is_critical() and option.number not in _UNDERSTOOD:
            raise RefusalError(codes.BAD_OPTION, f"option {int(option.number)} is critical and not understood here")
    path = addressed(request, keys)
    if request.opt.block1 is not None or len(request.payload) > PAYLOAD_MAX:
        raise RefusalError(codes.REQUEST_ENTITY_TOO_LARGE, f"send at most {PAYLOAD_MAX} bytes, in one datagram")
    content_format = request.opt.content_format
    key = path if content_format in (None, CBOR_SEQUENCE) else in_format(path, content_format)
    if key not in keys:
        understood = [str(CBOR_SEQUENCE), *(key.partition("=")[2] for key in keys if key.startswith(path + ";"))]
        raise RefusalError(codes.UNSUPPORTED_CONTENT_FORMAT, f"send Content-Format {', '.join(understood)} or none")
    return key
