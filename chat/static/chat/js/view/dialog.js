// A window over the page: the browser keeps the focus in it, Esc and a click beside it close it. Toasts
// come with it, since nothing else is seen or heard meanwhile.
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { close } from "./screen.js";
import { Toasts } from "./toasts.js";
import { t } from "../words/index.js";

export function Dialog({ title, kind = "", children, onPlaced }) {
  const place = useRef(null);
  const label = useId();
  useLayoutEffect(() => {
    const dialog = place.current;
    dialog.showModal();
    onPlaced?.(dialog);
    return () => {
      dialog.close();
      setTimeout(keepFocus, 100);
    };
  }, []);
  const onClick = (event) => event.target === place.current && close();
  return html`
    <dialog class=${`dialog ${kind}`} ref=${place} aria-labelledby=${label} onClick=${onClick} onCancel=${(event) => (event.preventDefault(), close())}>
      <div class="dialog-inside">
        <header class="dialog-head">
          <h2 id=${label}>${title}</h2>
          <button class="icon-button" type="button" aria-label=${t("close")} title=${t("close")} onClick=${close}><${Icon} name="close" /></button>
        </header>
        ${children}
      </div>
      <${Toasts} />
    </dialog>
  `;
}

/** What opened the window may have gone meanwhile; then one writes on. On a phone that would open its keyboard. */
function keepFocus() {
  if (document.activeElement === document.body && matchMedia("(hover: hover)").matches) document.getElementById("composer")?.focus();
}

/** Sets a small dialog beside what opened it, inside the window; on a phone the style sheet puts it at the bottom. */
export function placeNear(near) {
  return (dialog) => {
    if (!near || !matchMedia("(min-width: 45rem)").matches) return;
    const { offsetWidth, offsetHeight } = dialog;
    const left = Math.min(Math.max(8, near.right - offsetWidth), innerWidth - offsetWidth - 8);
    const below = near.bottom + 4 + offsetHeight < innerHeight;
    dialog.style.left = `${left}px`;
    dialog.style.top = `${below ? near.bottom + 4 : Math.max(8, near.top - offsetHeight - 4)}px`;
    dialog.style.right = dialog.style.bottom = "auto";
    dialog.style.margin = "0";
  };
}
