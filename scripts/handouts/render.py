# The filters of the templates: markdown, code and printed lines as HTML.
import html
import re

from nbconvert.filters import strip_ansi
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TypeScriptLexer

# A trace line has the handle's name in a column of its own; what does not fit goes on under the call.
NAME_COLUMN = 14
TRACE_LINE = re.compile(r"\S.{0,40}?\s{2,}\w+\(")
LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.S)
HEADING = re.compile(r"<h([1-6])[^>]*>(.*?)</h\1>", re.S)


def slug(text):
    words = re.sub(r"<[^>]*>|&[#\w]+;", "", text)
    return re.sub(r"[^\w]+", "-", words.lower()).strip("-")


def line(inside, indent):
    return f'<span class="line" style="--indent:{indent}ch">{inside or " "}</span>'


def indent_of(text):
    """Where the continuation of a printed line stands."""
    match = TRACE_LINE.match(text)
    if match:
        return max(NAME_COLUMN, match.end() - len(re.search(r"\w+\($", match[0])[0])) + 2
    return min(len(text) - len(text.lstrip(" ")), 40)


def text_lines(text):
    """Printed text, each line by itself, so that a long one is broken between words and goes on indented."""
    lines = strip_ansi(text).rstrip("\n").split("\n")
    return "".join(line(html.escape(one, quote=False), indent_of(one)) for one in lines)


def code_lines(source):
    marked = highlight(source.rstrip("\n"), TypeScriptLexer(stripnl=False), HtmlFormatter(nowrap=True))
    sources = source.rstrip("\n").split("\n")
    # The formatter closes every mark at the end of its line.
    lines = marked.rstrip("\n").split("\n")
    return "".join(line(one, len(of) - len(of.lstrip(" ")) + 4) for one, of in zip(lines, sources, strict=True))


COLOURED = re.compile(r'<span class="(?!k|c)[^"]*">(.*?)</span>', re.S)


def code_lines_on_paper(source):
    """Without the marks of what has a colour and nothing else: each is an element of the PDF."""
    return COLOURED.sub(r"\1", code_lines(source))


STYLE = re.compile(r"<style>.*?</style>", re.S)
FIGURE = re.compile(r'<details class="workshop-figure"[^>]*><summary[^>]*>(<img [^>]*>)</summary></details>')


def pictures_of_page(text):
    """
    Pictures out of the frame by which a notebook shows them large, and without the style that it brings: the page has its own, to
    which they tell how wide they were drawn.
    """
    text = FIGURE.sub(r"\1", STYLE.sub("", text))
    return re.sub(r'(<img [^>]*?width="(\d+)"[^>]*?style=")', r"\1--width:\2px;", text)


class TextHtml:
    """Markdown as HTML. Headings get ids; links to notebooks go to their pages, and links to files that are not handed out, nowhere."""

    def __init__(self, address_of, prefix=""):
        self.address_of = address_of
        self.prefix = prefix
        self.on_paper = prefix != ""
        self.headings = []

    def __call__(self, source):
        text = markdown2html_mistune(source)
        text = HEADING.sub(self.heading, text)
        text = LINK.sub(self.link, text)
        text = self.unfolded(text) if self.on_paper else re.sub(r"<details>", "<details open>", text)
        return re.sub(r"<table>.*?</table>", r'<div class="shown">\g<0></div>', text, flags=re.S)

    @staticmethod
    def unfolded(text):
        """Nothing opens on paper: what a summary says is a title there, and stays with what stands below it."""
        text = re.sub(r"<details>\s*<summary>(.*?)</summary>", r'<div><p class="unfolded">\1</p>', text, flags=re.S)
        return text.replace("</details>", "</div>")

    def heading(self, match):
        level, inside = int(match[1]), re.sub(r'<a class="anchor-link".*?</a>', "", match[2], flags=re.S)
        name = f"{self.prefix}{slug(inside)}"
        taken = sum(1 for other in self.headings if re.fullmatch(rf"{re.escape(name)}(-\d+)?", other["id"]))
        name = f"{name}-{taken + 1}" if taken else name
        self.headings.append({"level": level, "id": name, "text": inside})
        return f'<h{level} id="{name}">{inside}</h{level}>'

    def link(self, match):
        address = self.address_of(match[1])
        return match[2] if address is None else f'<a href="{address}">{match[2]}</a>'
