// The gateway's REST interface.
import { accessToken, expire } from "./auth.js";

/** An error in the gateway's envelope. */
export class ApiError extends Error {
  constructor(status, envelope) {
    super(envelope?.message ?? `The gateway answered ${status}.`);
    this.status = status;
    this.code = envelope?.code ?? `HTTP_${status}`;
    this.remedy = envelope?.remedy ?? null;
    this.requestId = envelope?.requestId ?? null;
    this.details = envelope?.details ?? {};
  }
}

/** Sends a request with the user's token; the answer is a Response with a good status. */
export async function request(path, options = {}) {
  let response = await attempt(path, options, await accessToken(false));
  if (response.status === 401) {
    // The gateway may refuse a token that looks good from here: clocks differ, keys change.
    response = await attempt(path, options, await accessToken(true));
  }
  if (response.ok) return response;
  const envelope = parse(await response.text())?.error ?? null;
  if (response.status === 401) {
    expire();
    throw new ApiError(401, envelope ?? { code: "NOT_LOGGED_IN", message: "The log-in has ended.", remedy: "Log in again." });
  }
  throw new ApiError(response.status, envelope);
}

export async function getJson(path, options) {
  const response = await request(path, options);
  return response.status === 204 ? null : parse(await response.text());
}

export function postJson(path, body, options = {}) {
  return getJson(path, {
    ...options,
    method: "POST",
    headers: { "Content-Type": "application/json", ...options.headers },
    body: JSON.stringify(body),
  });
}

async function attempt(path, options, token) {
  if (!token) {
    expire();
    throw new ApiError(401, { code: "NOT_LOGGED_IN", message: "You are not logged in.", remedy: "Log in." });
  }
  const headers = { Accept: "application/json", ...options.headers, Authorization: `Bearer ${token}` };
  try {
    return await fetch(path, { cache: "no-store", credentials: "omit", ...options, headers });
  } catch (problem) {
    if (problem.name === "AbortError") throw problem;
    throw new ApiError(0, {
      code: "GATEWAY_UNREACHABLE",
      message: "The gateway does not answer.",
      remedy: "Look whether it runs: ./lakegate status",
    });
  }
}

/** JSON in which integers beyond 2^53 keep all their digits, as text. */
export function parse(text) {
  try {
    return JSON.parse(text, (_, value, context) =>
      typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
        ? context.source
        : value);
  } catch {
    return null;
  }
}
