// The open conversation: head, history, who is typing, and the composer.
import { useEffect, useMemo, useRef } from "preact/hooks";
import { html } from "./html.js";
import { Composer } from "./composer.js";
import { ConversationHead } from "./conversation_head.js";
import { MessageList } from "./message_list.js";
import { NothingOpen } from "./nothing_open.js";
import { TypingLine } from "./typing_line.js";
import { store } from "./page.js";
import { attentive, sent, target } from "./screen.js";

export function ConversationPane() {
  const id = store.current.value;
  const conversation = store.conversations.value.find((each) => each.id === id);
  if (!conversation) return html`<${NothingOpen} wanted=${id} />`;
  return html`<${Open} key=${id} conversation=${conversation} />`;
}

function Open({ conversation }) {
  const { id } = conversation;
  const feed = store.messages(id).value;
  const usernames = conversation.members.map((member) => member.username).join("\n");
  const names = useMemo(() => new Set(usernames.split("\n")), [usernames]);
  const shown = useMemo(() => ({ ...feed, unreadKey: unreadKeyOf(feed) }), [feed]);
  const wanted = target.value?.conversation === id ? target.value : null;
  useFetched(id, wanted, feed);
  return html`
    <main class="pane" id="main">
      <${ConversationHead} conversation=${conversation} />
      <div class="history">
        <${MessageList} conversation=${named(conversation, names)} feed=${shown} target=${wanted} attentive=${attentive.value} sent=${sent.value} />
      </div>
      <${TypingLine} names=${conversation.typing} />
      <${Composer} conversation=${conversation} />
    </main>
  `;
}

/** Fetches the part around the message that the address names, once there is a connection and unless it is here. */
function useFetched(id, wanted, feed) {
  const done = useRef(0);
  const isOnline = store.connection.value.state === "online";
  useEffect(() => {
    if (!wanted || done.current === wanted.visit) return;
    const isHere = feed.items.some((row) => row.seq === wanted.seq);
    if (!isHere && !isOnline) return;
    done.current = wanted.visit;
    if (!isHere) store.showAround(id, wanted.seq).then(({ ok }) => ok || forget(wanted));
  }, [id, wanted, isOnline]);
}

/** There is no such message; the store has said so. The end of the conversation is shown instead. */
function forget(wanted) {
  if (target.value === wanted) target.value = null;
}

const named = (conversation, names) => ({ ...conversation, names });

/** The row above which the unread divider stands. */
function unreadKeyOf({ items, unreadFrom }) {
  if (unreadFrom === null) return null;
  return items.find((row) => row.seq !== null && row.seq >= unreadFrom && !row.mine)?.key ?? null;
}
