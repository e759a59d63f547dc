// A question before something is done; what goes wrong is told in the same window.
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { html } from "../view/html.js";
import { t } from "./words.js";

/** `act` answers "" when it is done, else why not; `quote` is shown as it will be told. */
export function Confirm({ title, text, quote, yes, act, done, close, opener }) {
  const place = useRef(null);
  const label = useId();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");
  useLayoutEffect(() => {
    const dialog = place.current;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  useEffect(() => () => opener?.isConnected && opener.focus(), []);
  const onYes = async () => {
    setBusy(true);
    setFailure("");
    const reason = await act();
    setBusy(false);
    if (reason) return setFailure(reason);
    done?.();
    return close();
  };
  return html`
    <dialog class="cluster-dialog" ref=${place} aria-labelledby=${label} onCancel=${(event) => (event.preventDefault(), close())}>
      <h2 id=${label}>${title}</h2>
      <p>${text}</p>
      ${quote && html`<blockquote class="cluster-quote">${quote}</blockquote>`}
      <p class="cluster-failure" role="alert">${failure}</p>
      <div class="cluster-choices">
        <button type="button" class="button cluster-button is-quiet" onClick=${close}>${t("cancel")}</button>
        <button type="button" class="button cluster-button is-strong" disabled=${isBusy} onClick=${onYes}>${isBusy ? t("working") : yes}</button>
      </div>
    </dialog>
  `;
}
