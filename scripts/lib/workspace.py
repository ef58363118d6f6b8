# The JupyterLab workspace "side-by-side": notebook 01 on the left, the output of its cell `panel` on the right.
import json
from pathlib import Path

from jupyterlab_server.workspaces_handler import WorkspacesManager

NAME = "side-by-side"
NOTEBOOK = "notebooks/01-connection-procedure.ipynb"
CELL = "panel"


def panel_index(root):
    """The place of the panel's cell in the notebook; None when there is no such notebook or cell."""
    try:
        cells = json.loads(Path(root, NOTEBOOK).read_text("utf-8"))["cells"]
        return next((index for index, cell in enumerate(cells) if cell.get("id") == CELL), None)
    except (OSError, ValueError, KeyError):
        return None


def layout(index):
    """What JupyterLab 4.6 saves when that output has a view of its own, docked to the right of the notebook."""
    notebook = f"notebook:{NOTEBOOK}"
    view = f"cloned-outputs:{NOTEBOOK}:{index}"
    sides = [{"type": "tab-area", "currentIndex": 0, "widgets": [widget]} for widget in (notebook, view)]
    dock = {"type": "split-area", "orientation": "horizontal", "sizes": [0.5, 0.5], "children": sides}
    return {
        "layout-restorer:data": {
            "main": {"dock": dock, "current": notebook},
            # Without the list of files the two sides have room.
            "left": {"collapsed": True, "visible": True, "widgets": []},
        },
        notebook: {"data": {"path": NOTEBOOK, "factory": "Notebook"}},
        view: {"data": {"path": NOTEBOOK, "index": index}},
    }


def write(folder, root):
    """
    Writes the workspace into JupyterLab's folder of workspaces and gives its name, or None when there is nothing
    to show. It is written anew at every start, over what the user has changed in it since: the cell may have
    moved, and a learner who has closed the view finds it again.
    """
    index = panel_index(root)
    if index is None:
        return None
    WorkspacesManager(folder).save(NAME, json.dumps({"data": layout(index), "metadata": {"id": NAME}}))
    return NAME
