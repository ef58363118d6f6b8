# Tells git of notebooks that were saved while JupyterLab runs: see forgetRuns in notebook-filter.mjs.
import os
import subprocess
import threading


def hook(project, node):
    """
    A function for JupyterLab to call after each save. It only wakes a thread: no save waits for git, or fails with it.
    """
    notebooks = os.path.join(os.path.realpath(project), "notebooks", "")
    command = [node, os.path.join(project, "scripts", "forget-runs.mjs")]
    saved = threading.Event()

    def work():
        while True:
            saved.wait()
            # Before git looks: what is saved meanwhile is looked at in the next round.
            saved.clear()
            try:
                quiet = subprocess.DEVNULL
                subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, check=False)
            except OSError:
                pass  # Node has gone since the start: git learns of it at the next one

    threading.Thread(target=work, daemon=True).start()

    def after_save(os_path, **_):
        path = os.path.realpath(os_path)
        if path.endswith(".ipynb") and path.startswith(notebooks):
            saved.set()

    return after_save
