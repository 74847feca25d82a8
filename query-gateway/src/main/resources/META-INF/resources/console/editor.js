// The SQL editor: a textarea (so that keyboards, screen readers and spell checkers know what it
// is) over a painted copy of its text.
import { h, replace } from "./dom.js";

const KEYWORDS = new Set(("ALL AND ANY AS ASC AT BETWEEN BY CASE CAST CROSS CURRENT_DATE CURRENT_TIMESTAMP DATE DESC DISTINCT "
  + "ELSE END ESCAPE EXCEPT EXISTS EXTRACT FALSE FETCH FILTER FIRST FOLLOWING FROM FULL GROUP GROUPING HAVING IN INNER "
  + "INTERSECT INTERVAL IS JOIN LAST LATERAL LEFT LIKE LIMIT NATURAL NOT NULL NULLS OFFSET ON ONLY OR ORDER OUTER OVER "
  + "PARTITION PRECEDING RANGE RIGHT ROW ROWS SELECT SETS SOME TABLE THEN TIME TIMESTAMP TRUE TRY_CAST UNBOUNDED UNION "
  + "UNNEST USING VALUES WHEN WHERE WINDOW WITH ZONE").split(" "));
const TOKEN = /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^']|'')*'?)|("(?:[^"]|"")*"?)|(\b\d[\w.]*)|([A-Za-z_]\w*)/g;
/** Painting follows each keystroke; beyond this size it would be felt, and text stays plain. */
const PAINT_LIMIT = 50_000;

export class Editor {
  constructor({ area, paint, gutter, onRun, onCancel }) {
    this.area = area;
    this.paint = paint;
    this.gutter = gutter;
    this.mark = null;
    area.addEventListener("input", () => {
      this.mark = null;
      this.refresh();
    });
    area.addEventListener("scroll", () => this.follow());
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        onRun();
      } else if (event.key === "Escape") {
        onCancel();
      }
    });
    this.refresh();
  }

  get text() {
    return this.area.value;
  }

  set text(value) {
    this.area.value = value;
    this.mark = null;
    this.refresh();
  }

  /** Puts text where the cursor is, set apart by spaces, and goes on behind it. */
  insert(text) {
    const { selectionStart: start, selectionEnd: end, value } = this.area;
    const before = start > 0 && !/[\s(.,]/.test(value[start - 1]) ? " " : "";
    const after = end < value.length && !/[\s),.;]/.test(value[end]) ? " " : "";
    this.area.focus();
    this.area.setRangeText(before + text + after, start, end, "end");
    this.mark = null;
    this.refresh();
  }

  /**
   * The selected part when it is more than a word, so that one of several statements can be run;
   * a word that a double click left selected does not count.
   */
  statement() {
    const { selectionStart: start, selectionEnd: end, value } = this.area;
    const part = value.slice(start, end);
    if (!/\s/.test(part.trim()) || part.trim() === value.trim()) return { sql: value, offset: 0, part: false };
    return { sql: part, offset: start, part: true };
  }

  /** Marks the word at a line and column, both from 1, of the text that begins at an offset. */
  markAt(line, column, offset) {
    const lines = this.text.slice(offset).split("\n");
    if (line < 1 || line > lines.length) return;
    let at = offset;
    for (let i = 0; i < line - 1; i++) at += lines[i].length + 1;
    at += Math.min(Math.max(column - 1, 0), lines[line - 1].length);
    const word = /^(?:[\w$]+|"(?:[^"\n]|"")*"|[^\s\w])/.exec(this.text.slice(at));
    this.mark = { from: at, to: at + (word ? word[0].length : 0) };
    this.refresh();
    this.area.setSelectionRange(at, at);
    const top = (this.text.slice(0, at).split("\n").length - 3) * this.lineHeight();
    if (top > this.area.scrollTop + this.area.clientHeight || top < this.area.scrollTop) {
      this.area.scrollTop = Math.max(0, top);
    }
  }

  clearMark() {
    this.mark = null;
    this.refresh();
  }

  refresh() {
    const text = this.text;
    const lineCount = text.split("\n").length;
    const marked = this.mark ? text.slice(0, this.mark.from).split("\n").length : 0;
    replace(this.gutter, Array.from({ length: lineCount }, (_, i) =>
      h("span", { class: i + 1 === marked ? "at-fault" : null }, i + 1)));
    replace(this.paint, text.length > PAINT_LIMIT ? text : this.pieces(text), "\n");
    this.follow();
  }

  pieces(text) {
    const pieces = [];
    const add = (from, to, kind) => {
      if (from >= to) return;
      const mark = this.mark;
      if (!mark || mark.to < from || mark.from >= to) {
        pieces.push(kind ? h("span", { class: kind }, text.slice(from, to)) : text.slice(from, to));
        return;
      }
      const start = Math.max(from, mark.from);
      const end = Math.min(to, mark.to);
      add2(from, start, kind);
      if (start < end) pieces.push(h("mark", null, text.slice(start, end)));
      add2(end, to, kind);
    };
    const add2 = (from, to, kind) => {
      if (from < to) pieces.push(kind ? h("span", { class: kind }, text.slice(from, to)) : text.slice(from, to));
    };
    let last = 0;
    for (const match of text.matchAll(TOKEN)) {
      const kind = match[1] ? "comment"
        : match[2] ? "string"
        : match[3] ? null
        : match[4] ? "number"
        : KEYWORDS.has(match[5].toUpperCase()) ? "keyword" : null;
      add(last, match.index, null);
      add(match.index, match.index + match[0].length, kind);
      last = match.index + match[0].length;
    }
    add(last, text.length, null);
    if (this.mark && this.mark.from >= text.length) pieces.push(h("mark", { class: "end" }, " "));
    return pieces;
  }

  follow() {
    this.paint.style.transform = `translate(${-this.area.scrollLeft}px, ${-this.area.scrollTop}px)`;
    this.gutter.scrollTop = this.area.scrollTop;
  }

  lineHeight() {
    return parseFloat(getComputedStyle(this.area).lineHeight) || 20;
  }
}
