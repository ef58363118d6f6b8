# The second half of the contents: python number_pages.py first.pdf book.html
# Chromium numbers pages, but does not tell on which page a heading came to stand. The document was printed once; every heading
# that the contents link to is a named destination in that print, and its page's number goes into the contents for the next print.
import re
import sys
from pathlib import Path

from pypdf import PdfReader

# As wide as the number that takes its place: the contents stay as long as they were.
PLACE = re.compile(r'(<span class="page" data-of="([^"]+)">)[^<]*(</span>)')


def pages_of(pdf):
    """The number of the page, from 1, for each named destination."""
    reader = PdfReader(pdf)
    found = {}
    for name, destination in reader.named_destinations.items():
        found[name.lstrip("/")] = reader.get_destination_page_number(destination) + 1
    return found


def main(pdf, html):
    pages = pages_of(pdf)
    path = Path(html)
    text = PLACE.sub(lambda match: f"{match[1]}{pages[match[2]]}{match[3]}", path.read_text("utf-8"))
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
