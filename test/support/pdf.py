# What a printed PDF is measured by: python pdf.py file.pdf  prints JSON.
import json
import math
import re
import sys

from pypdf import PdfReader
from pypdf.generic import DictionaryObject

reader = PdfReader(sys.argv[1])
number = {page.indirect_reference.idnum: index + 1 for index, page in enumerate(reader.pages)}


# What a page's content consists of: strings, names, operators and numbers; brackets and what stands between them are of no interest here.
TOKEN = re.compile(rb"\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f\s]*>|/[^\s/<>\[\]()]*|[^\s/<>\[\]()]+")
SHOWS = {b"Tj", b"TJ", b"'", b'"'}
AS_IT_IS = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def after(first, second):
    """The matrix that does what the first does, and then the second."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def letters(holder, cm=AS_IT_IS, found=None):
    """The sizes of the letters, in points as they stand on the page, each with the first place that has it, from the lower left corner."""
    found = {} if found is None else found
    content = holder.get_contents() if "/Contents" in holder else holder
    forms = holder.get("/Resources", {}).get_object().get("/XObject", {})
    kept, values, size, tm = [], [], 0.0, AS_IT_IS
    for token in TOKEN.findall(content.get_data()):
        if token[:1] in b"(</":
            values.append(token)
            continue
        try:
            values.append(float(token))
            continue
        except ValueError:
            pass
        if token == b"q":
            kept.append(cm)
        elif token == b"Q":
            cm = kept.pop()
        elif token == b"cm":
            cm = after(values[-6:], cm)
        elif token == b"BT":
            tm = AS_IT_IS
        elif token == b"Tf":
            size = values[-1]
        elif token == b"Tm":
            tm = tuple(values[-6:])
        elif token in (b"Td", b"TD"):
            tm = after((1, 0, 0, 1, *values[-2:]), tm)
        elif token in SHOWS:
            *_, c, d, x, y = after(tm, cm)
            found.setdefault(round(size * math.hypot(c, d), 2), [round(x), round(y)])
        elif token == b"Do":
            form = forms[values[-1].decode()].get_object()
            if form["/Subtype"] == "/Form":
                letters(form, after([float(value) for value in form.get("/Matrix", AS_IT_IS)], cm), found)
        values.clear()
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
        "letters": [list(letters(page).items()) for page in reader.pages],
        "figures": [
            {"alt": str(figure.get("/Alt", "")), "pages": sorted(number[id] for id in pages_below(figure))}
            for figure in figures
        ],
        "destinations": destinations,
        "bookmarks": len(reader.outline),
    },
    sys.stdout,
)
