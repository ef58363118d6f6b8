"""How a learner's server is started, with which limits, and in which environment."""

import os
import resource
import signal

from jupyterhub.spawner import LocalProcessSpawner

from . import ports
from .settings import HUB, VENV, Settings

PROCESSES = 2048  # threads count, too: a kernel has about 15
OOM_SCORE = "500"

COMMAND = [str(VENV / "bin" / "python"), "-I", str(HUB / "learner.py")]


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
