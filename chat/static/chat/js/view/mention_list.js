// Members whose name begins with what is typed after "@".
import { useLayoutEffect, useState } from "preact/hooks";
import { html } from "./html.js";
import { Avatar } from "./avatar.js";
import { page } from "./page.js";
import { proposed, wordAt } from "./mention_word.js";
import { t } from "../words/index.js";

export function MentionList({ word, members, field, onChoose, onClose }) {
  const [at, setAt] = useState(0);
  const found = proposed(members, word, page.user.id);
  const chosen = found[Math.min(at, found.length - 1)];
  useLayoutEffect(() => {
    const onKey = (event) => {
      if (event.isComposing || event.keyCode === 229 || found.length === 0 || isGone(field.current)) return;
      const steps = { ArrowDown: 1, ArrowUp: -1 };
      if (event.key in steps) setAt((at + steps[event.key] + found.length) % found.length);
      else if (event.key === "Enter" || event.key === "Tab") onChoose(chosen.username);
      else if (event.key === "Escape") onClose();
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    const element = field.current;
    element.addEventListener("keydown", onKey, { capture: true });
    return () => element.removeEventListener("keydown", onKey, { capture: true });
  });
  if (found.length === 0) return null;
  return html`
    <ul class="mention-list" role="listbox" aria-label=${t("members")}>
      ${found.map(
        (member) => html`<li key=${member.id} role="option" aria-selected=${member === chosen} onPointerDown=${(event) => (event.preventDefault(), onChoose(member.username))}>
          <${Avatar} name=${member.name} id=${member.id} /><span>${member.name}</span><span class="soft">@${member.username}</span></li>`,
      )}
    </ul>
  `;
}

/** A key may come before the frame in which the finished word takes this list away. */
const isGone = ({ value, selectionStart }) => wordAt(value, selectionStart) === null;
