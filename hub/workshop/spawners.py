"""How a learner's server is started, with which limits, and in which environment."""

import asyncio
import os
import pwd
import resource
import signal

from jupyterhub.spawner import LocalProcessSpawner

from . import ports
from .settings import HUB, VENV, Settings

PROCESSES = 2048  # threads count, too: a kernel has about 15
OOM_SCORE = "500"

COMMAND = [str(VENV / "bin" / "python"), "-I", str(HUB / "learner.py")]


PREPARE_SECONDS = 120


class NotPrepared(Exception):
    """JupyterHub shows `jupyterhub_message` to the one who waits for a server."""

    def __init__(self, why: str):
        self.jupyterhub_message = f"{why} Tell the one who runs this server."
        super().__init__(why)


async def prepare(spawner) -> None:
    """
    Gives the learner the notebooks, as the learner, before their server is started: JupyterHub does not notice that a
    server has ended at once, so that who has a full home folder would wait for three minutes and not learn why.
    """
    try:
        account = pwd.getpwnam(spawner.user.name)
    except KeyError:
        raise NotPrepared(f"This machine has no account {spawner.user.name}.") from None
    child = await asyncio.create_subprocess_exec(
        *COMMAND,
        "--prepare",
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=os.getgrouplist(account.pw_name, account.pw_gid),
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONNOUSERSITE": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(child.communicate(), PREPARE_SECONDS)
    except asyncio.TimeoutError:
        child.kill()
        raise NotPrepared(f"The notebooks were not in the home folder within {PREPARE_SECONDS} s.") from None
    if child.returncode != 0:
        lines = output.decode(errors="replace").strip().splitlines()
        raise NotPrepared(lines[-1] if lines else f"The notebooks could not be copied (status {child.returncode}).")


def has_systemd() -> bool:
    """Whether systemd runs this machine (man 3 sd_booted)."""
    return os.path.isdir("/run/systemd/system")


class PlainSpawner(LocalProcessSpawner):
    """
    Where systemd does not run. There is no limit on memory or processor time: RLIMIT_AS counts what Node only reserves,
    tens of gigabytes, so none that lets it start limits anything. What can be had: a limit on processes and threads, no
    core files, and when memory runs out the system ends a learner's process, not the server's.
    """

    async def _signal(self, sig):
        # Without a terminal a Jupyter server answers SIGINT, which JupyterHub sends first, with KeyboardInterrupt: it ends
        # no kernel and leaves the folders of their sockets in /tmp. With SIGTERM it ends orderly.
        return await super()._signal(signal.SIGTERM if sig == signal.SIGINT else sig)

    def make_preexec_fn(self, name):
        become_learner = super().make_preexec_fn(name)

        def prepare():
            resource.setrlimit(resource.RLIMIT_NPROC, (PROCESSES, PROCESSES))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            with open("/proc/self/oom_score_adj", "w") as file:
                file.write(OOM_SCORE)
            become_learner()

        return prepare


def environment(settings: Settings) -> dict:
    shared = VENV / "share" / "jupyter"
    programs = [str(HUB / "bin"), str(VENV / "bin"), os.path.dirname(settings.node)]
    return {
        "PATH": os.pathsep.join([*programs, "/usr/local/bin", "/usr/bin", "/bin"]),
        # The kernels of this environment come before any of the learner's own; JUPYTER_PATH is searched first.
        "JUPYTER_PATH": str(shared),
        "JUPYTERLAB_DIR": str(shared / "lab"),
        "PYTHONNOUSERSITE": "1",
        # All kernels are reached by files: the ports of a kernel are open to every learner, and what it publishes is
        # protected by nothing else.
        "JUPYTER_DEFAULT_PROVISIONER_NAME": "socket-workshop-files",
        "SOCKET_WORKSHOP_PORTS": ports.of,
    }
