# Puts pip into the environment of the Python that runs this, unless it has one: the pip that every Python brings. ensurepip does so by running
# it out of its archive, and then has it compile all of itself: 4 s of processor time, of which unpacking is 0.3 (Python 3.11).
import ensurepip
import importlib.util
import os
import shlex
import sys
import sysconfig
import zipfile

NAME = f"pip-{ensurepip.version()}-py3-none-any.whl"
# Where it lies: in Debian and Fedora outside ensurepip.
FOLDERS = (sysconfig.get_config_var("WHEEL_PKG_DIR"), os.path.join(os.path.dirname(ensurepip.__file__), "_bundled"))


def archive():
    paths = [os.path.join(folder, NAME) for folder in FOLDERS if folder]
    return next(filter(os.path.isfile, paths), None)


def unpack(path):
    zipfile.ZipFile(path).extractall(sysconfig.get_path("purelib"))
    major, minor = sys.version_info[:2]
    for name in ("pip", f"pip{major}", f"pip{major}.{minor}"):
        program = os.path.join(sysconfig.get_path("scripts"), name)
        with open(program, "w") as file:
            file.write(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m pip "$@"\n')
        os.chmod(program, 0o755)


if not importlib.util.find_spec("pip"):
    found = archive()
    if found:
        unpack(found)
    else:
        ensurepip.bootstrap(default_pip=True)
