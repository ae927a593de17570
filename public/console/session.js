import { createNaru, NaruError } from "/vendor/client/naru.js";

/** @import {Naru, RealtimeState, SessionTokens, WhoAmI} from "/vendor/client/naru.js" */

const KEPT_KEY = "naru.console.key";
const CSRF_COOKIE = "__Host-csrf";

/** @typedef {ReturnType<typeof createSession>} Session */

/**
 * Who is using the console. An access token lives in this module's memory alone, its refresh token in a cookie that no
 * script can read; a key lives in memory too, and in the tab's storage only where its owner asks for that.
 * @param {string} locale
 */
export function createSession(locale) {
  /** @type {"none" | "key" | "person"} */
  let kind = "none";
  let token = "";
  let csrf = "";
  /** @type {WhoAmI | null} */
  let whoAmI = null;
  /** @type {Promise<string> | null} */
  let renewing = null;
  /** @type {Set<() => void>} */
  const listeners = new Set();
  /** @type {Set<(state: RealtimeState, error: NaruError | null) => void>} */
  const socketListeners = new Set();

  const base = { url: location.origin, locale, retries: 1, retryBudgetMs: 3_000 };
  const realtime = {
    onState: (/** @type {RealtimeState} */ state, /** @type {NaruError | null} */ error) => {
      for (const listener of socketListeners) listener(state, error);
    },
  };
  const anonymous = createNaru(base);
  let naru = anonymous;

  const tell = () => {
    for (const listener of listeners) listener();
  };

  /** @param {SessionTokens} tokens */
  const keep = (tokens) => {
    token = tokens.access_token;
    csrf = tokens.csrf_token ?? "";
    return token;
  };

  /** The next access token, asked for once however many calls need it. */
  const renew = () => {
    // Another tab may have renewed, or signed in anew, meanwhile: the cookie knows.
    const headers = { "X-CSRF-Token": readCookie(CSRF_COOKIE) ?? csrf };
    renewing ??= anonymous
      .call("auth.refresh", { body: {}, headers })
      .then(keep)
      .catch((/** @type {unknown} */ error) => {
        // Away is not signed out.
        if (error instanceof NaruError && error.status !== null && error.status < 500) forget();
        throw error;
      })
      .finally(() => {
        renewing = null;
      });
    return renewing;
  };

  const forget = () => {
    naru.realtime.disconnect();
    kind = "none";
    token = "";
    csrf = "";
    whoAmI = null;
    naru = anonymous;
    sessionStorage.removeItem(KEPT_KEY);
    tell();
  };

  /**
   * Takes a client into use once the server knows its credential.
   * @param {Naru} next
   * @param {"key" | "person"} nextKind
   */
  const adopt = async (next, nextKind) => {
    const found = await next.call("auth.test");
    naru.realtime.disconnect();
    naru = next;
    kind = nextKind;
    whoAmI = found;
    tell();
  };

  const adoptPerson = () =>
    adopt(
      createNaru({
        ...base,
        realtime,
        credential: { token: (why) => (why === "renew" ? renew() : token) },
      }),
      "person",
    );

  /**
   * @param {string} apiKey
   * @param {boolean} isKept
   */
  const useKey = async (apiKey, isKept) => {
    await adopt(createNaru({ ...base, realtime, credential: { apiKey } }), "key");
    if (isKept) sessionStorage.setItem(KEPT_KEY, apiKey);
    else sessionStorage.removeItem(KEPT_KEY);
  };

  return {
    /** The client, with whatever credential there is. */
    get naru() {
      return naru;
    },
    get kind() {
      return kind;
    },
    get whoAmI() {
      return whoAmI;
    },
    /** The header that a shell needs, quoted for it. */
    get curlHeader() {
      return kind === "person" ? '"Authorization: Bearer $TOKEN"' : '"X-API-Key: $KEY"';
    },
    /** @param {() => void} listener */
    onChange: (listener) => void listeners.add(listener),
    /** @param {(state: RealtimeState, error: NaruError | null) => void} listener */
    onSocket: (listener) => void socketListeners.add(listener),
    useKey,
    /**
     * @param {string} email
     * @param {string} password
     */
    signIn: async (email, password) => {
      keep(
        await anonymous.call("auth.login", { query: { cookie: "1" }, body: { email, password } }),
      );
      await adoptPerson();
      sessionStorage.removeItem(KEPT_KEY);
    },
    /** @param {{ email: string, password: string, name: string }} body */
    register: (body) => anonymous.call("auth.register", { body }),
    /** Goes on as whoever this tab or this browser was before; nobody where there is none. */
    restore: async () => {
      const kept = sessionStorage.getItem(KEPT_KEY);
      if (kept !== null) return useKey(kept, true);
      if (readCookie(CSRF_COOKIE) === null) return undefined;
      await renew();
      return adoptPerson();
    },
    /** Reads anew who this is and what is left of the limits. */
    lookAgain: async () => {
      whoAmI = await naru.call("auth.test");
      tell();
    },
    signOut: async () => {
      try {
        if (kind === "person") await naru.call("auth.logout");
      } finally {
        forget();
      }
    },
  };
}

/**
 * @param {string} name
 * @returns {string | null}
 */
function readCookie(name) {
  const pair = document.cookie.split("; ").find((one) => one.startsWith(`${name}=`));
  return pair === undefined ? null : pair.slice(name.length + 1);
}
