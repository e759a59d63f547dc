// The whole page: how it is, the drawing, the nodes, the stores, what staff can say, and what has happened.
import { useState } from "preact/hooks";
import { html } from "../view/html.js";
import { Announcing } from "./announcing.js";
import { Confirm } from "./confirm.js";
import { Drawing } from "./drawing.js";
import { Happenings } from "./happenings_list.js";
import { NodesTable } from "./nodes_table.js";
import { Standing } from "./standing.js";
import { Stores } from "./stores.js";
import { Tiles } from "./tiles.js";
import { t } from "./words.js";

export function Page({ scene, page }) {
  const [question, setQuestion] = useState(null);
  const picture = scene.picture.value;
  const close = () => setQuestion(null);
  return html`
    <${Standing} link=${scene.link.value} picture=${picture} />
    ${picture === null && scene.link.value !== "refused" && html`<p class="cluster-wait">${t("wait")}</p>`}
    ${picture !== null && html`
      <div class=${scene.link.value === "live" ? "cluster-live" : "cluster-live is-stale"}>
        <${Tiles} picture=${picture} history=${scene.history} />
        <${Drawing} scene=${scene} />
        <${NodesTable} picture=${picture} history=${scene.history} page=${page} ask=${setQuestion} />
        <${Stores} picture=${picture} />
        <div class="cluster-columns">
          ${page.may_announce && html`<${Announcing} picture=${picture} page=${page} ask=${setQuestion} />`}
          <${Happenings} happenings=${scene.happenings.value} />
        </div>
      </div>
    `}
    ${question && html`<${Confirm} ...${question} close=${close} />`}
  `;
}
