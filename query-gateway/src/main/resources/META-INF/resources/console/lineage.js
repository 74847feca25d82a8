// What operators see of one table beside its state: its newest runs with their logs, its lineage.
import { getJson } from "./api.js";
import { $, bytes, count, h, replace, seconds } from "./dom.js";

const known = new Map();

/** What is known of a table is out of date. */
export function forget(dataset) {
  if (known.has(dataset)) known.get(dataset).old = true;
}

/** Runs and lineage of a table, loaded when somebody opens them. */
export function details(dataset) {
  const body = h("div", { class: "about" });
  show(dataset, body);
  return h("details", {
    id: `about-${dataset}`,
    ontoggle: (event) => {
      if (event.currentTarget.open) load(dataset, body);
    },
  }, h("summary", null, "Runs and lineage"), body);
}

async function load(dataset, body) {
  const item = known.get(dataset);
  if (item && !item.old && !item.failure) {
    show(dataset, body);
    return;
  }
  const query = `?dataset=${encodeURIComponent(dataset)}`;
  try {
    const [runs, lineage] = await Promise.all([
      getJson(`/api/v1/operations/runs${query}`),
      getJson(`/api/v1/operations/lineage${query}`),
    ]);
    known.set(dataset, { runs: runs.items ?? [], lineage: lineage.items ?? [] });
  } catch (failure) {
    known.set(dataset, { failure: failure.message, runs: item?.runs ?? [], lineage: item?.lineage ?? [] });
  }
  // The page may have been drawn anew meanwhile.
  show(dataset, $(`about-${dataset}`)?.querySelector(".about") ?? body);
}

function show(dataset, body) {
  const item = known.get(dataset);
  replace(body, item
    ? [item.failure && h("p", { class: "error-text" }, item.failure), runs(item.runs), lineage(dataset, item.lineage)]
    : h("p", { class: "side-note" }, "Loading …"));
}

function runs(items) {
  if (items.length === 0) return h("p", { class: "side-note" }, "No run is remembered.");
  return h("table", { class: "runs" },
    h("thead", null, h("tr", null, ["Started", "How", "Took", "Read", "Written", "Deleted", "Rejected", "Size", ""].map((name, i) =>
      h("th", { scope: "col", class: i > 1 && i < 8 ? "number" : null }, name)))),
    h("tbody", null, items.map((run) => h("tr", { "data-run": run.id },
      h("td", { title: run.startedAt ?? run.queuedAt }, clock(run.startedAt ?? run.queuedAt)),
      h("td", { title: run.reason }, `${run.mode}, `, h("span", { class: `badge state-${run.status === "succeeded" ? "fresh" : run.status}` }, run.status),
        run.errorCode && h("p", { class: "error-text" }, `${run.errorCode}: ${run.errorMessage ?? ""}`)),
      h("td", { class: "number" }, run.durationMillis === null ? "–" : seconds(run.durationMillis / 1000)),
      [run.rowsRead, run.rowsUpserted, run.rowsDeleted, run.rowsRejected].map((n) => h("td", { class: "number" }, count(n))),
      h("td", { class: "number" }, bytes(run.bytesWritten)),
      h("td", null, h("button", { type: "button", class: "quiet", "aria-label": `Log of run ${run.id}`, onclick: () => log(run) }, "log"))))));
}

function clock(instant) {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? "–" : date.toLocaleTimeString();
}

async function log(run) {
  const text = h("pre", { class: "log", tabindex: "0" }, "Loading …");
  const dialog = h("dialog", { class: "log-dialog", "aria-label": `Log of run ${run.id}`, onclose: () => dialog.remove() },
    h("div", { class: "log-head" },
      h("strong", null, `${run.dataset}, run ${run.id}`),
      h("button", { type: "button", onclick: () => dialog.close() }, "Close")),
    text);
  document.body.append(dialog);
  dialog.showModal();
  try {
    const answer = await getJson(`/api/v1/operations/runs/${encodeURIComponent(run.id)}/log`);
    replace(text, answer.kept ? answer.lines.join("\n") : "The log of this run is not kept.");
    text.scrollTop = text.scrollHeight;
  } catch (failure) {
    replace(text, failure.message);
  }
}

function lineage(dataset, items) {
  const own = items.find((item) => item.dataset === dataset);
  if (!own) return null;
  const readers = items.filter((item) => item.inputs.includes(dataset)).map((item) => item.dataset);
  return h("div", { class: "lineage" },
    h("p", null, h("strong", null, "Made of "), own.inputs.join(", ") || "nothing"),
    h("p", null, h("strong", null, "Read by "), readers.join(", ") || "no other table"),
    own.columns === null
      ? h("p", { class: "side-note" }, "What its columns are made of is known after its next run.")
      : [
        h("dl", { class: "columns" }, own.columns.map((column) => h("div", null,
          h("dt", null, column.column),
          h("dd", null, column.inputs.length === 0 ? "no column" : sources(column.inputs))))),
        own.rows.length > 0 && h("p", { class: "side-note" }, "Its rows depend on ", sources(own.rows), "."),
      ]);
}

function sources(inputs) {
  return inputs.map((input, i) => [i > 0 && ", ", h("code", null, `${input.dataset}.${input.column}`),
    input.kind === "identity" ? null : ` (${input.kind.replace("_", " ")})`]);
}
