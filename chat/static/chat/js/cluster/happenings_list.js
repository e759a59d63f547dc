// What has happened since the page was opened, the latest first; a screen reader hears it as it happens.
import { html } from "../view/html.js";
import { clock } from "./format.js";
import { t } from "./words.js";

export function Happenings({ happenings }) {
  return html`
    <section class="cluster-part" aria-labelledby="cluster-happenings">
      <h2 id="cluster-happenings">${t("happenings")}</h2>
      <div class="cluster-log" role="log" tabindex="0" aria-labelledby="cluster-happenings"><ol>
        ${happenings.map(({ key, at, kind, node }) => html`<li key=${key} class=${`is-${kind}`}><time>${clock(at)}</time> ${t(`happened_${kind}`, { node: node ?? "" })}</li>`)}
      </ol></div>
      ${happenings.length === 0 && html`<p class="cluster-help">${t("nothing_happened")}</p>`}
    </section>
  `;
}
