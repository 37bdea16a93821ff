# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython: a weigh bin starts as on a board, up to its first round, and is kept as it is then.

Files are real ones; what only a board has is a name without content here. With "drop" the bin goes, and its code stays.
"""

import json
import sys

SETTINGS = {
    "device": "bin-01",
    "board": "esp32_wroom",
    "kid": "0001",
    "master_secret": "00" * 16,
    "fleet": {"host": "127.0.0.1"},
    "wifi": {"ssid": "warehouse"},
    "channels": [{"channel": 0, "change_counts": 430}],
}


class Stub:
    """Says yes to everything, is connected to nothing, and has nothing in its memory."""

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **options):
        return self

    def __len__(self):
        return 0

    def isconnected(self):
        return False


class Numbers:
    """WebAssembly has no source of noise."""

    def uint32(self):
        return 4

    def below(self, limit):
        return 0


def start():
    for each in ("machine", "network", "esp32", "cryptolib", "socket"):
        sys.modules[each] = Stub()
    sys.modules["machine"].reset_cause = lambda: 1  # a power-up
    with open("kanbin.json", "w") as file:
        json.dump(SETTINGS, file)
    import boot  # noqa: F401 - as a board does
    from apps import start
    from drivers import entropy, flash

    entropy.Entropy = Numbers
    flash._missing = lambda error, answer: answer  # WebAssembly has numbers of its own for its errors
    start.run = lambda *running: setattr(start, "running", running)
    start.main()
    print("started", start.running[0].link.is_done())


if sys.argv[1:] == ["drop"]:
    sys.modules["apps.start"].running = None
else:
    start()
