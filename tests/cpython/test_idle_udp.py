# SPDX-License-Identifier: Apache-2.0
"""The UDP driver on MicroPython: looking for a datagram that is not there costs no memory."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

TOP = Path(__file__).parents[2]
MICROPYTHON = Path(sys.executable).with_name("micropython")
LOOKS = 1000


def test_a_look_at_a_silent_network_allocates_nothing_and_datagrams_come_one_by_one() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as echo:
        echo.bind(("127.0.0.1", 0))

        def serve() -> None:
            for _ in range(2):
                echo.sendto(*echo.recvfrom(100))

        server = threading.Thread(target=serve, daemon=True)
        server.start()
        result = subprocess.run(
            [MICROPYTHON, "tests/micropython/idle_udp.py", str(echo.getsockname()[1])],
            cwd=TOP,
            env={**os.environ, "MICROPYPATH": "firmware:.frozen"},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        server.join()

    allocated, *arrived = result.stdout.split()
    assert int(allocated) < LOOKS, "bytes in a thousand looks"
    assert arrived == ["one", "two"]
