# Writes the pages of one edition from executed notebooks: python build.py plan.json
# The plan (see ../handouts.mjs) says what goes into it; nothing is executed or looked up here.
import json
import re
import sys
from pathlib import Path

import nbformat
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbconvert import HTMLExporter

from marking import edition_of
from render import TextHtml, code_lines, pictures_of_page, text_lines
from tall_pictures import cut_tall_pictures

HERE = Path(__file__).resolve().parent
frames = Environment(
    loader=FileSystemLoader(HERE / "frames"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def style(*names):
    return Markup("\n".join((HERE / "style" / f"{name}.css").read_text("utf-8") for name in names))


def inside_of(notebook, text_html, paper):
    """The notebook as HTML without a frame, by our nbconvert template; for paper with no picture higher than a page."""
    exporter = HTMLExporter(
        template_name="handout",
        extra_template_basedirs=[str(HERE / "template")],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    exporter.register_filter("text_html", text_html)
    exporter.register_filter("code_lines", code_lines)
    exporter.register_filter("text_lines", text_lines)
    fitting = cut_tall_pictures if paper else str
    exporter.register_filter("pictures", lambda text: pictures_of_page(fitting(text)))
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

    def chapters(self, prefixes):
        """Every notebook as (id, title, HTML, headings): for pages of their own, or with prefixes for one document."""
        for name, notebook in zip(self.names, self.notebooks):
            prefix = f"{name}-" if prefixes else ""
            text_html = TextHtml((lambda target: self.address(target, lambda to: f"#{to}")) if prefixes else self.address, prefix)
            inside = inside_of(notebook, text_html, paper=prefixes)
            yield name, text_html.headings[0]["text"], Markup(inside), text_html.headings

    def guide(self, prefixes):
        text = self.plan.get("guide")
        if not text:
            return None
        prefix = "guide-" if prefixes else ""
        text_html = TextHtml((lambda target: self.address(target, lambda to: f"#{to}")) if prefixes else self.address, prefix)
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
        chapters = [chapter for chapter in [self.guide(False), *self.chapters(False)] if chapter]
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
        chapters = [chapter for chapter in [self.guide(True), *self.chapters(True)] if chapter]
        minutes = {notebook["name"]: notebook["minutes"] for notebook in self.plan["notebooks"]}
        for one in self.plan["printed"]:
            title = "The socket workshop"
            self.page("book", one["bookHtml"], title=title, paper=one["paper"], chapters=chapters, minutes=minutes)
            self.page("card-print", one["cardHtml"], title="Reference card", paper=one["paper"])


def main(path):
    plan = json.loads(Path(path).read_text("utf-8"))
    edition = Edition(plan)
    edition.out.mkdir(parents=True, exist_ok=True)
    edition.write_pages()
    if plan["printed"]:
        edition.write_printed()


if __name__ == "__main__":
    main(sys.argv[1])
