// Frames of protocol distchat.v1: arrays of events in, commands packed into as few frames as the limits allow out.

export const PROTOCOL = "distchat.v1";
const FRAME_BYTES = 65_536;
const FRAME_COMMANDS = 256;
const encoder = new TextEncoder();

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isId = Number.isSafeInteger;
const isText = (value) => typeof value === "string";

/** What an event must have so that nothing behind this door needs to look again; unknown types have no entry. */
const SHAPES = {
  welcome: (event) => Array.isArray(event.conversations) && event.conversations.every(isEntry),
  message: isMessage,
  caught_up: (event) => isId(event.conversation) && isText(event.epoch) && isId(event.seq),
  ok: () => true,
  error: (event) => isText(event.code),
  pong: (event) => isObject(event.heads),
  page: (event) => Array.isArray(event.messages) && event.messages.every(isMessage),
  members: (event) => Array.isArray(event.members) && event.members.every(isMember),
  read: (event) => isId(event.conversation) && isId(event.user) && isId(event.seq),
  delivered: (event) => isId(event.conversation) && isId(event.user) && isId(event.seq),
  draft: (event) => isId(event.conversation) && isText(event.text),
  typing: (event) => isId(event.conversation) && isId(event.user),
  presence: (event) => isId(event.user),
  conversation: isMembership,
  assistant: (event) =>
    isId(event.conversation) && isText(event.turn) && isId(event.attempt) && isText(event.state) && isId(event.offset) && isText(event.text),
  device: (event) => isText(event.device),
  preferences: () => true,
  announcement: (event) => isText(event.id) && (event.text === undefined || (isText(event.text) && isText(event.until))),
  bye: (event) => isText(event.reason),
};

function isMembership(event) {
  if (!isId(event.conversation)) return false;
  if (event.state === "joined") return isEntry(event.entry);
  return event.state === "left" || (event.state === "changed" && isId(event.read_seq) && isId(event.unread));
}

function isMessage(event) {
  return isObject(event) && isId(event.conversation) && isId(event.seq) && isId(event.changed_seq) && isObject(event.sender);
}

function isMember(member) {
  return isObject(member) && isId(member.id) && isText(member.name);
}

function isEntry(entry) {
  return isObject(entry) && isId(entry.id) && isText(entry.epoch) && isId(entry.head) && (entry.members ?? []).every(isMember);
}

/**
 * The events of a frame that this client understands, in order. Never throws: what is no array of events is no events.
 * @param {unknown} text
 */
export function parseFrame(text) {
  try {
    const said = JSON.parse(text);
    return Array.isArray(said) ? said.filter(isEvent) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function isEvent(event) {
  return isObject(event) && Object.hasOwn(SHAPES, event.type) && SHAPES[event.type](event);
}

/**
 * Texts of frames that hold these commands in order, each within 64 KiB and 256 commands.
 * @param {object[]} commands
 * @returns {string[]}
 */
export function packFrames(commands) {
  const frames = [];
  let parts = [];
  let bytes = 2;
  for (const command of commands) {
    const part = JSON.stringify(command);
    const size = encoder.encode(part).length + 1;
    if (parts.length && (bytes + size > FRAME_BYTES || parts.length === FRAME_COMMANDS)) {
      frames.push(`[${parts.join(",")}]`);
      [parts, bytes] = [[], 2];
    }
    parts.push(part);
    bytes += size;
  }
  if (parts.length) frames.push(`[${parts.join(",")}]`);
  return frames;
}
