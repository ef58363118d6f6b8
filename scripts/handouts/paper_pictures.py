# Pictures on paper. What fits a page stays whole, and the workshop's own pictures do: a test holds them to it. In other notebooks a ladder
# of very many calls is higher than a page, and made smaller nobody could read it: it goes on in a second picture, with its lanes named
# again, cut where no word stands.
import base64
import math
import re

from plain_letters import with_plain_letters

PICTURE = re.compile(r'<img [^>]*?src="data:image/svg\+xml;base64,([^"]+)"[^>]*>')
SIZE = re.compile(r'width="(\d+)" height="(\d+)"')
TEXT = re.compile(r'<text x="[^"]*" y="([-\d.]+)"[^>]*>.*?</text>', re.S)
BOX = re.compile(r'<rect class="n" x="[^"]*" y="([-\d.]+)" width="[^"]*" height="([\d.]+)"')
DOT = re.compile(r'<circle [^>]*cy="([-\d.]+)"')
# The head of an arrow begins at its tip, in the middle; the bracket of a queue and the cross of an error begin near their upper end.
HEAD = re.compile(r'<path class="h [^"]*" d="M[-\d.]+ ([-\d.]+)')
MARK = re.compile(r'<path class="[kx]" d="M[-\d.]+ ([-\d.]+)')
# The box that names a lane is higher than those in the lanes.
HEADER_BOX = 32
# A cut may lie so much beside the place that was wanted.
SLACK = 40
# The highest letters, and the line of an arrow, which lies 7 below its words.
ABOVE, BELOW = 9, 9


def occupied(body):
    """From where to where something stands that may not be cut, from top to bottom."""
    spans = [(float(y) - ABOVE, float(y) + BELOW) for y in TEXT.findall(body)]
    spans += [(float(y) - 2, float(y) + float(height) + 2) for y, height in BOX.findall(body)]
    spans += [(float(y) - 6, float(y) + 6) for y in DOT.findall(body)]
    spans += [(float(y) - 6, float(y) + 6) for y in HEAD.findall(body)]
    spans += [(float(y) - 3, float(y) + 14) for y in MARK.findall(body)]
    return spans


def cuts(body, top, height, highest, names):
    """
    Where to cut: into parts of nearly the same height, each at the free place that is nearest and leaves it no higher than a page. Each
    part but the first one begins with the names of the lanes, which are so high.
    """
    spans = occupied(body)
    free = [y for y in range(int(top) + 1, int(height)) if not any(start < y < end for start, end in spans)]
    places, start, room = [], 0, highest
    while height - start > room:
        left = math.ceil((height - start) / (room - SLACK))
        wanted = start + (height - start) / left
        fitting = [y for y in free if start < y <= start + room]
        start = min(fitting, key=lambda y: abs(y - wanted)) if fitting else start + room
        places.append(start)
        room = highest - names
    return places


def between(body, start, end):
    """The picture's marks, but of its words only those between two heights: words outside could still be found and read."""
    return TEXT.sub(lambda match: match[0] if start <= float(match[1]) < end else "", body)


def window(body, y, start, end, width):
    inside = between(body, start, end)
    high = end - start
    return f'<svg y="{y}" width="{width}" height="{high}" viewBox="0 {start} {width} {high}">{inside}</svg>'


def data_of(svg):
    return base64.b64encode(svg.encode()).decode("ascii")


def on_paper(tag, encoded, highest):
    width, height = map(int, SIZE.search(tag).groups())
    svg = with_plain_letters(base64.b64decode(encoded).decode("utf-8"))
    tag, encoded = tag.replace(encoded, data_of(svg)), data_of(svg)
    return tag if height <= highest else in_parts(tag, encoded, svg, width, height, highest)


def in_parts(tag, encoded, svg, width, height, highest):
    head, body = re.match(r"(<svg [^>]*>.*?)(<rect class=\"paper\".*)</svg>$", svg, re.S).groups()
    boxes = [float(y) for y, high in BOX.findall(body) if float(high) == HEADER_BOX]
    if not boxes:
        return tag  # no ladder
    top = math.ceil(min(boxes) + HEADER_BOX + 6)
    # What is left out before the first part is not left out before the others.
    head_start = math.floor(min(boxes) - 10)
    names = top - head_start
    places = cuts(body, top, height, highest, names)
    tags = []
    for index, (start, end) in enumerate(zip([0, *places], [*places, height])):
        parts = [window(body, names if index else 0, start, end, width)]
        if index:
            parts.insert(0, window(between(body, min(boxes), top), 0, head_start, top, width))
        high = end - start + (names if index else 0)
        around = SIZE.sub(f'width="{width}" height="{high}"', head, count=1)
        around = re.sub(r'viewBox="[^"]*"', f'viewBox="0 0 {width} {high}"', around, count=1)
        part = tag.replace(encoded, data_of(f"{around}{''.join(parts)}</svg>"))
        part = SIZE.sub(f'width="{width}" height="{high}"', part, count=1)
        if index:
            part = re.sub(r'alt="[^"]*"', 'alt="The picture goes on; its words are those of the first part."', part, count=1)
        tags.append(part)
    return "".join(tags)


def pictures_on_paper(text, highest):
    """HTML with its pictures as paper takes them; `highest` is what a page has room for, in the pixels of a picture."""
    return PICTURE.sub(lambda match: on_paper(match[0], match[1], highest), text)
