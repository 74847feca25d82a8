// The tables that the user may read.
import { getJson } from "./api.js";
import { h, replace } from "./dom.js";

const PLAIN = /^[a-z_][a-z0-9_]*$/;
/** Words that name a table or column only between quotes. */
const RESERVED = new Set(("alter and as between by case cast constraint create cross cube current_date current_time current_timestamp "
  + "current_user deallocate delete describe distinct drop else end escape except execute exists extract false for from full group "
  + "grouping having in inner insert intersect into is join left like listagg localtime localtimestamp natural normalize not null on or "
  + "order outer prepare recursive right rollup select skip table then true uescape union unnest using values when where with").split(" "));

/** A name as SQL takes it. */
export function quoted(name) {
  return PLAIN.test(name) && !RESERVED.has(name) ? name : `"${name.replace(/"/g, '""')}"`;
}

export class Catalog {
  constructor({ element, filter, insert }) {
    this.element = element;
    this.insert = insert;
    this.items = [];
    this.wanted = "";
    filter.addEventListener("input", () => {
      this.wanted = filter.value.trim().toLowerCase();
      this.draw();
    });
  }

  async load() {
    try {
      this.items = await all("/api/v1/catalog");
      this.draw();
    } catch (failure) {
      if (failure.status !== 401) replace(this.element, h("p", { class: "side-note error-text" }, failure.message, " ", failure.remedy));
    }
  }

  draw() {
    const schemas = new Map();
    for (const item of this.items) {
      const found = this.match(item);
      if (!found) continue;
      if (!schemas.has(item.schema)) schemas.set(item.schema, []);
      schemas.get(item.schema).push(this.table(item, found));
    }
    const order = ["gold", "silver", "bronze"];
    const rank = (name) => (order.indexOf(name) + order.length + 1) % (order.length + 1);
    const names = [...schemas.keys()].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
    replace(this.element, names.length === 0
      ? h("p", { class: "side-note" }, this.items.length === 0
        ? "There is no table that you may read."
        : "No table or column has this in its name.")
      : names.map((name) => h("details", { class: "schema", open: this.wanted !== "" || name === names[0] },
        h("summary", null, name, h("span", { class: "count" }, schemas.get(name).length)),
        schemas.get(name))));
  }

  /** Which columns to show: all when the table's name fits, else those whose name does. */
  match(item) {
    if (this.wanted === "" || `${item.schema}.${item.table}`.toLowerCase().includes(this.wanted)) return item.columns;
    const columns = item.columns.filter((column) => column.name.toLowerCase().includes(this.wanted));
    return columns.length > 0 ? columns : null;
  }

  table(item, columns) {
    const name = `${quoted(item.schema)}.${quoted(item.table)}`;
    const open = this.wanted !== "" && columns !== item.columns;
    return h("details", { class: "table", open },
      h("summary", null,
        h("span", { class: "table-name" }, item.table),
        item.state === "empty" && h("span", { class: "badge", title: "It has no row yet that you may read." }, "empty"),
        h("button", {
          type: "button",
          class: "quiet insert",
          title: `Insert ${name}`,
          "aria-label": `Insert ${name}`,
          onclick: (event) => {
            event.preventDefault();
            this.insert(name);
          },
        }, "insert")),
      item.description && h("p", { class: "description" }, item.description),
      h("ul", { class: "columns" }, columns.map((column) => h("li", null,
        h("button", {
          type: "button",
          class: "column",
          title: column.description || null,
          onclick: () => this.insert(quoted(column.name)),
        },
        h("span", { class: "column-name" }, column.name),
        h("span", { class: "column-type" }, column.type),
        column.described === false && h("span", { class: "badge", title: column.description }, "not described"),
        column.description && column.described !== false && h("span", { class: "description" }, column.description))))));
  }
}

/** Every page of a list. */
export async function all(path) {
  const items = [];
  let cursor = null;
  do {
    const page = await getJson(cursor === null ? path : `${path}?cursor=${encodeURIComponent(cursor)}`);
    items.push(...page.items);
    cursor = page.next ?? null;
  } while (cursor !== null);
  return items;
}
