# SPDX-License-Identifier: Apache-2.0
"""What Kanbin's gate is compared with: aiocoap's own OSCORE server, which acknowledges and stores nothing."""

import asyncio
import json
import sys
from pathlib import Path

from aiocoap import CHANGED, Context, Message
from aiocoap.credentials import CredentialsMap
from aiocoap.oscore import FilesystemSecurityContext
from aiocoap.oscore_sitewrapper import OscoreSiteWrapper
from aiocoap.resource import Resource, Site


class Nothing(Resource):
    """Says 2.04 to everything."""

    async def render_post(self, request: Message) -> Message:
        """Nothing is looked at."""
        return Message(code=CHANGED)


async def main(folder: Path, port: int, secrets_by_number: dict[str, str]) -> None:
    """Serves until it is killed."""
    credentials = CredentialsMap()
    for number, secret in secrets_by_number.items():
        place = folder / number
        place.mkdir()
        kid = int(number).to_bytes(2, "big").hex()
        (place / "settings.json").write_text(
            json.dumps({"sender-id_hex": "", "recipient-id_hex": kid, "secret_hex": secret})
        )
        credentials[":" + number] = FilesystemSecurityContext(str(place))
    site = Site()
    site.add_resource(["r"], Nothing())
    await Context.create_server_context(OscoreSiteWrapper(site, credentials), bind=("127.0.0.1", port))
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.stdin.readline())))
