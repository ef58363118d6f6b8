# Tells what this Python is, as one line of JSON. Runs on any Python, also on one that is too old.
import json
import os
import sys

answer = {
    "version": list(sys.version_info[:3]),
    "executable": sys.executable,
    # In a virtual environment, the interpreter that it was made with.
    "base": getattr(sys, "_base_executable", sys.executable),
    "prefix": sys.prefix,
    "venv": True,
    "jupyterlab": None,
}
try:
    import ensurepip  # noqa: F401  Debian ships venv without it, and then venv makes nothing
    import venv  # noqa: F401
except ImportError:
    answer["venv"] = False
try:
    from importlib.metadata import version

    # JupyterLab counts only when it lies in this environment, with its pages and settings.
    if os.path.isdir(os.path.join(sys.prefix, "share", "jupyter", "lab", "static")):
        answer["jupyterlab"] = version("jupyterlab")
except ImportError:
    pass
print(json.dumps(answer))
