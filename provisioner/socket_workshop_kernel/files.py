"""Kernels that are reached by files instead of ports."""

import os
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from . import folder


class FileSockets(LocalProvisioner):
    """
    Starts a kernel as Jupyter does, but its five sockets are files (Jupyter's transport "ipc") in a folder that only this
    user can enter. With ports every user of the machine can connect, and Jupyter protects what a kernel publishes by
    nothing else: whoever subscribes reads all outputs.
    """

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        manager = self.parent
        # A restart comes with a new provisioner and the same manager: clients stay connected to the same files.
        if manager and not folder.is_ours(os.path.dirname(manager.ip)):
            manager.transport = "ipc"
            manager.cache_ports = False
            manager.ip = os.path.join(folder.make(), "k")
        return await super().pre_launch(**kwargs)

    async def cleanup(self, restart: bool = False) -> None:
        await super().cleanup(restart=restart)
        if self.parent and not restart:
            folder.remove(os.path.dirname(self.parent.ip))
