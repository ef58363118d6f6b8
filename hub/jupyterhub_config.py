# The configuration of JupyterHub for a class on one machine. `npm run hub` starts JupyterHub with it; README.md beside
# this file says how, and what each setting is for. What it needs to know of the workshop is in workshop/.
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from workshop import accounts, alone, settings, spawners  # noqa: E402

c = get_config()  # noqa: F821
chosen = settings.read()
state = chosen.state
alone.end_with_standard_input()
alone.lock(state)
alone.forget_proxy(state)

# The server. The first address is the learners', the other two are between its own programs.
c.JupyterHub.bind_url = chosen.url
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{chosen.hub_port}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{chosen.proxy_port}"
c.ConfigurableHTTPProxy.command = [
    chosen.node,
    str(settings.HUB / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"),
]
c.ConfigurableHTTPProxy.log_level = "warn"
c.ConfigurableHTTPProxy.pid_file = f"{state}/proxy.pid"
c.JupyterHub.ssl_cert = chosen.certificate
c.JupyterHub.ssl_key = chosen.key
c.JupyterHub.db_url = f"sqlite:///{state}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = f"{state}/cookie_secret"
# Learners' servers end with it: what they wrote is in their notebooks.
c.JupyterHub.cleanup_servers = True

# Who may log in.
if chosen.login == "shared":
    c.JupyterHub.authenticator_class = accounts.SharedPassword
    c.SharedPassword.user_password = chosen.password
    c.SharedPassword.admin_password = chosen.admin_password
    c.LocalAuthenticator.create_system_users = True
    home = ["--create-home", "--key", "HOME_MODE=0700", "--user-group", "--shell", "/bin/bash"]
    c.LocalAuthenticator.add_user_cmd = ["useradd", *home, "--groups", accounts.GROUP]
else:
    c.JupyterHub.authenticator_class = accounts.SystemAccounts
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {chosen.admin} if chosen.admin else set()

# The learners' servers.
c.Spawner.pre_spawn_hook = spawners.prepare
c.Spawner.cmd = spawners.COMMAND
c.Spawner.environment = spawners.environment(chosen)
c.Spawner.env_keep = ["LANG", "LC_ALL"]
c.Spawner.default_url = "/lab/workspaces/00-start-here"
# As `npm start` has it: the workshop's style and kernels, no search for language servers, and warnings only.
c.Spawner.args = [
    "--LabApp.custom_css=True",
    "--KernelSpecManager.allowed_kernelspecs=tslab",
    "--KernelSpecManager.allowed_kernelspecs=tslab-own-network",
    "--LanguageServerManager.autodetect=False",
    "--log-level=WARN",
    "--LabApp.log_level=WARN",
]
c.Spawner.mem_limit = chosen.memory
c.Spawner.cpu_limit = chosen.cpus
# Thirty at once on a small machine take a while.
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 180
if spawners.has_systemd():
    c.JupyterHub.spawner_class = "systemd"
    c.SystemdSpawner.isolate_tmp = True
    c.SystemdSpawner.default_shell = "/bin/bash"
else:
    c.JupyterHub.spawner_class = spawners.PlainSpawner
    # Thirty that end at once have kernels to end first.
    c.PlainSpawner.interrupt_timeout = 30

# A server that nobody has used for so long ends, and its kernels with it.
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [
            str(settings.VENV / "bin" / "python"),
            "-m",
            "jupyterhub_idle_culler",
            f"--timeout={chosen.idle_minutes * 60}",
            "--cull-every=300",
        ],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
