# JupyterLab workspaces with a notebook on the left and the output of its cell `panel` on the right.
import json
import re
from pathlib import Path

from jupyterlab_server.workspaces_handler import WorkspacesManager

FOLDER = "notebooks"
CELL = "panel"


def panel_index(path):
    """The place of the panel's cell in a notebook; None when there is no such cell, or the file is damaged."""
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        return next((index for index, cell in enumerate(cells) if cell.get("id") == CELL), None)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def layout(path, index):
    """
    What JupyterLab 4.6 saves when that output has a view of its own, docked to the right of the notebook; without an
    index the notebook alone.
    """
    notebook = f"notebook:{path}"
    view = f"cloned-outputs:{path}:{index}"
    data = {notebook: {"data": {"path": path, "factory": "Notebook"}}}
    if index is not None:
        data[view] = {"data": {"path": path, "index": index}}
    sides = [{"type": "tab-area", "currentIndex": 0, "widgets": [widget]} for widget in data]
    sizes = [1 / len(sides)] * len(sides)
    # The list of files begins at the notebooks, not among the project's own files; what is made new lands there, too.
    data["file-browser-filebrowser:cwd"] = {"path": FOLDER}
    dock = {"type": "split-area", "orientation": "horizontal", "sizes": sizes, "children": sides}
    data["layout-restorer:data"] = {
        "main": {"dock": dock, "current": notebook},
        # Without the list of files the two sides have room.
        "left": {"collapsed": True, "visible": True, "widgets": []},
    }
    return data


def write(folder, root, first):
    """
    Writes one workspace for each of the workshop's notebooks that has a panel into JupyterLab's folder of
    workspaces, and for the notebook `first` in any case: there JupyterLab opens. Gives their names, which are those
    of the notebooks. They are written anew at every start, over what the user has changed in them since: the cell
    may have moved, and a learner who has closed the view finds it again.
    """
    manager = WorkspacesManager(folder)
    notebooks = Path(root, FOLDER)
    # Names that are an address as they are; what else the user keeps there is opened from the list of files.
    ours = {path.stem for path in notebooks.glob("[0-9][0-9]-*.ipynb") if re.fullmatch(r"[\w-]+", path.stem, re.ASCII)}
    names = []
    for name in sorted({first} | ours):
        index = panel_index(notebooks / f"{name}.ipynb")
        if index is None and name != first:
            continue
        data = layout(f"{FOLDER}/{name}.ipynb", index)
        manager.save(name, json.dumps({"data": data, "metadata": {"id": name}}))
        names.append(name)
    return names
