# SPDX-License-Identifier: Apache-2.0
"""A real InfluxDB of one's own: on loopback, its data in a folder of ours; stopped, killed and started as one likes."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

import httpx

READY_WITHIN_S = 60.0
LOOK_EVERY_S = 0.02


class Influxd:
    """`with Influxd(folder) as server`: answers at `server.url` on entry, no process left on exit.

    tsi1 index and no limits on series, as the operator's page asks for. With `disk_mb` its folder is a small disk of
    its own, which `fill_disk` fills.
    """

    def __init__(self, folder: Path, disk_mb: int | None = None) -> None:
        self.folder = folder
        self._disk = None if disk_mb is None else SmallDisk(folder, disk_mb)
        self._port, self._rpc_port = _free_port(), _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        if self._disk is not None:
            self._disk.close()

    def start(self) -> None:
        """Starts it on what the folder holds, and waits until it answers. Raises TimeoutError with its last lines."""
        self.launch()
        deadline = time.monotonic() + READY_WITHIN_S
        while not self.answers():
            if time.monotonic() > deadline or self._process is None or self._process.poll() is not None:
                raise TimeoutError(f"no InfluxDB: {self._log.read_text()[-2000:]}")
            time.sleep(LOOK_EVERY_S)

    def launch(self) -> None:
        """Starts it, and does not wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self._log.with_name(f"{self.folder.name}.conf")
        config.write_text(_config(self.folder, self._port, self._rpc_port))
        inside = [] if self._disk is None else self._disk.inside
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*inside, "influxd", "run", "-config", str(config)], stdout=log, stderr=log
            )

    @property
    def _log(self) -> Path:
        """Beside its disk, which may be full."""
        return self.folder.with_name(f"{self.folder.name}.log")

    def fill_disk(self) -> None:
        """Not a byte more fits on its disk."""
        assert self._disk is not None, "the machine's own disk is not to be filled"
        self._disk.fill()

    def free_disk(self) -> None:
        """Somebody has made room."""
        assert self._disk is not None
        self._disk.free()

    def answers(self) -> bool:
        """Whether it answers now."""
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/ping", trust_env=False).status_code == 204
        return False

    def stop(self) -> None:
        """As an operator stops it."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def query(self, database: str, text: str) -> list[dict[str, object]]:
        """The series that InfluxQL answers with."""
        answer = httpx.post(
            f"{self.url}/query", data={"db": database, "q": text, "epoch": "ns"}, trust_env=False, timeout=60
        )
        answer.raise_for_status()
        result = answer.json()["results"][0]
        assert "error" not in result, result["error"]
        series: list[dict[str, object]] = result.get("series", [])
        return series

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(how)
            self._process.wait()
            self._process = None


class SmallDisk:
    """A file system of a few megabytes on a folder, in a mount namespace of its own, so that no rights are needed."""

    def __init__(self, folder: Path, size_mb: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        mount = f"mount -t tmpfs -o size={size_mb}m tmpfs '{folder}' && echo ready && exec sleep infinity"
        hold = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount]
        self._holder = subprocess.Popen(hold, stdout=subprocess.PIPE, text=True)
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == "ready\n", "this machine lets nobody mount a tmpfs"
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        self.inside = ["nsenter", "--target", str(self._holder.pid), *user, "--mount"]
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Puts a file there that takes all the room."""
        subprocess.run([*self.inside, "dd", "if=/dev/zero", f"of={self._ballast}", "bs=64k"], stderr=subprocess.DEVNULL)

    def free(self) -> None:
        """Takes it away."""
        subprocess.run([*self.inside, "rm", str(self._ballast)], check=True)

    def close(self) -> None:
        """The disk and all that is on it are gone."""
        self._holder.kill()
        self._holder.communicate()


def _config(folder: Path, port: int, rpc_port: int) -> str:
    return f"""reporting-enabled = false
bind-address = "127.0.0.1:{rpc_port}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  index-version = "tsi1"
  max-series-per-database = 0
  max-values-per-tag = 0
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
  flux-enabled = false
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
