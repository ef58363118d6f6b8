# Runs one notebook in our kernel, in its own folder, and writes it with its outputs:
#   python execute.py notebooks/01-….ipynb result.ipynb
# Prints one line of JSON for each cell that has run, and one for a cell that failed.
import copy
import json
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import ensure_async

# The longest cell runs for about half a minute, when a connection stands still; nothing waits longer than this.
CELL_SECONDS = 180
# A panel goes on changing as long as the notebook runs, whether or not it has changed by now.
PANEL = re.compile(r"^panel\(\)", re.M)
# A cell whose background code fails does not fail itself: tslab writes one of these words.
BACKGROUND = ("UncaughtException", "UnhandledPromiseRejection")


def say(**words):
    print(json.dumps(words), flush=True)


def text_of(cell):
    """All that the cell has printed, errors with their traceback."""
    parts = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            parts.append(output.text)
        elif output.output_type == "error":
            parts.append("\n".join(output.traceback) or f"{output.ename}: {output.evalue}")
    return "\n".join(parts)


def failure(cell):
    """What went wrong in the cell, or None."""
    if any(output.output_type == "error" for output in cell.outputs):
        return text_of(cell)
    errors = [output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stderr"]
    return next((text for text in errors if any(word in text for word in BACKGROUND)), None)


class Failed(Exception):
    pass


def tagged(cell, tag):
    return cell.cell_type == "code" and tag in cell.metadata.get("tags", [])


def with_second_check(notebook):
    """
    A notebook is shipped with its exercise unsolved: its check says so. After the solution the check runs a second time, as the
    notebook tells its reader to do; that cell belongs to the solution.
    """
    check = next((cell for cell in notebook.cells if tagged(cell, "check")), None)
    for cell in list(notebook.cells):
        if check is not None and tagged(cell, "solution"):
            again = copy.deepcopy(check)
            again.id = f"{check.id}-again"[:64]
            again.metadata["tags"] = ["check", "solution"]
            notebook.cells.insert(notebook.cells.index(cell) + 1, again)
    return notebook


class Client(NotebookClient):
    """
    nbclient passes over messages that belong to another cell than the one that runs. An output that goes on changing after its cell
    has ended (a panel) would stay as it was at that moment, half-way through. Its cells are noted in `lives`. And what a cell prints
    after its end, such as the line of a call that it has left waiting, would be lost: it is put under its cell.
    """

    def watch_outputs(self):
        self.lives = set()
        self.running = None
        cell_of = {}
        receive = self.kc.iopub_channel.get_msg
        send = self.kc.execute

        def send_and_note(*args, **kwargs):
            request = send(*args, **kwargs)
            cell_of[request] = self.running
            return request

        async def receive_and_look(*args, **kwargs):
            message = await ensure_async(receive(*args, **kwargs))
            if message["msg_type"] == "update_display_data":
                display = message["content"].get("transient", {}).get("display_id")
                self.lives.update(index for index in self._display_id_map.get(display, {}) if index != self.running)
            if message["msg_type"] in ("stream", "display_data"):
                index = cell_of.get(message["parent_header"].get("msg_id"), self.running)
                if index != self.running:
                    self.process_message(message, self.nb.cells[index], index)
            return message

        self.kc.execute = send_and_note
        self.kc.iopub_channel.get_msg = receive_and_look


def run(client):
    notebook = client.nb
    total = sum(cell.cell_type == "code" for cell in notebook.cells)
    count = 0
    with client.setup_kernel():
        client.watch_outputs()
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            count += 1
            client.running = index
            where = {"cell": cell.id, "count": count, "total": total}
            try:
                client.execute_cell(cell, index)
            except (CellTimeoutError, DeadKernelError) as error:
                say(**where, failed=f"{text_of(cell)}\n{error}".strip())
                raise Failed from error
            wrong = failure(cell)
            if wrong is not None:
                say(**where, failed=wrong)
                raise Failed
            say(**where)
    # On a busy machine a panel may not have been drawn a second time before the end.
    client.lives.update(index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code" and PANEL.search(cell.source))
    for index in client.lives:
        # Its last state, long after, belongs to no place of a page.
        notebook.cells[index].metadata["lives"] = True
        notebook.cells[index].outputs = []


def main(source, target):
    notebook = with_second_check(nbformat.read(source, as_version=4))
    folder = str(Path(source).resolve().parent)
    client = Client(
        notebook,
        kernel_name="tslab",
        timeout=CELL_SECONDS,
        allow_errors=True,
        record_timing=False,
        resources={"metadata": {"path": folder}},
    )
    try:
        run(client)
    except Failed:
        return 1
    nbformat.write(notebook, target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
