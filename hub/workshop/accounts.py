"""Who may log in, and as which account of this machine."""

import grp
import pwd
import re

from jupyterhub.auth import LocalAuthenticator, PAMAuthenticator
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from tornado.web import HTTPError

# The accounts that this server has made are in this group. Only they can be logged in to with the shared password.
GROUP = "socket-workshop"
FIRST_PERSON = 1000  # below are the system's own accounts (login.defs, UID_MIN)
NOBODY = 65534
NAME = re.compile(r"[a-z][a-z0-9-]{0,18}[a-z0-9]")
WANTED = "2 to 20 of the letters a to z, digits and -, a letter first"


def _account(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _is_group(name: str) -> bool:
    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True


def is_person(name: str) -> bool:
    """Whether it is an account of a person: not root, not one of the system's own."""
    account = _account(name)
    return account is not None and account.pw_uid >= FIRST_PERSON and account.pw_uid != NOBODY


def made_here(name: str) -> bool:
    return is_person(name) and _is_group(GROUP) and name in grp.getgrnam(GROUP).gr_mem


def refusal(name: str) -> str | None:
    """Why nobody can be called so who logs in with the shared password; None for a good name."""
    if not NAME.fullmatch(name):
        return f"Choose another name: {WANTED}."
    # A new account gets a group of its name; that of an existing group would give its rights.
    taken = _account(name) is not None or _is_group(name)
    if taken and not made_here(name):
        return f"Choose another name: {name} is an account or a group of this machine."
    return None


class SharedPassword(LocalAuthenticator, SharedPasswordAuthenticator):
    """For a day: one password for all, and a name of one's choice, for which an account is made."""

    async def authenticate(self, handler, data):
        answer = await super().authenticate(handler, data)
        # Only who knows the password learns which names there are.
        told = refusal(answer["name"]) if answer else None
        if told:
            raise HTTPError(403, told)
        return answer

    def system_user_exists(self, user):
        told = refusal(user.name)
        if told:
            raise ValueError(told)
        return super().system_user_exists(user)


class SystemAccounts(PAMAuthenticator):
    """The accounts of this machine with their own passwords; root and the system's own are left out."""

    async def authenticate(self, handler, data):
        name = await super().authenticate(handler, data)
        if name and not is_person(name if isinstance(name, str) else name["name"]):
            raise HTTPError(403, "This account cannot use the workshop: it is one of the system's own.")
        return name

    async def add_user(self, user):
        # At its start JupyterHub asks so for all whom it knows. An account that was removed since is no fault.
        if _account(user.name) is not None:
            await super().add_user(user)
