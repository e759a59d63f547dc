// One message as the client keeps it, made once from what the wire says.

/**
 * @param {object} event a `message` event @param {{id: number, username: string}} me
 * @returns {object} frozen: {key, seq, changedSeq, clientId, kind, sender, at, text, html, editedAt, deleted, replyTo, reactions, data, mentionsMe}
 */
export function messageOf(event, me) {
  const text = event.text ?? "";
  const clientId = event.client_id ?? "";
  return Object.freeze({
    key: event.sender.id === me.id && clientId ? clientId : `${event.sender.id}.${event.seq}`, // mine: that of its local echo
    seq: event.seq,
    changedSeq: event.changed_seq,
    clientId,
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
    mentionsMe: mentions(text, me.username),
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
