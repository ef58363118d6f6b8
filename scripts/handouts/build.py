# Writes the pages of one edition from executed notebooks: python build.py plan.json
# The plan (see ../handouts.mjs) says what goes into it; nothing is executed or looked up here.
import json
import math
import re
import sys
from pathlib import Path

import nbformat
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbconvert import HTMLExporter

from marking import edition_of
from paper_pictures import pictures_on_paper
from render import TextHtml, code_lines, code_lines_on_paper, pictures_of_page, text_lines

HERE = Path(__file__).resolve().parent
# In millimetres: the sheets, and what stays white at the top, at both sides, and at the bottom with the page's number.
SHEETS = {"a4": (210, 297), "letter": (215.9, 279.4)}
TOP, SIDE, BOTTOM = 12, 15, 14
PIXELS_PER_MM = 96 / 25.4
# How much larger than on the screen a picture is printed: its smallest letters, of 10 pixels, have 8 points then, also where its width
# is cut to whole pixels.
ENLARGED = 1.07
frames = Environment(
    loader=FileSystemLoader(HERE / "frames"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def file_text(*path):
    return Markup(HERE.joinpath(*path).read_text("utf-8"))


def style(*names):
    return Markup("\n").join(file_text("style", f"{name}.css") for name in names)


class Sheet:
    """The paper that is printed on, for the frames: its page has a width and a height, in millimetres."""

    def __init__(self, name):
        wide, high = SHEETS[name]
        self.name = name
        self.margin = f"{TOP}mm {SIDE}mm {BOTTOM}mm"
        self.width = round(wide - 2 * SIDE, 2)
        self.height = round(high - TOP - BOTTOM, 2)
        self.enlarged = ENLARGED

    @property
    def highest_picture(self):
        """In the picture's own pixels."""
        return math.floor(self.height * PIXELS_PER_MM / ENLARGED)


def inside_of(notebook, text_html, sheet):
    """The notebook as HTML without a frame, by our nbconvert template; for a sheet of paper with no picture higher than its page."""
    exporter = HTMLExporter(
        template_name="handout",
        extra_template_basedirs=[str(HERE / "template")],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    exporter.register_filter("text_html", text_html)
    exporter.register_filter("code_lines", code_lines_on_paper if sheet else code_lines)
    exporter.register_filter("text_lines", text_lines)
    fitting = (lambda text: pictures_on_paper(text, sheet.highest_picture)) if sheet else str
    exporter.register_filter("pictures", lambda text: fitting(pictures_of_page(text)))
    return exporter.from_notebook_node(notebook)[0]


class Edition:
    def __init__(self, plan):
        self.plan = plan
        self.out = Path(plan["out"])
        self.names = [notebook["name"] for notebook in plan["notebooks"]]
        self.teaches = plan["edition"] == "instructor"
        self.notebooks = [self.read(notebook) for notebook in plan["notebooks"]]

    def read(self, notebook):
        notes = notebook["notes"] if self.teaches else None
        return edition_of(nbformat.read(notebook["executed"], as_version=4), notes)

    def address(self, target, page=lambda name: f"{name}.html"):
        """Where a link of a notebook or of the guide leads in the handouts; None where nothing of it is handed out."""
        if re.match(r"[a-z]+:|#", target):
            return target
        file = target.partition("#")[0].rpartition("/")[2]
        name = re.sub(r"\.(ipynb|md)$", "", file)
        return page(name) if name in self.names else None

    def chapters(self, sheet=None):
        """Every notebook as (id, title, HTML, headings): for pages of their own, or for one document on paper."""
        for name, notebook in zip(self.names, self.notebooks):
            prefix = f"{name}-" if sheet else ""
            text_html = TextHtml((lambda target: self.address(target, lambda to: f"#{to}")) if sheet else self.address, prefix)
            inside = inside_of(notebook, text_html, sheet)
            yield name, text_html.headings[0]["text"], Markup(inside), text_html.headings

    def guide(self, sheet=None):
        text = self.plan.get("guide")
        if not text:
            return None
        prefix = "guide-" if sheet else ""
        text_html = TextHtml((lambda target: self.address(target, lambda to: f"#{to}")) if sheet else self.address, prefix)
        inside = Markup(f'<div class="text">{text_html(text)}</div>')
        return "guide", text_html.headings[0]["text"], inside, text_html.headings

    def common(self):
        return {
            "edition": self.plan["edition"],
            "teaches": self.teaches,
            "card": self.plan["card"],
            "style": style("page", "print"),
            "printed": self.plan["printed"],
        }

    def page(self, frame, path, **words):
        text = frames.get_template(f"{frame}.html.j2").render(**self.common(), **words)
        Path(path).write_text(text, "utf-8")

    def write_pages(self):
        chapters = [chapter for chapter in [self.guide(), *self.chapters()] if chapter]
        listed = [(f"{name}.html", title) for name, title, _, _ in chapters] + [("reference-card.html", "Reference card")]
        minutes = {f"{notebook['name']}.html": notebook["minutes"] for notebook in self.plan["notebooks"]}
        self.page("index", self.out / "index.html", title="The socket workshop", listed=listed, minutes=minutes)
        for index, (name, title, inside, headings) in enumerate(chapters):
            around = {
                "before": listed[index - 1] if index else ("index.html", "Contents"),
                "after": listed[index + 1],
            }
            sections = [heading for heading in headings if heading["level"] == 2]
            self.page("notebook", self.out / f"{name}.html", title=title, inside=inside, sections=sections, **around)
        self.page("card-page", self.out / "reference-card.html", title="Reference card")

    def write_printed(self):
        """The documents to print: all in one, and the reference card."""
        minutes = {notebook["name"]: notebook["minutes"] for notebook in self.plan["notebooks"]}
        typesetter = file_text("typesetter.js")
        for one in self.plan["printed"]:
            sheet = Sheet(one["paper"])
            chapters = [chapter for chapter in [self.guide(sheet), *self.chapters(sheet)] if chapter]
            title = "The socket workshop"
            self.page(
                "book", one["bookHtml"], title=title, sheet=sheet, chapters=chapters, minutes=minutes, typesetter=typesetter
            )
            self.page("card-print", one["cardHtml"], title="Reference card", sheet=sheet)


def main(path):
    plan = json.loads(Path(path).read_text("utf-8"))
    edition = Edition(plan)
    edition.out.mkdir(parents=True, exist_ok=True)
    edition.write_pages()
    if plan["printed"]:
        edition.write_printed()


if __name__ == "__main__":
    main(sys.argv[1])
