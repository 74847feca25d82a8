// Log-in with OpenID Connect: authorization code with PKCE (S256). Tokens live in sessionStorage,
// so they end with the tab and no other tab sees them.

const PENDING = "lakegate.login";
const TOKENS = "lakegate.tokens";
/** A log-in page left open for longer than this starts anew. */
const PENDING_MILLIS = 15 * 60_000;
/** A token is renewed this long before it expires, so that it does not expire on the way. */
const RENEW_BEFORE_MILLIS = 30_000;

let configuration = null;
let renewal = null;
const listeners = new Set();

/** What went wrong while logging in; `remedy` says what to do. */
export class AuthError extends Error {
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy ?? null;
  }
}

/** Calls back when the log-in ends without the user asking for it. */
export function onSignedOut(listener) {
  listeners.add(listener);
}

export async function config() {
  if (configuration) return configuration;
  let response;
  try {
    response = await fetch("/console-config.json", { cache: "no-store" });
  } catch {
    throw new AuthError("The gateway does not answer.", "Look whether it runs: ./lakegate status");
  }
  const body = await response.json().catch(() => null);
  if (!response.ok) {
    throw new AuthError(
      body?.error?.message ?? `The gateway answered ${response.status}.`,
      body?.error?.remedy ?? "Reload this page in a moment.");
  }
  configuration = body;
  return configuration;
}

/** The user who is logged in, or null. */
export function user() {
  const tokens = stored(TOKENS);
  return tokens ? tokens.name : null;
}

/** Leaves for the issuer's log-in page; comes back to `returnTo`. */
export async function login(returnTo, prompt) {
  const settings = await config();
  if (!globalThis.crypto?.subtle) {
    throw new AuthError(
      "This browser allows log-in only over HTTPS or on localhost.",
      "Open the console by its https address.");
  }
  const verifier = random();
  const pending = { state: random(), nonce: random(), verifier, returnTo, at: Date.now() };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const challenge = base64url(
    new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
  const address = new URL(settings.authorizationEndpoint);
  const parameters = {
    response_type: "code",
    client_id: settings.clientId,
    redirect_uri: redirectUri(),
    scope: settings.scope,
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: challenge,
    code_challenge_method: "S256",
  };
  if (prompt) parameters.prompt = prompt;
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  location.assign(address);
}

/**
 * Finishes a log-in when the issuer has just sent the browser back. Returns the path to go on
 * with, or null when this page was opened in another way.
 */
export async function completeLogin() {
  const answer = new URLSearchParams(location.search);
  if (!answer.has("state") || !(answer.has("code") || answer.has("error"))) return null;
  // The code is good for one use: it must not stay in the address, where a reload repeats it.
  history.replaceState(null, "", location.pathname);
  const pending = stored(PENDING);
  sessionStorage.removeItem(PENDING);
  if (!pending || pending.state !== answer.get("state")) {
    throw new AuthError("This answer belongs to no log-in that this tab began.", "Log in again.");
  }
  if (Date.now() - pending.at > PENDING_MILLIS) {
    throw new AuthError("The log-in took too long.", "Log in again.");
  }
  const settings = await config();
  if (answer.has("iss") && answer.get("iss") !== settings.issuer) {
    throw new AuthError("The answer came from another issuer.", "Log in again.");
  }
  if (answer.has("error")) {
    throw new AuthError(
      `The identity provider refused: ${answer.get("error_description") ?? answer.get("error")}.`,
      "Log in again, or ask who runs the identity provider.");
  }
  const tokens = await requestTokens({
    grant_type: "authorization_code",
    code: answer.get("code"),
    redirect_uri: redirectUri(),
    code_verifier: pending.verifier,
  });
  store(tokens, pending.nonce, settings);
  return safePath(pending.returnTo);
}

/** An access token good for the next half minute, or null when nobody is logged in. */
export async function accessToken(forceRenewal) {
  const tokens = stored(TOKENS);
  if (!tokens) return null;
  if (!forceRenewal && Date.now() < tokens.expiresAt - RENEW_BEFORE_MILLIS) return tokens.access;
  renewal ??= renew(tokens).finally(() => (renewal = null));
  return renewal;
}

/** Forgets the tokens and ends the session at the issuer. */
export async function logout() {
  const tokens = stored(TOKENS);
  forget();
  const settings = await config();
  if (!settings.endSessionEndpoint) {
    location.assign("/");
    return;
  }
  const address = new URL(settings.endSessionEndpoint);
  address.searchParams.set("client_id", settings.clientId);
  address.searchParams.set("post_logout_redirect_uri", redirectUri());
  if (tokens?.id) address.searchParams.set("id_token_hint", tokens.id);
  location.assign(address);
}

/** Ends the log-in of this tab because the gateway no longer takes its token. */
export function expire() {
  if (!stored(TOKENS)) return;
  forget();
  for (const listener of listeners) listener();
}

async function renew(tokens) {
  if (!tokens.refresh) {
    if (Date.now() < tokens.expiresAt) return tokens.access;
    expire();
    return null;
  }
  try {
    const fresh = await requestTokens({ grant_type: "refresh_token", refresh_token: tokens.refresh });
    // Someone may have logged out while the answer was on its way.
    if (!stored(TOKENS)) return null;
    fresh.refresh_token ??= tokens.refresh;
    store(fresh, null, await config(), tokens);
    return fresh.access_token;
  } catch (problem) {
    // An issuer that is away does not end a session whose token is still good.
    if (problem.unreachable && Date.now() < tokens.expiresAt) return tokens.access;
    if (problem.unreachable) throw problem;
    expire();
    return null;
  }
}

async function requestTokens(parameters) {
  const settings = await config();
  let response;
  try {
    response = await fetch(settings.tokenEndpoint, {
      method: "POST",
      body: new URLSearchParams({ client_id: settings.clientId, ...parameters }),
      credentials: "omit",
      cache: "no-store",
    });
  } catch {
    const problem = new AuthError(
      "The identity provider does not answer.", "Try again in a moment.");
    problem.unreachable = true;
    throw problem;
  }
  const body = await response.json().catch(() => null);
  if (response.status >= 500) {
    const problem = new AuthError(
      `The identity provider answered ${response.status}.`, "Try again in a moment.");
    problem.unreachable = true;
    throw problem;
  }
  if (!response.ok || !body?.access_token) {
    throw new AuthError(
      `The identity provider gave no token: ${body?.error_description ?? body?.error ?? response.status}.`,
      "Log in again.");
  }
  return body;
}

function store(tokens, nonce, settings, previous) {
  let name = previous?.name ?? null;
  let id = previous?.id ?? null;
  if (tokens.id_token) {
    // It came from the token endpoint itself, so its signature proves nothing more
    // (OpenID Connect Core 3.1.3.7); issuer, audience, nonce and expiry do.
    const claims = payload(tokens.id_token);
    const audience = [claims.aud].flat();
    if (claims.iss !== settings.issuer) throw new AuthError("The token names another issuer.", "Log in again.");
    if (!audience.includes(settings.clientId)) throw new AuthError("The token is for another application.", "Log in again.");
    if (nonce !== null && claims.nonce !== nonce) throw new AuthError("The token belongs to another log-in.", "Log in again.");
    if (!(claims.exp * 1000 > Date.now() - 60_000)) throw new AuthError("The token has expired.", "Look at this computer's clock, then log in again.");
    name = claims.preferred_username ?? claims.email ?? claims.sub;
    id = tokens.id_token;
  } else if (nonce !== null) {
    throw new AuthError("The identity provider sent no ID token.", "Let it grant the scope openid.");
  }
  const lifetime = Number(tokens.expires_in) > 0 ? Number(tokens.expires_in) : 300;
  sessionStorage.setItem(TOKENS, JSON.stringify({
    access: tokens.access_token,
    refresh: tokens.refresh_token ?? null,
    id,
    name,
    expiresAt: Date.now() + lifetime * 1000,
  }));
}

function forget() {
  sessionStorage.removeItem(TOKENS);
  sessionStorage.removeItem(PENDING);
}

function stored(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function redirectUri() {
  return `${location.origin}/`;
}

/** Only paths of this site: a log-in must not end at someone else's. */
function safePath(path) {
  return typeof path === "string" && /^\/(?![/\\])/.test(path) ? path : "/";
}

function payload(token) {
  try {
    const part = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const raw = Uint8Array.from(atob(part), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(raw));
  } catch {
    throw new AuthError("The identity provider sent an ID token that cannot be read.", "Log in again.");
  }
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(raw) {
  return btoa(String.fromCharCode(...raw)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
