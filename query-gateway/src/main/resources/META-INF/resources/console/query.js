// The query page: write SQL, run it, read the rows.
import { getJson, parse, postJson, request, ApiError } from "./api.js";
import { Catalog, all } from "./catalog.js";
import { $, bytes, h, many, replace } from "./dom.js";
import { Editor } from "./editor.js";
import { Grid } from "./grid.js";
import { begin, problemBox } from "./session.js";
import { user } from "./auth.js";

const DRAFT = "lakegate.draft";
const HISTORY = "lakegate.history";
const HISTORY_LENGTH = 50;
const PAGE = 1000;
/** Short, so that there soon is an id to cancel by; what takes longer is asked for again. */
const FIRST_WAIT_MILLIS = 400;
const NEXT_WAIT_MILLIS = 2000;

const editor = new Editor({
  area: $("sql"),
  paint: $("paint"),
  gutter: $("gutter"),
  onRun: run,
  onCancel: cancel,
});
const catalog = new Catalog({
  element: $("catalog"),
  filter: $("catalog-filter"),
  insert: (name) => {
    showSide(false);
    editor.insert(name);
  },
});

/** The query under way, or null. */
let current = null;

$("run").addEventListener("click", run);
$("cancel").addEventListener("click", cancel);
$("catalog-reload").addEventListener("click", () => catalog.load());
$("history-clear").addEventListener("click", () => {
  sessionStorage.removeItem(HISTORY);
  drawHistory();
});
$("side-toggle").addEventListener("click", () => showSide($("side-toggle").getAttribute("aria-expanded") !== "true"));
$("sql").addEventListener("input", () => sessionStorage.setItem(DRAFT, editor.text));

begin({
  page: $("workbench"),
  purpose: "Query your tenant's tables. Log in to see what you may read.",
  start: () => {
    // What another user of this tab wrote is not for this one's eyes.
    if (sessionStorage.getItem("lakegate.owner") !== user()) {
      sessionStorage.removeItem(DRAFT);
      sessionStorage.removeItem(HISTORY);
      sessionStorage.setItem("lakegate.owner", user());
    }
    editor.text = sessionStorage.getItem(DRAFT) ?? "";
    drawHistory();
    catalog.load();
    loadSaved();
    invitation();
    editor.area.focus();
  },
  stop: () => {
    current = null;
    setRunning(false);
    replace($("result"));
  },
});

async function run() {
  if (current) return;
  const { sql, offset, part } = editor.statement();
  if (sql.trim() === "") {
    replace($("result"), h("p", { class: "empty" }, "There is no SQL to run: write a query first."));
    editor.area.focus();
    return;
  }
  const query = { sql, offset, part, id: null, cancelled: false, startedAt: performance.now() };
  current = query;
  editor.clearMark();
  setRunning(true);
  const clock = setInterval(() => progress(query), 100);
  replace($("result"));
  try {
    let status = await postJson("/api/v1/queries", { sql, waitMillis: FIRST_WAIT_MILLIS });
    query.id = status.id;
    if (query.cancelled) await stopAtGateway(query);
    while (status.state === "queued" || status.state === "running") {
      query.state = status.state;
      query.stats = status.stats;
      const asked = performance.now();
      status = await getJson(`/api/v1/queries/${encodeURIComponent(query.id)}?waitMillis=${NEXT_WAIT_MILLIS}`);
      // A gateway that answers at once is not asked again at once.
      if (performance.now() - asked < 150 && current === query) await new Promise((done) => setTimeout(done, 250));
      if (current !== query) return;
    }
    if (current !== query) return;
    if (status.state === "failed") throw new ApiError(400, status.error);
    if (status.state === "cancelled") {
      remember(sql, "cancelled");
      replace($("result"), h("p", { class: "empty" }, "The query was cancelled."));
      return;
    }
    await showResult(query, status);
    remember(sql, many(status.rowCount ?? status.rows?.length ?? 0, "row"));
  } catch (failure) {
    if (current !== query) return;
    remember(sql, failure.code ?? "failed");
    showProblem(query, failure);
  } finally {
    clearInterval(clock);
    if (current === query) {
      current = null;
      setRunning(false);
    }
  }
}

async function cancel() {
  const query = current;
  if (!query || query.cancelled) return;
  query.cancelled = true;
  $("cancel").disabled = true;
  progress(query);
  if (query.id) await stopAtGateway(query).catch((failure) => {
    query.cancelled = false;
    if (current === query) $("cancel").disabled = false;
    replace($("progress"), h("span", { class: "error-text" }, failure.message));
  });
}

function stopAtGateway(query) {
  return request(`/api/v1/queries/${encodeURIComponent(query.id)}`, { method: "DELETE" });
}

async function showResult(query, status) {
  const path = `/api/v1/queries/${encodeURIComponent(status.id)}/rows`;
  const more = (cursor) => getJson(`${path}?limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
  const first = status.rows ? { rows: status.rows, next: status.next } : await more(null);
  const grid = new Grid({
    columns: status.columns ?? [],
    rows: first.rows,
    next: first.next ?? null,
    rowCount: status.rowCount,
    more,
  });
  if (current !== query) return;
  const stats = status.stats ?? {};
  const elapsed = stats.elapsedMillis ?? performance.now() - query.startedAt;
  const facts = [
    query.part && "the selection",
    many(status.rowCount ?? first.rows.length, "row"),
    `${(elapsed / 1000).toFixed(elapsed < 10_000 ? 2 : 1)} s`,
    stats.filesRead !== undefined && stats.filesRead !== null && many(stats.filesRead, "file"),
    stats.bytesRead ? `${bytes(stats.bytesRead)} read` : null,
    stats.rowsRead ? `${many(stats.rowsRead, "row")} read` : null,
  ].filter(Boolean);
  const download = h("button", { type: "button", id: "download", onclick: () => saveCsv(query.sql, download) }, "Download CSV");
  replace($("result"),
    h("div", { class: "result-head" },
      h("p", { class: "facts" }, facts.join(" · ")),
      download),
    status.truncated && h("p", { class: "notice note" },
      "The result is cut off at the gateway's limit. Ask for less, or for a sum."),
    (status.notes ?? []).map((note) => h("p", { class: "notice note", "data-code": note.code },
      h("span", { class: "code" }, note.code), " ", note.message)),
    grid.element);
}

function showProblem(query, failure) {
  replace($("result"), problemBox(failure));
  const { line, column } = failure.details ?? {};
  if (line) {
    editor.markAt(Number(line), Number(column ?? 1), query.offset);
    editor.area.focus();
  }
}

/** Runs the query again as CSV: the whole result, not only the rows shown. */
async function saveCsv(sql, button) {
  button.disabled = true;
  button.textContent = "Preparing…";
  try {
    const response = await request("/api/v1/queries", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/csv" },
      body: JSON.stringify({ sql }),
    });
    const address = URL.createObjectURL(await response.blob());
    const link = h("a", { href: address, download: `lakegate-${new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-")}.csv` });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } catch (failure) {
    $("result").prepend(problemBox(failure));
  } finally {
    button.disabled = false;
    button.textContent = "Download CSV";
  }
}

function setRunning(running) {
  $("run").disabled = running;
  $("cancel").disabled = !running;
  $("result").setAttribute("aria-busy", String(running));
  if (!running) replace($("progress"));
}

function progress(query) {
  if (current !== query) return;
  const elapsed = ((performance.now() - query.startedAt) / 1000).toFixed(1);
  const doing = query.cancelled ? "Cancelling" : query.state === "queued" ? "Waiting for its turn" : query.part ? "Running the selection" : "Running";
  const read = query.stats?.rowsRead ? ` · ${many(query.stats.rowsRead, "row")} read` : "";
  // Screen readers hear the change of state, not each tenth of a second.
  let words = $("progress").querySelector(".doing");
  if (words?.textContent !== doing) {
    words = h("span", { class: "doing" }, doing);
    replace($("progress"), h("span", { class: "spinner", "aria-hidden": "true" }), words,
      h("span", { class: "elapsed", "aria-hidden": "true" }));
  }
  $("progress").querySelector(".elapsed").textContent = ` ${elapsed} s${read}`;
}

function invitation() {
  replace($("result"), h("p", { class: "empty" },
    "Rows appear here. Insert names from the tables on the side, or start from a saved query."));
}

async function loadSaved() {
  try {
    const items = await all("/api/v1/saved-queries");
    replace($("saved"), items.length === 0
      ? h("p", { class: "side-note" }, "There is no saved query for your tables.")
      : h("ul", { class: "queries" }, items.map((item) => h("li", null,
        h("button", { type: "button", class: "query", title: item.sql, onclick: () => load(item.sql) },
          h("span", { class: "query-name" }, item.name.replace(/_/g, " ")),
          item.description && h("span", { class: "description" }, item.description))))));
  } catch (failure) {
    if (failure.status !== 401) replace($("saved"), h("p", { class: "side-note error-text" }, failure.message));
  }
}

function load(sql) {
  showSide(false);
  editor.text = sql.trim();
  sessionStorage.setItem(DRAFT, editor.text);
  editor.area.focus();
}

function remember(sql, outcome) {
  const entries = storedHistory().filter((entry) => entry.sql !== sql);
  entries.unshift({ sql, outcome, at: new Date().toISOString() });
  try {
    sessionStorage.setItem(HISTORY, JSON.stringify(entries.slice(0, HISTORY_LENGTH)));
  } catch {
    // The browser's storage is full: the query matters more than its trace.
  }
  drawHistory();
}

function storedHistory() {
  const entries = parse(sessionStorage.getItem(HISTORY) ?? "[]");
  return Array.isArray(entries) ? entries : [];
}

function drawHistory() {
  const entries = storedHistory();
  $("history-clear").hidden = entries.length === 0;
  replace($("history"), entries.length === 0
    ? h("p", { class: "side-note" }, "What you run in this tab is listed here.")
    : h("ul", { class: "queries" }, entries.map((entry) => h("li", null,
      h("button", { type: "button", class: "query", title: entry.sql, onclick: () => load(entry.sql) },
        h("span", { class: "query-sql" }, entry.sql.replace(/\s+/g, " ").trim()),
        h("span", { class: "description" }, `${new Date(entry.at).toLocaleTimeString()} · ${entry.outcome}`))))));
}

function showSide(open) {
  $("side-toggle").setAttribute("aria-expanded", String(open));
  $("side").classList.toggle("open", open);
}
