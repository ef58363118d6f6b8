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
    "lacks": [],
    "jupyterlab": None,
}
try:
    import ensurepip  # noqa: F401  Debian ships venv without it, and then venv makes nothing
    import venv  # noqa: F401
except ImportError:
    answer["venv"] = False
# A Python that was built where a library was not there runs, and lacks what needs it.
for name in ("pyexpat", "sqlite3", "ssl", "zlib"):
    try:
        __import__(name)
    except ImportError:
        answer["lacks"].append(name)
try:
    from importlib.metadata import version

    # JupyterLab counts only when it lies in this environment, with its pages and settings.
    if os.path.isdir(os.path.join(sys.prefix, "share", "jupyter", "lab", "static")):
        answer["jupyterlab"] = version("jupyterlab")
except ImportError:
    pass
print(json.dumps(answer))
