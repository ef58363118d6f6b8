# On the screen the letters of a picture have an outline in the colour of its paper, so that no line runs through them. In print an
# outline costs a drawing of every letter in every size: 8 of 11 MB, measured. On paper a piece of paper lies under the words instead.
import html
import re

OUTLINE = re.compile(r"paint-order:stroke;stroke:var\(--paper\);stroke-width:\d+px;stroke-linejoin:round")
TEXT = re.compile(r'<text x="([-\d.]+)" y="([-\d.]+)"(?: class="([^"]*)")?>([^<]*)</text>')
# The sizes of theme.ts, and what a letter of the fonts that are named there is wide and high, in parts of its size.
SIZE, SMALL = 11, 10
WIDE, ABOVE, BELOW = 0.602, 0.85, 0.3


def under(match):
    """The words, with their paper before them; those in a box have one."""
    x, y, kind, words = float(match[1]), float(match[2]), (match[3] or "").split(), html.unescape(match[4])
    if "bare" in kind:
        return match[0]
    size = SMALL if "s" in kind else SIZE
    width = len(words) * WIDE * size
    left = x - width if "end" in kind else x - width / 2 if "mid" in kind else x
    place = f'x="{left - 1.5:.1f}" y="{y - ABOVE * size:.1f}" width="{width + 3:.1f}" height="{(ABOVE + BELOW) * size:.1f}"'
    return f'<rect class="under" {place}/>{match[0]}'


def with_plain_letters(svg):
    if not OUTLINE.search(svg):
        return svg
    return TEXT.sub(under, OUTLINE.sub("", svg).replace("</style>", ".under{fill:var(--paper)}</style>", 1))
