# Signatures of the workshop's notebooks, by which Jupyter tells them from a stranger's.
from pathlib import Path

import nbformat


def sign(folder, notary):
    """
    Signs the notebooks that have no outputs yet, as they come with the workshop: only outputs can do harm when a
    notebook is opened. Without a signature Jupyter warns in the terminal whenever one is opened.
    """
    for path in Path(folder).rglob("*.ipynb"):
        try:
            notebook = nbformat.read(path, as_version=4)
        except (OSError, ValueError):
            continue  # JupyterLab says what is wrong with it, when it is opened
        if not any(cell.get("outputs") for cell in notebook.cells):
            notary.sign(notebook)
