// One message as the client keeps it, made once from what the wire says.

/**
 * @param {object} event a `message` event @param {string} username my own, to notice mentions
 * @returns {object} frozen: {seq, changedSeq, clientId, kind, sender, at, text, html, editedAt, deleted, replyTo, reactions, data, mentionsMe}
 */
export function messageOf(event, username) {
  const text = event.text ?? "";
  return Object.freeze({
    seq: event.seq,
    changedSeq: event.changed_seq,
    clientId: event.client_id ?? `${event.sender.id}.${event.seq}`,
    kind: event.kind ?? "text",
    sender: { id: event.sender.id, name: event.sender.name ?? "" },
    at: timeOf(event.at),
    text,
    html: event.html ?? "",
    editedAt: event.edited_at ? timeOf(event.edited_at) : null,
    deleted: event.deleted === true,
    replyTo: event.reply_to ?? null,
    reactions: event.reactions ?? NONE,
    data: event.data ?? null,
    mentionsMe: mentions(text, username),
  });
}

const NONE = Object.freeze({});

function timeOf(said) {
  return Date.parse(said) || 0;
}

/** Whether `@username` stands in the text as a word of its own. */
export function mentions(text, username) {
  if (!username || !text.includes("@")) return false;
  const name = username.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(^|[^\\w@])@${name}(?![\\w])`, "iu").test(text);
}

/** Counts as unread for me, like the server counts. */
export function isNews(message, myId) {
  return message.kind === "text" && !message.deleted && message.sender.id !== myId;
}
