# SPDX-License-Identifier: Apache-2.0
"""`kanbin demo` as a person starts it, and who is left when it is over."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType

import httpx

from tools.simulate.fleet_process import free_port

KANBIN = Path(sys.executable).with_name("kanbin")
FEW = ("--no-shelf", "--no-reader")


class KanbinDemo:
    """A running demonstration; its data lie in `folder`, where all its children have their working directories.

    Without the shelf and the reader, unless it is to be `full`.
    """

    def __init__(self, folder: Path, *arguments: str, full: bool = False) -> None:
        self.folder = folder
        self.http_port = free_port(socket.SOCK_STREAM)
        ports = ("--http-port", str(self.http_port), "--coap-port", str(free_port(socket.SOCK_DGRAM)))
        self._process = subprocess.Popen(
            [KANBIN, "demo", "--data", str(folder), *ports, *(() if full else FEW), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []

    def get(self, path: str) -> httpx.Response:
        """What its page or API answers."""
        return httpx.get(f"http://127.0.0.1:{self.http_port}{path}", trust_env=False)

    def __enter__(self) -> "KanbinDemo":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self.end()

    def listen_for(self, text: str) -> None:
        """Read its output up to a line with this text; AssertionError with all it said when it ends before."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said.append(line.rstrip())
            if text in line:
                return
        raise AssertionError("\n".join([f"never said {text!r}:", *self.said]))

    def signal(self, number: int) -> None:
        """Send the demonstration itself a signal."""
        self._process.send_signal(number)

    def end(self) -> int:
        """Its exit code, once it ended."""
        if self._process.stdout and not self._process.stdout.closed:
            self.said += self._process.stdout.read().splitlines()
            self._process.stdout.close()
        return self._process.wait()

    def children(self) -> list[int]:
        """Process ids of everybody who works in the data folder."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                try:
                    cwd = Path(os.readlink(entry / "cwd"))
                except OSError:  # it ended meanwhile, or is a zombie
                    continue
                if cwd.is_relative_to(self.folder):
                    found.append(int(entry.name))
        return found

    def fleet(self) -> int:
        """Process id of the fleet."""
        return next(pid for pid in self.children() if os.readlink(f"/proc/{pid}/cwd").endswith("/fleet"))
