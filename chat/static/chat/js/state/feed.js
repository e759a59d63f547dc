// The messages of one conversation as the list of rows that is shown.

import { answerRows } from "./answer_rows.js";

export const EMPTY_FEED = Object.freeze({
  items: Object.freeze([]),
  hasOlder: false,
  loadingOlder: false,
  hasNewer: false,
  loadingNewer: false,
  anchorSeq: null,
  unreadFrom: null,
  ready: false,
  mode: "live",
});

/** @param {import("./conversation.js").Conversation} conversation @param {import("./rows.js").Rows} rows */
export function feedOf(conversation, rows, world) {
  const { id, timeline, receipts, following } = conversation;
  const isLive = timeline.around === null;
  const context = {
    me: world.me,
    find: (seq) => timeline.get(seq),
    nameOf: (user) => world.people.nameOf(user),
    statusOf: receipts.statusFor(world.me.id),
    overlayOf: (seq) => world.overlays.of(id, seq),
    mayAskAgain: (question) => conversation.mayAskAgain(question?.sender.id),
  };
  const items = rows.build(timeline.shown, isLive ? world.echoes.of(id) : [], context);
  if (isLive) items.push(...answerRows(world.answers.of(id), conversation));
  return {
    items,
    hasOlder: isLive ? timeline.hasOlder : timeline.around.hasOlder,
    loadingOlder: world.pages.isLoading(id, "older"),
    hasNewer: !isLive,
    loadingNewer: world.pages.isLoading(id, "newer"),
    anchorSeq: conversation.anchorSeq,
    unreadFrom: conversation.divider,
    ready: following.cursor !== null,
    mode: isLive ? "live" : "around",
  };
}
