"""Kernels in a network of their own."""

import asyncio
import sys
from pathlib import Path
from typing import Any

from .files import FileSockets

# By its path and without site-packages: 40 ms until the kernel's own program runs, in the same process.
ENTER = [sys.executable, "-I", "-S", str(Path(__file__).with_name("enter.py"))]


async def problem() -> str | None:
    """Why no network can be made here, as a sentence with its remedy; None when it can."""
    trial = await asyncio.create_subprocess_exec(*ENTER, stderr=asyncio.subprocess.PIPE)
    _, told = await trial.communicate()
    if trial.returncode == 0:
        return None
    return told.decode(errors="replace").strip() or f"{ENTER[-1]} ended with status {trial.returncode}."


class OwnNetwork(FileSockets):
    """Starts the kernel in a user and a network namespace of its own, in which the loopback interface is up."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        # Tried first, so that JupyterLab shows the sentence; of a kernel that ends it would only say that it died.
        told = await problem()
        if told is not None:
            raise RuntimeError(told)
        prepared = await super().pre_launch(**kwargs)
        prepared["cmd"] = [*ENTER, *prepared["cmd"]]
        return prepared
