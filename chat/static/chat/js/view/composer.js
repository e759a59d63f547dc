// Where one writes: Enter sends, Shift+Enter breaks the line; it works without a connection, too.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { html } from "./html.js";
import { ComposerSubject } from "./composer_subject.js";
import { Icon } from "./icon.js";
import { MentionList } from "./mention_list.js";
import { act } from "./acting.js";
import { isSend } from "./composer_keys.js";
import { completed, wordAt } from "./mention_word.js";
import { startEdit } from "./message_actions.js";
import { page, store } from "./page.js";
import { narrow, sent, subject } from "./screen.js";
import { titleOf } from "./conversation_title.js";
import { t } from "../words/index.js";

const LONGEST = 8000;
const NEARLY = 7500;

export function Composer({ conversation }) {
  const { id, draft, draftVersion } = conversation;
  const field = useRef(null);
  const [length, setLength] = useState([...draft].length);
  const [word, setWord] = useState(null);
  const about = subject.value?.conversation === id ? subject.value : null;

  const put = (text) => {
    field.current.value = text;
    fit(field.current);
    setLength([...text].length);
    setWord(null);
  };

  useLayoutEffect(() => {
    if (about?.what !== "edit") put(draft);
  }, [id, draftVersion]);
  useLayoutEffect(() => {
    if (about?.what === "edit") put(about.row.text);
  }, [about]);
  useEffect(() => {
    if (about) field.current.focus();
  }, [about]);
  useEffect(() => {
    if (matchMedia("(hover: hover)").matches && !location.pathname.match(/\/c\/\d+\/\d+\//)) field.current.focus({ preventScroll: true });
    return () => store.typing(id, false);
  }, [id]);

  const finish = () => {
    if (about?.what === "edit") put(draft);
    subject.value = null;
  };

  const send = async () => {
    const text = field.current.value;
    if (text.trim() === "" || [...text].length > LONGEST) return;
    if (about?.what === "edit") {
      if (text === about.row.text || (await act(() => store.edit(id, about.row.seq, text)))) finish();
      return;
    }
    store.post(id, text, { replyTo: about?.row.seq ?? null });
    sent.value += 1;
    store.typing(id, false);
    store.draft(id, "");
    subject.value = null;
    put("");
    field.current.focus();
  };

  const onInput = () => {
    const { value, selectionStart } = field.current;
    fit(field.current);
    setLength([...value].length);
    setWord(wordAt(value, selectionStart));
    if (about?.what === "edit") return;
    store.draft(id, value);
    store.typing(id, value !== "");
  };

  const complete = (username) => {
    const { value, selectionStart } = field.current;
    const { text, caret } = completed(value, selectionStart, username);
    put(text);
    field.current.focus();
    field.current.setSelectionRange(caret, caret);
    store.draft(id, text);
  };

  const onKeyDown = (event) => {
    if (isSend(event)) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && about) {
      event.stopPropagation();
      finish();
    } else if (event.key === "ArrowUp" && !event.altKey && field.current.value === "" && !about) {
      const mine = store.messages(id).value.items.findLast((row) => row.mine && row.seq !== null && row.kind === "text" && !row.deleted);
      if (mine) {
        event.preventDefault();
        startEdit(id, mine);
      }
    }
  };

  const over = length - LONGEST;
  const label = t("message_to", { title: titleOf(conversation) });
  return html`
    <form class="composer" onSubmit=${(event) => (event.preventDefault(), send())}>
      ${about && html`<${ComposerSubject} about=${about} onCancel=${finish} />`}
      ${word !== null && html`<${MentionList} word=${word} members=${conversation.members} field=${field} onChoose=${complete} onClose=${() => setWord(null)} />`}
      <div class="composer-line">
        <textarea id="composer" ref=${field} rows="1" aria-label=${label} placeholder=${narrow.value ? t("write_here") : label}
          aria-invalid=${over > 0} enterkeyhint="send" autocapitalize="sentences" onInput=${onInput} onKeyDown=${onKeyDown} onBlur=${() => store.typing(id, false)}></textarea>
        ${length > NEARLY && html`<span class=${over > 0 ? "left over" : "left"} role="status">${over > 0 ? t("too_long_by", { count: over }) : -over}</span>`}
        <button class="send" type="submit" aria-label=${t(about?.what === "edit" ? "save" : "send")} title=${t(about?.what === "edit" ? "save" : "send")} disabled=${length === 0 || over > 0}>
          <${Icon} name=${about?.what === "edit" ? "check" : "send"} />
        </button>
      </div>
    </form>
  `;
}

/** As high as its text; the style sheet says how high at most. To measure lays out the page, so an empty one is not measured. */
function fit(field) {
  field.style.height = "auto";
  if (field.value !== "") field.style.height = `${field.scrollHeight + 2}px`;
}
