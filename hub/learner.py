"""
Starts the Jupyter server of one learner. JupyterHub runs it as that learner, so nothing here has more rights than they
have: a link that somebody puts into their home folder leads nowhere else.

    learner.py --prepare    first: puts the notebooks into the home folder, or says in one line why it cannot
    learner.py [OPTION …]   the server
"""

import json
import os
import pwd
import re
import shutil
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "scripts" / "lib"))

FIRST = "00-start-here"


def copy_without_runs(source: str, target: str) -> None:
    """What the instructor has run and saved is not for the learners to see: they are asked to predict it."""
    if not source.endswith(".ipynb"):
        shutil.copyfile(source, target)
        return
    text = Path(source).read_text("utf-8")
    try:
        notebook = json.loads(text)
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell.update(outputs=[], execution_count=None)
        text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    except (ValueError, KeyError, TypeError, AttributeError):
        pass  # It is no notebook: JupyterLab will say so.
    Path(target).write_text(text, "utf-8")


def copy_once(source: Path, home: Path) -> Path | None:
    """
    Gives the learner the notebooks: the whole folder at once, and only when there is none. Their own work is never
    written over.
    """
    target = home / source.name
    if os.path.lexists(target):
        return None
    with tempfile.TemporaryDirectory(prefix=f".{source.name}-", dir=home) as folder:
        unfinished = Path(folder) / source.name
        shutil.copytree(source, unfinished, copy_function=copy_without_runs, ignore=shutil.ignore_patterns(".*", "before-reset", "Untitled*"))
        unfinished.chmod(0o700)
        unfinished.rename(target)
    return target


def prepare(home: Path) -> None:
    import jupyter_core.paths as paths

    import workspace

    copied = copy_once(PROJECT / "notebooks", home)
    if copied is not None:
        # Half a second, which only the first start of a server takes.
        from nbformat.sign import NotebookNotary

        import trust

        data = Path(paths.jupyter_data_dir())
        data.mkdir(parents=True, exist_ok=True)
        trust.sign(copied, NotebookNotary(data_dir=str(data)))
    configuration = Path(paths.jupyter_config_dir())
    workspace.write(str(configuration / "lab" / "workspaces"), str(home), FIRST)
    # The only place where JupyterLab's pages look for a style.
    style = configuration / "custom" / "custom.css"
    style.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PROJECT / "scripts" / "lib" / "custom.css", style)


def main() -> None:
    os.umask(0o077)
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    os.environ["HOME"] = str(home)
    if sys.argv[1:] == ["--prepare"]:
        try:
            os.chdir(home)
            prepare(home)
        except OSError as error:
            # The first of them: copytree goes on, and tells all at once.
            why = re.search(r"\[Errno \d+\] ([^:']+)", str(error))
            sys.exit(f"The notebooks could not be put into {home}: {why[1] if why else error}.")
        return
    os.chdir(home)
    # Isolated: a learner's own ~/socket.py must not be what the server imports.
    os.execv(sys.executable, [sys.executable, "-I", "-m", "jupyterhub.singleuser", *sys.argv[1:]])


main()
