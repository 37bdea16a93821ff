# SPDX-License-Identifier: Apache-2.0
"""A child process that never outlives us: its lines, its last words, its end."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

TAIL_LINES = 20
STOP_GRACE_S = 8.0
PR_SET_PDEATHSIG = 1  # prctl(2)

_libc = ctypes.CDLL(None, use_errno=True)


class ChildCrashedError(RuntimeError):
    """A child ended although nobody asked it to; the message carries its last lines."""

    def __init__(self, name: str, code: int, tail: Sequence[str]) -> None:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        super().__init__("\n  ".join([f"{name} {how}. Its last lines:", *(tail or ["(it said nothing)"])]))


class Child:
    """One command in a process group of its own. Its output, stdout and stderr together, goes to `on_line`."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        cwd: Path,
        env: Mapping[str, str],
        on_line: Callable[[str], None] | None = None,
    ) -> None:
        self.name = name
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._argv = [str(part) for part in argv]
        self._cwd = cwd
        self._env = dict(env)
        self._on_line = on_line
        self._process: Process | None = None
        self._end: asyncio.Task[int] | None = None
        self._asked_to_end = False

    @property
    def pid(self) -> int:
        """The process's number; only between `start` and its end."""
        assert self._process is not None
        return self._process.pid

    @property
    def crash(self) -> ChildCrashedError | None:
        """Why it ended, if it ended although we did not ask it to."""
        if self._end is None or not self._end.done() or self._asked_to_end:
            return None
        return ChildCrashedError(self.name, self._end.result(), list(self.tail))

    async def start(self) -> None:
        """Start it, anew if it ran before. The kernel kills it when this process dies, however that happens."""
        self.tail.clear()
        self._asked_to_end = False
        self._process = await asyncio.create_subprocess_exec(
            *self._argv,
            cwd=self._cwd,
            env=self._env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            process_group=0,
            preexec_fn=_die_with(os.getpid()),
        )
        self._end = asyncio.create_task(self._listen(self._process), name=f"listen to {self.name}")

    async def wait(self) -> int:
        """Its exit code, once it ended and all it said was heard; negative: the signal that ended it."""
        if self._end is None:
            raise RuntimeError(f"{self.name} was not started")
        return await asyncio.shield(self._end)

    async def kill(self) -> None:
        """SIGKILL to it and its children: a power cut."""
        await self._signal(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask it to end; kill it if it does not within STOP_GRACE_S."""
        try:
            async with asyncio.timeout(STOP_GRACE_S):
                await self._signal(signal.SIGTERM)
        except TimeoutError:
            await self.kill()

    async def _signal(self, number: signal.Signals) -> None:
        if self._process is None or self._end is None:
            return
        if not self._end.done():
            self._asked_to_end = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
        await asyncio.shield(self._end)

    async def _listen(self, process: Process) -> int:
        if process.stdout is None:
            raise RuntimeError("the child was started without a pipe")
        async for line in process.stdout:
            text = line.decode(errors="replace").rstrip()
            self.tail.append(text)
            if self._on_line:
                self._on_line(text)
        return await process.wait()


def beside_python(command: str) -> Path:
    """The command installed in the environment that runs us. Raises FileNotFoundError with the remedy."""
    path = Path(sys.executable).parent / command
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: install this project with its extra `demo` into this environment")
    return path


def clean_environment(**settings: str) -> dict[str, str]:
    """Our environment without any KANBIN_ setting but the given ones."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("KANBIN_")}
    return kept | settings


def _die_with(parent_pid: int) -> Callable[[], None]:
    """Runs in the child before its program does; Linux only, which is where the simulation runs."""

    def arrange() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent_pid:
            os._exit(1)

    return arrange
