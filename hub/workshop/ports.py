"""Ports for each learner: all share 127.0.0.1, and nobody is to meet another's server there."""

FIRST = 20_000
LAST = 32_767  # above, the system gives ports to clients
LOWEST = 10_000
COUNT = 200  # the longest notebook takes about 40 at a time

# 63 ranges from 20000 up, as everywhere in the workshop, then 50 more from 10000 up.
STARTS = [*range(FIRST, LAST - COUNT + 2, COUNT), *range(LOWEST, FIRST, COUNT)]


class NoRange(Exception):
    """JupyterHub shows `jupyterhub_message` to the one who waits for a server."""

    def __init__(self, number: int):
        self.jupyterhub_message = (
            f"This server has port ranges for {len(STARTS)} learners, and this is number {number}. Who runs it can delete"
            " hub/state/jupyterhub.sqlite while it does not run: then it counts from 1 again; no learner's files are lost."
        )
        super().__init__(self.jupyterhub_message)


def port_range(number: int) -> str:
    """The range of JupyterHub's user with this number, counted from 1, for SOCKET_WORKSHOP_PORTS."""
    if not 1 <= number <= len(STARTS):
        raise NoRange(number)
    start = STARTS[number - 1]
    return f"{start}-{start + COUNT - 1}"


def of(spawner) -> str:
    return port_range(spawner.user.id)
