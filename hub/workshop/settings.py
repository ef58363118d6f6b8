"""What the one who runs the server has chosen; `npm run hub` writes it down, and checks it first."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
HUB = PROJECT / "hub"
VENV = HUB / ".venv"


@dataclass(frozen=True)
class Settings:
    node: str
    """The node executable that runs the proxy, and the learners' programs."""
    state: str
    """The folder for the database, cookies and passwords; root's alone."""
    login: str = "system"
    """"system": accounts of this machine (PAM); "shared": a name of one's choice and one password for all."""
    ip: str = "127.0.0.1"
    port: int = 8000
    hub_port: int = 8081
    proxy_port: int = 8001
    certificate: str = ""
    key: str = ""
    admin: str = ""
    password: str = ""
    admin_password: str = ""
    memory: str = "2500M"
    cpus: float = 2.0
    idle_minutes: int = 180

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://{self.ip}:{self.port}"


def read() -> Settings:
    """The settings in the file that the environment variable SOCKET_WORKSHOP_HUB names."""
    path = os.environ.get("SOCKET_WORKSHOP_HUB")
    if not path:
        raise SystemExit("SOCKET_WORKSHOP_HUB names no file of settings: start the server with `npm run hub`.")
    return Settings(**json.loads(Path(path).read_text("utf-8")))
