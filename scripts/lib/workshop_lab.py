# JupyterLab with what `npm start` adds. Run by itself it only imports what JupyterLab needs: so `npm run check` tries it.
import errno
import logging
import os
import sys
from pathlib import Path

from jupyter_server import serverapp
from jupyter_server.utils import url_path_join
from jupyterlab import commands

# JupyterLab asks yarn when it is imported, and again at each start, from where it would get extensions that come as source: 0.5 s of processor time.
# This is the answer where there is no Node.
commands._yarn_config = lambda logger: {"yarn config": {}, "npm config": {}}

from jupyterlab.labapp import LabApp
from tornado.httputil import url_concat
from tornado.netutil import bind_sockets
from traitlets.config import Config

import saves
import trust
import workspace

PROJECT = str(Path(__file__).resolve().parents[2])
FIRST = "00-start-here"


def defaults(own):
    """What JupyterLab is told where the user says nothing else: the command line goes before all of it."""
    values = Config()
    values.ServerApp.root_dir = PROJECT
    values.ServerApp.ip = "127.0.0.1"
    values.LabApp.custom_css = True  # see installStyle in lab.mjs
    values.MultiKernelManager.default_kernel_name = "tslab"
    # Who brings an environment of their own may want its Python.
    if own:
        values.ServerApp.kernel_spec_manager_class = "kernels.WithoutPython"
    # In the section of them all, to which `--log-level` writes; with a narrower one it would do nothing.
    values.Application.log_level = "WARN"
    # Looks for language servers with `npm prefix`, which writes logs into HOME; none is used here.
    values.LanguageServerManager.autodetect = False
    # No pings: a connection within one machine does not fall silent. And jupyter_server 2.21 asks for an answer
    # within three intervals, which tornado 6.5 shortens to one, with a warning.
    values.ServerApp.tornado_settings = {"ws_ping_interval": 0}
    # Its page asks at each opening whether JupyterLab must be built anew, which runs yarn for half a second of processor time. That can be
    # so for extensions that come as source alone; those that pip installs are built, and ours has none.
    if own:
        values.ServerApp.tornado_settings["page_config_data"] = {"buildCheck": False}
    # JupyterLab refuses to run as root, the usual user in a container.
    if os.geteuid() == 0:
        values.ServerApp.allow_root = True
    return values


def has_notebooks(server):
    """Says whether JupyterLab shows the workshop: the user may have named another folder."""
    return os.path.isfile(os.path.join(server.root_dir, workspace.FOLDER, f"{FIRST}.ipynb"))


def without_harmless(record):
    """
    pyzmq warns of each stream that is closed while something has just arrived on it. jupyter_server closes those of a
    kernel's connection whenever a notebook is closed or a kernel restarted, and nobody waits for what comes then.
    """
    return record.msg != "Got events for closed stream %s"


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


def refusal(error, ip, port):
    """Why JupyterLab cannot listen there, and what to do."""
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {ip or 'this machine'} is in use: name another one, or leave --port out, then a free one is found."
    if error.errno == errno.EACCES:
        return f"Port {port} is for root alone: name one above 1023, or leave --port out, then a free one is found."
    return f"JupyterLab cannot listen at {ip} ({error.strerror}): --ip wants an address of this machine; without it, it is 127.0.0.1."


class ServerApp(serverapp.ServerApp):
    """
    The server below JupyterLab. Its page is chosen, and its port held, before anything is printed. It keeps its name: the
    sections of the configuration have it, and traitlets would put `--port` into one of another name.
    """

    def init_server_extensions(self):
        # The command line has been read, and JupyterLab not been told of it.
        page = f"/lab/workspaces/{FIRST}" if has_notebooks(self) else LabApp.default_url.default_value
        # By either name: JupyterLab looks at its own alone, and tells the server what it says.
        chosen = self.config.LabApp.get("default_url") or self.config.ServerApp.get("default_url")
        self.config.LabApp.default_url = chosen or page
        super().init_server_extensions()

    def _find_http_port(self):
        """
        jupyter_server only looks whether a port is free, prints its address, and then listens, maybe too late. And where
        a chosen port is taken it takes another, to which no tunnel and no bookmark leads.
        """
        try:
            if "port" not in self.config.ServerApp or "port_retries" in self.config.ServerApp:
                super()._find_http_port()
            self.held = bind_sockets(self.port, self.ip)
        except OSError as error:
            sys.exit(f"✗ {refusal(error, self.ip, self.port)}")
        self.port = self.held[0].getsockname()[1]

    def _bind_http_server_tcp(self):
        self.http_server.add_sockets(self.held)
        return True


class WorkshopLab(LabApp):
    """JupyterLab with trust in the workshop's notebooks, prepared workspaces, and a git that knows what was only run."""

    serverapp_class = ServerApp
    told = {}

    @classmethod
    def get_extension_package(cls):
        return LabApp.get_extension_package()

    @classmethod
    def make_serverapp(cls, **kwargs):
        return super().make_serverapp(config=defaults(cls.told["own"]), **kwargs)

    @classmethod
    def initialize_server(cls, *args, **kwargs):
        logging.getLogger("tornado.general").addFilter(without_harmless)
        server = super().initialize_server(*args, **kwargs)
        server.contents_manager.register_post_save_hook(saves.hook(PROJECT, cls.told["node"]))
        if not has_notebooks(server):
            return server
        trust.sign(os.path.join(server.root_dir, workspace.FOLDER), server.contents_manager.notary)
        for lab in server.extension_manager.extension_apps[cls.get_extension_package()]:
            names = workspace.write(lab.workspaces_dir, server.root_dir, FIRST)
            # After the callback that makes the server listen: the addresses work when they are printed.
            server.io_loop.add_callback(offer, server, names)
        return server


def launch(told, arguments):
    """`told`: `own`, our .venv; `node`, the program that runs our scripts."""
    WorkshopLab.told = told
    return WorkshopLab.launch_instance(arguments)
