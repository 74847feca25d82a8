// What both pages share: who is logged in, and what to show to those who are not.
import * as auth from "./auth.js";
import { $, h, replace } from "./dom.js";

/**
 * Finishes a log-in that is under way, then shows either the page or the invitation to log in.
 * Calls `start` when somebody is logged in and `stop` when that ends.
 */
export async function begin({ page, purpose, start, stop }) {
  const show = (problem) => {
    const name = auth.user();
    replace($("user"), name && [
      h("span", { class: "user-name", title: "Logged in as" }, name),
      h("button", { type: "button", class: "quiet", id: "logout", onclick: () => { stop(); leave(); } }, "Log out"),
    ]);
    page.hidden = !name;
    $("welcome").hidden = Boolean(name);
    if (!name) invite(purpose, problem);
    return Boolean(name);
  };
  auth.onSignedOut(() => {
    stop();
    show(new auth.AuthError("Your log-in has ended.", "Log in again to go on."));
  });
  let problem = null;
  try {
    const next = await auth.completeLogin();
    if (next !== null && next !== location.pathname) {
      location.replace(next);
      return;
    }
  } catch (failure) {
    problem = failure;
  }
  if (show(problem)) start();
}

function invite(purpose, problem) {
  const failed = h("p", { class: "notice error", role: "alert", hidden: !problem });
  const explain = (failure) => {
    failed.hidden = false;
    replace(failed, h("strong", null, failure.message), failure.remedy && ` ${failure.remedy}`);
  };
  if (problem) explain(problem);
  const button = h("button", {
    type: "button",
    class: "primary",
    id: "login",
    onclick: async () => {
      button.disabled = true;
      try {
        await auth.login(location.pathname);
      } catch (failure) {
        button.disabled = false;
        explain(failure);
      }
    },
  }, "Log in");
  replace($("welcome"), h("div", { class: "card" },
    h("h1", null, "Lakegate"),
    h("p", null, purpose),
    failed,
    button));
  button.focus();
}

/** Logs out, at the issuer too. */
export async function leave() {
  try {
    await auth.logout();
  } catch {
    location.assign("/");
  }
}

/** Logs in as somebody else, with a new log-in page even when the issuer has a session. */
export function switchUser() {
  return auth.login(location.pathname, "login");
}

/** An error as people read it: code, message, remedy. */
export function problemBox(failure) {
  return h("div", { class: "notice error", role: "alert", "data-code": failure.code, "data-reason": failure.details?.reason },
    h("div", { class: "notice-head" },
      failure.code && h("span", { class: "code" }, failure.code),
      failure.details?.reason && h("span", { class: "code" }, failure.details.reason),
      failure.details?.line && h("span", { class: "where" },
        `line ${failure.details.line}, column ${failure.details.column ?? 1}`)),
    h("p", { class: "message" }, failure.message),
    failure.remedy && h("p", { class: "remedy" }, failure.remedy),
    failure.requestId && h("p", { class: "request-id" }, `Request ${failure.requestId}`));
}
