// What the page asks of the server: forms by POST, with the CSRF token.
import { hasText, t } from "./words.js";

const ANSWER_MS = 20_000;

/** @returns {Promise<string>} "" when it was done, else why not, in words */
export async function ask(url, fields, csrf, fetcher = fetch) {
  try {
    const answer = await fetcher(url, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { "X-CSRFToken": csrf },
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return answer.ok ? "" : await reasonIn(answer);
  } catch {
    return t("error_unreachable");
  }
}

async function reasonIn(answer) {
  const said = await answer.json().catch(() => ({}));
  const key = `error_${said.error}`;
  return hasText(key) ? t(key, { seconds: Math.ceil((said.retry_after_ms ?? 0) / 1000) }) : t("error_failed");
}
