// The operations page: is data fresh, and if not, why.
import { getJson } from "./api.js";
import { $, bytes, count, h, many, replace, seconds } from "./dom.js";
import { follow } from "./events.js";
import { details, forget } from "./lineage.js";
import { begin, leave, problemBox, switchUser } from "./session.js";
import { user } from "./auth.js";

// Without events everything is asked for every two seconds; with them, only what they do not tell.
const EVERY_MILLIS = 2000;
const EVERY_MILLIS_WITH_EVENTS = 15000;
const SOON_MILLIS = 300;
const LISTEN_AGAIN_MILLIS = 10000;
const LAYERS = ["gold", "silver", "bronze"];
const COLUMNS = [
  ["Table"], ["State"], ["Rows", null, true], ["Last change"], ["Behind", null, true],
  ["p50 / p95 / p99", "How old changes were when they became visible: half of them, 95 % and 99 % were at most this old.", true],
  ["Why, and what to do"],
];

let timer = null;
let active = false;
let asking = false;
let latest = null;
let listening = null;
let live = false;
let soon = null;

const page = $("operations");

begin({
  page,
  purpose: "See whether data is fresh, and if not, why. For operators.",
  start: () => {
    active = true;
    refresh();
    listen();
  },
  stop: () => {
    active = false;
    clearTimeout(timer);
    leaveEvents();
    latest = null;
    replace(page);
  },
});

document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (document.hidden) leaveEvents();
  else if (active) {
    refresh();
    listen();
  }
});

function leaveEvents() {
  listening?.abort();
  listening = null;
  live = false;
  clearTimeout(soon);
  soon = null;
}

/** Hears what happens, again and again, while this page is in view. */
async function listen() {
  if (listening) return;
  const mine = listening = new AbortController();
  while (listening === mine) {
    try {
      await follow("/api/v1/operations/events", happened, mine.signal);
    } catch {
      // It is tried again; meanwhile the page asks.
    }
    if (listening !== mine) return;
    if (live) {
      live = false;
      refresh();
    }
    await new Promise((done) => setTimeout(done, LISTEN_AGAIN_MILLIS));
  }
}

function happened(name, data) {
  const before = live;
  live = name !== "gone";
  if (name === "run-ended" || name === "run-started") forget(data.dataset);
  if (name === "heartbeat" || name === "following" && before) return;
  // Many things happen at once, and one answer tells them all.
  soon ??= setTimeout(() => {
    soon = null;
    if (active && !document.hidden) refresh();
  }, SOON_MILLIS);
}

async function refresh() {
  if (asking) return;
  asking = true;
  clearTimeout(timer);
  try {
    latest = await getJson("/api/v1/operations");
    if (active) draw(latest, null);
  } catch (failure) {
    if (failure.status === 403) {
      active = false;
      refuse(failure);
    } else if (active) {
      draw(latest, failure);
    }
  } finally {
    asking = false;
  }
  if (active && !document.hidden) timer = setTimeout(refresh, live ? EVERY_MILLIS_WITH_EVENTS : EVERY_MILLIS);
}

function refuse(failure) {
  replace(page, h("div", { class: "card" },
    h("h1", null, "For operators"),
    h("p", null, `You are logged in as ${user()}. This page is for the personas LakeFormationAdmin and DataEngineer; `
      + "it shows the state of the whole house, not of one tenant."),
    h("p", { class: "request-id" }, failure.message),
    h("p", { class: "buttons" },
      h("button", { type: "button", class: "primary", onclick: () => switchUser().catch(leave) }, "Log in as somebody else"),
      h("a", { class: "button", href: "/" }, "Back to your tables"))));
}

function draw(state, failure) {
  const focus = document.activeElement?.id;
  const open = new Set([...page.querySelectorAll("details[open]")].map((element) => element.id));
  replace(page,
    failure && h("div", null, problemBox(failure), state && h("p", { class: "side-note" },
      `Below is the state of ${time(state.generatedAt)}.`)),
    state && [
      h("section", { class: `headline ${state.state ?? ""}`, id: "headline", "data-state": state.state },
        h("span", { class: "light", "aria-hidden": "true" }),
        h("div", null,
          h("h1", null, state.headline),
          h("p", { class: "side-note" }, `As of ${time(state.generatedAt)}, renewed ${live ? "as things happen" : "every 2 seconds"} while this page is in view.`))),
      h("section", { "aria-labelledby": "services-title" },
        h("h2", { id: "services-title" }, "Services"),
        h("div", { class: "tiles" }, (state.services ?? []).map(service), policy(state.policy))),
      alarms(state.alarms ?? []),
      capture(state.capture),
      datasets(state.datasets ?? []),
    ]);
  for (const id of open) if ($(id)) $(id).open = true;
  if (focus) $(focus)?.focus({ preventScroll: true });
}

function service(item) {
  return h("div", { class: `tile ${item.healthy ? "good" : "bad"}`, "data-service": item.name, "data-healthy": String(item.healthy) },
    h("div", { class: "tile-head" },
      h("span", { class: "light", "aria-hidden": "true" }),
      h("strong", null, item.name),
      h("span", { class: "state" }, item.healthy ? "healthy" : "not healthy")),
    h("p", null, item.message ?? ""),
    h("p", { class: "side-note" }, item.url ?? "", item.millis !== null && item.millis !== undefined ? ` · ${item.millis} ms` : ""));
}

function policy(item) {
  if (!item) return null;
  return h("div", { class: `tile ${item.inForce ? "good" : "bad"}`, id: "policy" },
    h("div", { class: "tile-head" },
      h("span", { class: "light", "aria-hidden": "true" }),
      h("strong", null, "policy"),
      h("span", { class: "state" }, item.version === null || item.version === undefined ? "unknown" : `version ${item.version}`)),
    h("p", null, item.message ?? ""));
}

function alarms(items) {
  if (items.length === 0) return null;
  return h("section", { "aria-labelledby": "alarms-title", id: "alarms" },
    h("h2", { id: "alarms-title" }, "Alarms"),
    items.map((item) => h("div", { class: `notice ${["info", "warning"].includes(item.severity) ? "" : "error"}`, "data-alarm": item.code },
      h("p", null, h("span", { class: "badge" }, item.severity), " ", item.message,
        item.since && h("span", { class: "side-note", title: item.since }, ` Since ${ago(item.since)}.`)),
      item.remedy && h("p", null, item.remedy),
      commands(item.commands))));
}

/** Commands are copied, never run from here: who holds a shell decides. */
function commands(items) {
  return (items ?? []).map((command) => h("span", { class: "command" },
    h("code", null, command),
    h("button", {
      type: "button",
      class: "quiet",
      "aria-label": `Copy ${command}`,
      onclick: (event) => {
        const button = event.currentTarget;
        navigator.clipboard.writeText(command).then(
          () => { button.textContent = "copied"; },
          () => { button.textContent = "select it"; });
      },
    }, "copy")));
}

function capture(state) {
  const facts = (entries) => h("dl", { class: "facts-list" }, entries.filter(Boolean).map(([name, value, title]) =>
    h("div", { title: title ?? null }, h("dt", null, name), h("dd", null, value ?? "–"))));
  if (!state) {
    return h("section", { "aria-labelledby": "capture-title" },
      h("h2", { id: "capture-title" }, "Capture"),
      h("p", { class: "notice error" }, "ingest-service did not say how capture stands. Bronze tables below are as unknown as that."));
  }
  const source = state.source ?? {};
  const lag = state.lag ?? {};
  return h("section", { "aria-labelledby": "capture-title", id: "capture" },
    h("h2", { id: "capture-title" }, "Capture"),
    h("p", { class: source.connected ? "side-note" : "notice error" }, source.connected
      ? `Connected to ${source.database} at ${source.host}:${source.port}. ${source.message ?? ""}`
      : `Not connected to ${source.database ?? "the source"} at ${source.host ?? "?"}:${source.port ?? "?"}. ${source.message ?? ""}`),
    facts([
      ["Slot", source.slot, "The replication slot at the source: it keeps the WAL that capture has not yet confirmed."],
      ["Publication", source.publication],
      ["Epoch", source.epoch],
      ["Lag", seconds(lag.seconds), "Time since the last change that is not in Bronze yet."],
      ["Not yet captured", bytes(lag.sourceBytes)],
      ["WAL kept for the slot", retained(state), "Grows while capture stands still. At the limit the source drops the slot's WAL; without a limit its disk fills up."],
      ["Captured up to", state.capturedPosition],
      ["Acknowledged", state.acknowledgedPosition],
      ["Last manifest", count(state.lastManifest)],
      ["Last flush", ago(state.lastFlushAt), state.lastFlushAt],
    ]));
}

function retained({ lag, retention }) {
  const kept = bytes(retention?.retainedBytes ?? lag?.retainedWalBytes);
  if (!retention?.limitBytes) return kept;
  return retention.limited
    ? `${kept} of at most ${bytes(retention.limitBytes)}`
    : `${kept}, without a limit at the source`;
}

function datasets(items) {
  return h("section", { "aria-labelledby": "tables-title" },
    h("h2", { id: "tables-title" }, "Tables"),
    items.length === 0
      ? h("p", { class: "notice error" }, "No service says which tables there are.")
      : h("div", { class: "grid-scroll", tabindex: "0", role: "region", "aria-label": "Tables", id: "tables" },
        h("table", { class: "datasets" },
          h("thead", null, h("tr", null,
            COLUMNS.map(([name, title, number]) =>
              h("th", { scope: "col", class: number ? "number" : null, title: title ?? null }, name)))),
          [...new Set([...LAYERS, ...items.map((item) => item.layer)])]
            .map((layer) => items.filter((item) => item.layer === layer))
            .filter((rows) => rows.length > 0)
            .map((rows) => h("tbody", null, rows.map(dataset))))));
}

function dataset(item) {
  const about = item.layer !== "bronze" && item.state !== "unknown"
    && h("tr", { class: "about-row" }, h("td", { colspan: COLUMNS.length }, details(item.dataset)));
  return [h("tr", { "data-dataset": item.dataset, "data-state": item.state },
    h("th", { scope: "row" }, item.dataset),
    h("td", null, h("span", { class: `badge state-${item.state}` }, item.state)),
    h("td", { class: "number" }, count(item.rows)),
    h("td", { title: item.lastChangeAt ?? null }, ago(item.lastChangeAt)),
    h("td", { class: "number" }, seconds(item.lagSeconds)),
    h("td", { class: "number" }, item.freshness
      ? [item.freshness.p50, item.freshness.p95, item.freshness.p99].map(seconds).join(" / ")
      : ""),
    h("td", { class: "why" },
      item.reason ?? "",
      item.nextAction && (item.commands ?? []).length === 0 && h("p", null, item.nextAction),
      (item.commands ?? []).length > 0 && h("p", { class: "commands" }, commands(item.commands)),
      captured(item.captured))), about];
}

/** What was captured of a table, and what of it did not arrive as it was. */
function captured(item) {
  if (!item) return null;
  const parts = [
    ["copied", item.copied], ["inserted", item.inserts], ["updated", item.updates], ["deleted", item.deletes],
  ].filter(([, n]) => n > 0).map(([name, n]) => `${count(n)} ${name}`);
  return [
    parts.length > 0 && h("p", { class: "side-note" }, parts.join(", ")),
    item.quarantinedRows > 0 && h("p", { class: "error-text", "data-quarantined": item.quarantinedRows },
      `${many(item.quarantinedRows, "row")} in quarantine: could not be written and kept aside.`),
    item.lossyValues > 0 && h("p", { class: "side-note" },
      `${many(item.lossyValues, "value")} that no column type holds (NaN, infinity, BC), NULL here.`),
  ];
}

function time(instant) {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? "an unknown time" : date.toLocaleTimeString();
}

function ago(instant) {
  if (!instant) return "never";
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return String(instant);
  return `${seconds((Date.now() - date.getTime()) / 1000)} ago`;
}
