# Turns an executed notebook into one edition of a handout: what is left out, what is added, and where.
import re
from copy import deepcopy

from nbformat.v4 import new_markdown_cell

FENCE = re.compile(r"(^```[\s\S]*?^```)", re.M)
HOW_TO_OPEN = re.compile(r"^[^<\n]*\b(?:open the cell|click)\b.*\n*", re.M | re.I)
# What is left of it when nothing else stood there.
EMPTY_DETAILS = re.compile(r"<details><summary>[^<]*</summary>\s*</details>")
HEADING = re.compile(r"^(#{1,6}) (.+?)\s*$", re.M)


def parts_of(source):
    """A markdown text cut before each of its headings; the lines of code blocks are no headings."""
    cuts = [0]
    position = 0
    for piece in FENCE.split(source):
        if not piece.startswith("```"):
            cuts += [position + match.start() for match in HEADING.finditer(piece)]
        position += len(piece)
    ends = [*cuts[1:], len(source)]
    return [text for start, end in zip(cuts, ends) if (text := source[start:end].strip())]


def merged(outputs):
    """What was printed in several pieces, in one."""
    result = []
    for output in outputs:
        last = result[-1] if result else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            result.append(deepcopy(output))
    return result


def tags_of(cell):
    return cell.metadata.get("tags", [])


def edition_of(notebook, notes):
    """
    A copy for one edition. `notes` has the instructor's notes by heading, as markdown; None makes the learner's edition: without
    solutions, and with room to write.
    """
    result = deepcopy(notebook)
    result.cells = []
    for cell in notebook.cells:
        if notes is None and "solution" in tags_of(cell):
            continue
        if cell.cell_type == "markdown":
            source = on_the_page(cell.source) if "solution" in tags_of(cell) else cell.source
            result.cells += [piece for text in parts_of(source) for piece in text_cells(text, notes)]
        else:
            result.cells.append(code_cell(deepcopy(cell), notes))
    return result


def text_cells(text, notes):
    match = HEADING.match(text)
    note = notes.get(match[2]) if match and notes is not None else None
    if note:
        rest = text[match.end() :].strip()
        cells = [new_markdown_cell(match[0]), new_markdown_cell(note, metadata={"note": True})]
        return cells + ([new_markdown_cell(rest)] if rest else [])
    room = {"room": "prediction"} if notes is None and "Predict:" in text else {}
    return [new_markdown_cell(text, metadata=room)]


def on_the_page(source):
    """The text of a solution. In a notebook it says how to open the cell below; on a page that cell stands open."""
    return EMPTY_DETAILS.sub("", HOW_TO_OPEN.sub("", source)).strip()


def code_cell(cell, notes):
    cell.outputs = merged(cell.outputs)
    if notes is None and "exercise" in tags_of(cell):
        cell.metadata["room"] = "exercise"
    if "solution" in tags_of(cell):
        again = "check" in tags_of(cell)
        cell.metadata["caption"] = "After the solution, the check passes:" if again else "One solution:"
    return cell
