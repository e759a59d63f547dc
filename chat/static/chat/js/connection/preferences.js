// What a user prefers about a conversation, said over HTTP: the socket has no word for it.

const TIMEOUT_MS = 10_000;

/**
 * @param {{fetch: typeof fetch, csrf: string | (() => string), base?: string}} parts
 * @returns {{mute(id: number, on: boolean): Promise<object>, markUnread(id: number, seq: number): Promise<object>}}
 *   each resolves to {ok: true, read_seq, unread, muted} or {ok: false, code}; `assistant(id)` and `chooseAssistant(id, chosen)`
 *   to {ok: true, speaks, policy, instructions} or {ok: false, code}
 */
export function createPreferences({ fetch, csrf, base = "" }) {
  const token = typeof csrf === "function" ? csrf : () => csrf;
  const post = (path, body) =>
    ask(path, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token() }, body: JSON.stringify(body) });
  const ask = async (path, options = {}) => {
    try {
      const response = await fetch(`${base}${path}`, {
        credentials: "same-origin",
        redirect: "error",
        ...options,
        signal: AbortSignal.timeout?.(TIMEOUT_MS),
      });
      return response.ok ? { ok: true, ...(await response.json()) } : { ok: false, code: codeOf(response.status) };
    } catch {
      return { ok: false, code: "disconnected" }; // fetch rejects for whatever the network does, and for the redirect to the login page
    }
  };
  return {
    mute: (id, on) => post(`/conversations/${id}/mute`, { on }),
    assistant: (id) => ask(`/conversations/${id}/assistant`),
    chooseAssistant: (id, chosen) => post(`/conversations/${id}/assistant`, chosen),
    markUnread: (id, seq) => post(`/conversations/${id}/unread`, { seq }),
  };
}

function codeOf(status) {
  if (status === 404) return "not_found";
  if (status === 403 || status === 401) return "forbidden";
  if (status === 429) return "rate_limited";
  return status >= 500 ? "unavailable" : "bad_command";
}
