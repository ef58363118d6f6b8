# What a printed PDF is measured by: python pdf.py file.pdf  prints JSON.
import json
import math
import sys

from pypdf import PdfReader
from pypdf.generic import DictionaryObject

reader = PdfReader(sys.argv[1])
number = {page.indirect_reference.idnum: index + 1 for index, page in enumerate(reader.pages)}


def letters(page):
    """The size of the letters, in points as they stand on the page, with the text that has it."""
    found = []

    def visit(text, cm, tm, _font, size):
        if text.strip():
            across = tm[2] * cm[0] + tm[3] * cm[2]
            up = tm[2] * cm[1] + tm[3] * cm[3]
            found.append([round(size * math.hypot(across, up), 2), text.strip()[:40]])

    page.extract_text(visitor_text=visit)
    return found


def pages_below(element, page=None):
    """On which pages the marks of an element of the document's structure stand."""
    page = element.get("/Pg", page)
    kids = element.get("/K", [])
    pages = set()
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object()
        if not isinstance(kid, DictionaryObject):
            pages.add(page.get_object().indirect_reference.idnum)
        elif kid.get("/Type") == "/MCR":
            pages.add(kid.get("/Pg", page).get_object().indirect_reference.idnum)
        else:
            pages |= pages_below(kid, page)
    return pages


def elements(element, kind):
    if element.get("/S") == kind:
        yield element
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object()
        if isinstance(kid, DictionaryObject) and kid.get("/S"):
            yield from elements(kid, kind)


structure = reader.trailer["/Root"]["/StructTreeRoot"]
top = structure["/K"].get_object()
roots = top if isinstance(top, list) else [top]
figures = [figure for root in roots for figure in elements(root.get_object(), "/Figure")]
destinations = {
    name.lstrip("/"): [reader.get_destination_page_number(there) + 1, float(there.top)]
    for name, there in reader.named_destinations.items()
}
json.dump(
    {
        "sizes": [[float(page.mediabox.width), float(page.mediabox.height)] for page in reader.pages],
        "letters": [letters(page) for page in reader.pages],
        "figures": [
            {"alt": str(figure.get("/Alt", "")), "pages": sorted(number[id] for id in pages_below(figure))}
            for figure in figures
        ],
        "destinations": destinations,
        "bookmarks": len(reader.outline),
    },
    sys.stdout,
)
