// What can be done with a message, as a list that the menu shows.
import { store } from "./page.js";
import { close, leftUnread, show, subject } from "./screen.js";
import { act } from "./acting.js";
import { addressOf } from "./address.js";
import { copyText } from "./copying.js";

export const answer = (conversation, row) => write({ what: "reply", conversation, row });
export const startEdit = (conversation, row) => write({ what: "edit", conversation, row });

/** Focused at once and not after the next frame: who types on is not to lose a letter. */
function write(about) {
  close();
  subject.value = about;
  document.getElementById("composer")?.focus();
}

/** [{key, icon, run, danger}] for a stored message; `key` names its text. `owner`: of the group; `program`: the assistant's id. */
export function actionsFor(row, conversation, { owner, program }) {
  const actions = [
    { key: "reply", icon: "reply", run: () => answer(conversation, row) },
    row.mine && { key: "edit", icon: "edit", run: () => startEdit(conversation, row) },
    row.sender.id === program && row.replyTo && { key: "regenerate", icon: "again", run: closing(() => act(() => store.regenerate(conversation, row.seq))) },
    { key: "copy_text", icon: "copy", run: closing(() => copyText(row.text)) },
    { key: "copy_link", icon: "link", run: closing(() => copyText(location.origin + addressOf(conversation, row.seq))) },
    { key: "who_has", icon: "eye", run: () => show("who_has", { conversation, row }) },
    !row.mine && { key: "mark_unread", icon: "unread", run: closing(() => leaveUnread(conversation, row.seq)) },
    (row.mine || owner) && { key: "delete", icon: "bin", danger: true, run: () => show("delete_message", { conversation, row }) },
  ];
  return actions.filter(Boolean);
}

const closing = (run) => () => {
  close();
  return run();
};

function leaveUnread(conversation, seq) {
  leftUnread.value = conversation;
  return act(() => store.markUnread(conversation, seq));
}
