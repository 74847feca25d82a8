// A result as a table, page by page.
import { count, h, many, replace } from "./dom.js";

const NUMERIC = /^(tinyint|smallint|integer|bigint|real|double|decimal)/;

/** Shows columns and rows; `more` fetches the page behind a cursor. */
export class Grid {
  constructor({ columns, rows, next, rowCount, more }) {
    this.columns = columns;
    this.numeric = columns.map((column) => NUMERIC.test(column.type));
    this.next = next;
    this.rowCount = rowCount;
    this.more = more;
    this.shown = 0;
    this.body = h("tbody");
    this.footer = h("div", { class: "grid-foot" });
    this.element = h("div", { class: "grid" },
      h("div", { class: "grid-scroll", tabindex: "0", role: "region", "aria-label": "Rows" },
        h("table", null,
          h("thead", null, h("tr", null,
            h("th", { scope: "col", class: "row-number" }, h("span", { class: "visually-hidden" }, "Row")),
            columns.map((column, i) => h("th", { scope: "col", class: this.numeric[i] ? "number" : null },
              h("span", { class: "column-name" }, column.name),
              h("span", { class: "column-type" }, column.type))))),
          this.body)),
      this.footer);
    this.add(rows);
  }

  add(rows) {
    const fragment = document.createDocumentFragment();
    for (const row of rows) {
      this.shown++;
      fragment.append(h("tr", null,
        h("td", { class: "row-number" }, this.shown),
        row.map((value, i) => cell(value, this.numeric[i]))));
    }
    this.body.append(fragment);
    this.foot();
  }

  foot(problem) {
    const total = this.rowCount ?? this.shown;
    const text = this.next
      ? `${count(this.shown)} of ${many(total, "row")}`
      : many(this.shown, "row");
    const button = this.next && h("button", { type: "button", id: "more", onclick: async () => {
      button.disabled = true;
      try {
        const page = await this.more(this.next);
        this.next = page.next;
        this.add(page.rows);
      } catch (failure) {
        this.foot(failure);
      }
    } }, "Load more");
    replace(this.footer,
      h("span", { class: "row-count" }, text),
      button,
      problem && h("span", { class: "error-text", role: "alert" }, problem.message, " ", problem.remedy));
  }
}

function cell(value, numeric) {
  if (value === null || value === undefined) return h("td", { class: "null" }, "NULL");
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  if (text === "") return h("td", { class: "blank", title: "the empty string" });
  return h("td", { class: numeric ? "number" : null, title: text.length > 60 ? text : null }, text);
}
