// One line of the conversation list, and what its head shows.

/** @param {import("./conversation.js").Conversation} conversation */
export function summaryOf(conversation, world) {
  const { id, kind, following, head } = conversation;
  const members = [...conversation.members.values()].map((member) => memberOf(member, conversation, world));
  const others = members.filter((member) => member.id !== world.me.id);
  const draft = world.drafts.of(id);
  const lastMessage = lastOf(conversation, world);
  return {
    id,
    kind,
    title: conversation.title || others[0]?.name || `#${id}`,
    members,
    memberCount: conversation.memberCount,
    unread: conversation.unread,
    mentions: conversation.mentions,
    draft: draft.text,
    draftVersion: draft.version,
    muted: conversation.muted,
    lastMessage,
    activeAt: Math.max(lastMessage?.at ?? 0, conversation.joinedAt),
    readSeq: conversation.readSeq,
    epoch: following.epoch,
    head,
    cursor: following.cursor,
    synced: world.isOnline() && following.phase === "live" && following.cursor >= head,
    typing: world.typing.of(id).map((user) => world.people.nameOf(user)),
    online: others.some((member) => member.online),
    onlineCount: others.filter((member) => member.online).length,
    owner: conversation.isOwner,
  };
}

/** A member as the view shows it. Without a connection nothing is known of who is online. */
export function memberOf({ id, username, name, role, program = false, builtIn = false }, conversation, world) {
  const { receipts } = conversation;
  const online = world.isOnline() && (id === world.me.id || program || world.presence.isOnline(id));
  const shownName = name || world.people.nameOf(id) || username;
  const shownUsername = username || world.people.usernameOf(id);
  return { id, username: shownUsername, name: shownName, role, program, builtIn, online, readSeq: receipts.readBy(id), deliveredSeq: receipts.deliveredTo(id) };
}

function lastOf(conversation, { me, echoes }) {
  const echo = echoes.of(conversation.id).at(-1);
  if (echo) {
    const { seq = null, text, at } = echo;
    return { seq, text, senderName: me.name, mine: true, kind: "text", data: null, deleted: false, at };
  }
  const message = conversation.timeline.latest;
  if (!message) return null;
  const { seq, text, sender, kind, data, deleted, at } = message;
  return { seq, text, senderName: sender.name, mine: sender.id === me.id, kind, data, deleted, at };
}
