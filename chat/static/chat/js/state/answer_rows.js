// Answers that are being given as rows at the end of a conversation; a row that did not change stays the same object.

const ASKED_IN_VAIN = new Set(["busy", "interrupted"]); // ends after which the same question may be answered yet
const rows = new WeakMap(); // turn → row

/** @param {object[]} turns see answers.js @param {import("./conversation.js").Conversation} conversation */
export function answerRows(turns, conversation) {
  if (turns.length === 0) return [];
  const { id = 0, name = "", builtIn = false } = [...conversation.members.values()].find((member) => member.program) ?? {};
  return turns.map((turn) => {
    if (!rows.has(turn)) rows.set(turn, rowOf(turn, { id, name }, { builtIn, isMine: conversation.mayAskAgain(turn.asker) }));
    return rows.get(turn);
  });
}

function rowOf({ turn, trigger, state, step, reason, attempt, text, at }, sender, { builtIn, isMine }) {
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
    data: { state, step, reason, attempt, trigger, builtIn },
    askAgain: isMine && trigger !== null && (state === "failed" || ASKED_IN_VAIN.has(reason)),
    startsDay: false,
    startsGroup: true,
  };
}
