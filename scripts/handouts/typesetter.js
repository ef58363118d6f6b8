/// <reference lib="dom" />
/*
 * Runs in the document that Chromium prints, before it is printed. A picture stays whole, and a high one that finds no room goes to the
 * next page: half of its own page would stay blank. So it is moved behind the paragraphs and cells that follow it, which fill that half,
 * as a typesetter does it; a line says where the picture is, and another one at the picture whence it comes.
 *
 * Where pages end can only be seen when they stand side by side, as columns: Chromium breaks columns as it breaks pages.
 */
(() => {
  /** What may stay blank at the foot of a page, in parts of it: a picture is not moved for less. */
  const BLANK = 0.1;
  /** So little on the last page of a chapter is worth a somewhat tighter setting, if that saves the page. */
  const SPARSE = 0.25;
  const NUMBERS = ["on this page", "on the next page", "two pages on", "three pages on", "four pages on"];
  const ORIGINS = ["this page", "the page before", "two pages before", "three pages before", "four pages before"];
  let count = 0;

  /** A chapter while its pages stand side by side. */
  class Pages {
    /** @param {Element} chapter */
    constructor(chapter) {
      const { left, top, width, height } = chapter.getBoundingClientRect();
      this.left = left;
      this.top = top;
      this.height = height;
      this.step = width + Number.parseFloat(getComputedStyle(chapter).columnGap);
    }

    /** @param {Element} element @returns {{ page: number, top: number, last: number, bottom: number }} where it begins and ends */
    placeOf(element) {
      const rects = [...element.getClientRects()];
      const [first, last] = [/** @type {DOMRect} */ (rects[0]), /** @type {DOMRect} */ (rects.at(-1))];
      const page = (/** @type {DOMRect} */ rect) => Math.floor((rect.left - this.left + 1) / this.step);
      return { page: page(first), top: first.top - this.top, last: page(last), bottom: last.bottom - this.top };
    }

    /** How much of the page before stays blank because the element begins a page. @param {Element} element */
    blankBefore(element) {
      const before = elementBefore(element);
      if (before === null) return 0;
      const { page, top } = this.placeOf(element);
      const { last, bottom } = this.placeOf(before);
      return top > 4 || page === last ? 0 : page - last - bottom / this.height;
    }
  }

  /** @param {Element} element @returns {Element | null} */
  function elementBefore(element) {
    if (element.matches(".chapter")) return null;
    return element.previousElementSibling ?? (element.parentElement && elementBefore(element.parentElement));
  }

  /** The part of the chapter in which it stands. @param {Element} element @returns {Element} */
  function blockOf(element) {
    const { parentElement } = element;
    return parentElement === null || parentElement.matches(".chapter") ? element : blockOf(parentElement);
  }

  /**
   * Behind which elements after it a picture may stand: not below a heading, not between a sentence and its cell, nor between a question and
   * the room for its answer, and not behind another picture.
   * @param {Element} block
   */
  function* placesAfter(block) {
    for (let next = block.nextElementSibling; next !== null; next = next.nextElementSibling) {
      if (next.querySelector("img") !== null) return;
      const inside = next.matches(".text:not(.note)") ? [...next.children] : [];
      for (const child of inside.slice(0, -1)) {
        if (!child.matches("h1,h2,h3") && !child.nextElementSibling?.matches(".room")) yield child;
      }
      const leads =
        next.matches(".text") && (inside.at(-1)?.matches("h1,h2,h3") || next.nextElementSibling?.matches(".step"));
      if (!leads) yield next;
    }
  }

  /** A picture that is higher than a page goes on in others. @param {Element} element */
  const isPart = (element) => element instanceof HTMLImageElement && element.alt.startsWith("The picture goes on");

  /** @param {string} kind @param {string} [text] */
  function paragraph(kind, text = "") {
    const made = document.createElement("p");
    made.className = kind;
    made.textContent = text;
    return made;
  }

  /**
   * Moves the picture behind what follows it, to where least stays blank, if that is worth it.
   * @param {HTMLImageElement} image
   * @param {Pages} pages
   * @returns {{ moved: Element, hint: Element } | undefined}
   */
  function move(image, pages) {
    let least = pages.blankBefore(image);
    if (least <= BLANK) return undefined;
    const first = pages.placeOf(image).page;
    const home = /** @type {Element} */ (image.parentElement);
    // The parts of one picture stay in their order.
    const parts = [...home.children].slice([...home.children].indexOf(image) + 1).filter(isPart);
    const hint = paragraph("elsewhere", "The picture");
    const moved = document.createElement("div");
    moved.className = "moved";
    image.replaceWith(hint);
    moved.append(paragraph("caption", "Picture"), image);
    /** @type {Element | undefined} */
    let best;
    for (const place of [...placesAfter(blockOf(hint))]) {
      place.after(moved, ...parts);
      if (moved.clientHeight > pages.height) moved.querySelector(".caption")?.remove();
      if (pages.placeOf(moved).page > first) break;
      const blank = pages.blankBefore(moved);
      if (blank < least - 0.02) [best, least] = [place, blank];
      if (blank === 0) break;
    }
    if (best === undefined) {
      moved.remove();
      hint.replaceWith(image, ...parts);
      return undefined;
    }
    best.after(moved, ...parts);
    return { moved, hint };
  }

  /** @param {Element} chapter @returns {number} its pages, the last one as the part of it that is filled */
  function place(chapter) {
    const pages = new Pages(chapter);
    const found = [];
    for (const image of chapter.querySelectorAll("img")) {
      const one = move(image, pages);
      if (one !== undefined) found.push({ ...one, goesOn: isPart(image) });
    }
    for (const { moved, hint, goesOn } of found) {
      count += 1;
      const away = pages.placeOf(moved).page - pages.placeOf(hint).page;
      hint.textContent = goesOn
        ? `It goes on in picture ${count}, ${NUMBERS[away]}.`
        : `Picture ${count} is ${NUMBERS[away]}.`;
      const caption = moved.querySelector(".caption");
      if (caption !== null) caption.textContent = `Picture ${count}, from ${ORIGINS[away]}`;
    }
    const { last, bottom } = pages.placeOf(/** @type {Element} */ (chapter.lastElementChild));
    return last + bottom / pages.height;
  }

  /** @param {Element} chapter */
  function set(chapter) {
    const before = { count, inside: chapter.innerHTML };
    const again = (/** @type {boolean} */ tight) => {
      count = before.count;
      chapter.innerHTML = before.inside;
      chapter.classList.toggle("tight", tight);
      return place(chapter);
    };
    const length = place(chapter);
    if (length % 1 < SPARSE && length > 1 && Math.floor(again(true)) >= Math.floor(length)) again(false);
  }

  // Not before the pictures are there.
  addEventListener("load", () => {
    for (const chapter of document.querySelectorAll(".chapter:not(.card-sheet)")) {
      chapter.classList.add("side-by-side");
      set(chapter);
      chapter.classList.remove("side-by-side");
    }
  });
})();
