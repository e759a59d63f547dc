// Answers that are being given as rows at the end of a conversation; a row that did not change stays the same object.

const rows = new WeakMap(); // turn → row

/** @param {object[]} turns see answers.js @param {import("./conversation.js").Conversation} conversation */
export function answerRows(turns, conversation) {
  if (turns.length === 0) return [];
  const { id = 0, name = "" } = [...conversation.members.values()].find((member) => member.program) ?? {};
  return turns.map((turn) => {
    if (!rows.has(turn)) rows.set(turn, rowOf(turn, { id, name }));
    return rows.get(turn);
  });
}

function rowOf({ turn, state, step, reason, attempt, text, at }, sender) {
  return {
    key: `answer.${turn}`,
    seq: null,
    changedSeq: null,
    clientId: turn,
    mine: false,
    sender,
    kind: "answer",
    text,
    html: "",
    at,
    editedAt: null,
    deleted: false,
    replyTo: null,
    reactions: [],
    status: null,
    error: null,
    data: { state, step, reason, attempt },
    startsDay: false,
    startsGroup: true,
  };
}
