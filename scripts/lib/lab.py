# Runs JupyterLab until its standard input ends. The process that holds the other end may be killed in a way
# that it cannot pass on; then JupyterLab and its kernels end as well.
import os
import signal
import sys
import threading


def end_with_standard_input():
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_standard_input, daemon=True).start()

# The imports take a second, and may be interrupted.
from jupyter_server.utils import url_path_join  # noqa: E402
from jupyterlab.labapp import LabApp  # noqa: E402
from tornado.httputil import url_concat  # noqa: E402

import trust  # noqa: E402
import workspace  # noqa: E402


FIRST = "00-start-here"


def address(server, *path):
    """An address below JupyterLab's. A token that the user has chosen is not shown, as in JupyterLab's own lines."""
    url = url_path_join(server.connection_url, "lab", *path)
    if server.identity_provider.token and server.identity_provider.token_generated:
        url = url_concat(url, {"token": server.identity_provider.token})
    return url


def offer(server, names):
    """Prints the addresses beside the one at which the browser opens."""
    print("  Each of these opens a notebook with its live panel beside it:")
    for name in names:
        print(f"    {address(server, 'workspaces', name)}")
    print(f"  And this the list of all notebooks:\n    {address(server, 'tree', workspace.FOLDER)}", flush=True)


class WorkshopLab(LabApp):
    """JupyterLab with what `npm start` adds: trust in the workshop's notebooks, and prepared workspaces."""

    @classmethod
    def get_extension_package(cls):
        return LabApp.get_extension_package()

    @classmethod
    def initialize_server(cls, *args, **kwargs):
        server = super().initialize_server(*args, **kwargs)
        trust.sign(os.path.join(server.root_dir, workspace.FOLDER), server.contents_manager.notary)
        for lab in server.extension_manager.extension_apps[cls.get_extension_package()]:
            names = workspace.write(lab.workspaces_dir, server.root_dir, FIRST)
            # After the callback that makes the server listen: the addresses work when they are printed.
            server.io_loop.add_callback(offer, server, names)
        return server


sys.exit(WorkshopLab.launch_instance([f"--LabApp.default_url=/lab/workspaces/{FIRST}", *sys.argv[1:]]))
