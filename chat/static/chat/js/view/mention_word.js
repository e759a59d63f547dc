// The "@na" before the caret, and what becomes of it when a name is chosen. No DOM.

const WORD = /(?:^|[^\w@])@([\w.+-]{0,40})$/u;

/** The letters after the "@" that the caret stands behind, or null. */
export function wordAt(text, caret) {
  return WORD.exec(text.slice(0, caret))?.[1] ?? null;
}

export function completed(text, caret, username) {
  const start = caret - wordAt(text, caret).length;
  const before = `${text.slice(0, start)}${username} `;
  return { text: before + text.slice(caret), caret: before.length };
}

/** At most `most` members whose username or name begins with `word`. */
export function proposed(members, word, me, most = 6) {
  const wanted = word.toLocaleLowerCase();
  const begins = (text) => text.toLocaleLowerCase().startsWith(wanted);
  return members.filter((member) => member.id !== me && (begins(member.username) || begins(member.name))).slice(0, most);
}
