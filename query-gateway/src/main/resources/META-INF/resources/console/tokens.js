// Personal access tokens: made, shown once, listed, ended.
import { postJson, request } from "./api.js";
import { all } from "./catalog.js";
import { $, h, replace } from "./dom.js";
import { begin, problemBox } from "./session.js";
import { user } from "./auth.js";

const page = $("tokens");
let tokens = [];

begin({
  page,
  purpose: "Make tokens for tools that know only a user name and a password.",
  start: () => load(null, null),
  stop: () => {
    tokens = [];
    replace(page);
  },
});

async function load(made, failure) {
  try {
    tokens = await all("/api/v1/tokens");
  } catch (problem) {
    failure ??= problem;
  }
  if (user()) draw(made, failure);
}

function draw(made, failure) {
  const name = h("input", { type: "text", id: "name", required: true, maxlength: 100, autocomplete: "off", placeholder: "Tableau on my laptop" });
  const days = h("select", { id: "days" },
    [7, 30, 90, 180, 365].map((count) => h("option", { value: count, selected: count === 90 }, `${count} days`)));
  const operations = h("input", { type: "checkbox", id: "operations" });
  const form = h("form", {
    class: "token-form",
    onsubmit: (event) => {
      event.preventDefault();
      form.querySelector("button").disabled = true;
      create(name.value, Number(days.value), operations.checked);
    },
  },
  h("label", { for: "name" }, "Name"), name,
  h("label", { for: "days" }, "Good for"), days,
  h("label", null, operations, " also for the state of the platform (operators)"),
  h("button", { type: "submit", class: "primary" }, "Make a token"));
  replace(page,
    failure && problemBox(failure),
    made && secret(made),
    h("section", { "aria-labelledby": "new-title" },
      h("h2", { id: "new-title" }, "New token"),
      h("p", { class: "side-note" }, `A tool uses it as the password of ${user()}, over TLS. It reads what you may read, `
        + "and follows when that changes."),
      form),
    h("section", { "aria-labelledby": "list-title" },
      h("h2", { id: "list-title" }, "Your tokens"),
      tokens.length === 0 ? h("p", { class: "side-note" }, "There is none.") : table()));
}

function secret(made) {
  const text = h("code", { id: "secret" }, made.token);
  const copied = h("span", { role: "status" });
  return h("div", { class: "notice", role: "alert" },
    h("p", null, h("strong", null, `Copy the token '${made.name}' now: it is not shown again.`)),
    h("p", null, text),
    h("p", { class: "buttons" },
      h("button", {
        type: "button",
        onclick: async () => {
          await navigator.clipboard.writeText(made.token);
          replace(copied, "Copied.");
        },
      }, "Copy"), copied));
}

function table() {
  return h("table", null,
    h("thead", null, h("tr", null, ["Name", "State", "For", "Made", "Good until", "Last used", ""].map((title) =>
      h("th", { scope: "col" }, title)))),
    h("tbody", null, tokens.map((token) => h("tr", { "data-state": token.state },
      h("td", null, token.name),
      h("td", null, token.state),
      h("td", null, token.scopes.join(", ")),
      h("td", null, day(token.createdAt)),
      h("td", null, day(token.expiresAt)),
      h("td", null, token.lastUsedAt ? `${day(token.lastUsedAt)} from ${token.lastUsedFrom}` : "never"),
      h("td", null, token.state === "active" && h("button", {
        type: "button",
        class: "quiet",
        "aria-label": `End ${token.name}`,
        onclick: (event) => {
          event.target.disabled = true;
          revoke(token);
        },
      }, "End"))))));
}

async function create(name, expiresInDays, operations) {
  try {
    const scopes = operations ? ["query", "operations"] : ["query"];
    await load(await postJson("/api/v1/tokens", { name, expiresInDays, scopes }), null);
  } catch (failure) {
    await load(null, failure);
  }
}

async function revoke(token) {
  try {
    await request(`/api/v1/tokens/${encodeURIComponent(token.id)}`, { method: "DELETE" });
    await load(null, null);
  } catch (failure) {
    await load(null, failure);
  }
}

function day(time) {
  return new Date(time).toLocaleDateString();
}
