// Doing something that may be refused: the refusal is said in words, never swallowed.
import { hasText, t } from "../words/index.js";

/** Waits for an action of the store; whether it was done. The store itself has told of a refusal. */
export async function act(action) {
  const result = await action();
  return result?.ok !== false;
}

/** A refusal's code, from the server or from here, in the user's language. */
export function reasonOf(code) {
  return t(code && hasText(`notice.${code}`) ? `notice.${code}` : "notice.internal");
}
