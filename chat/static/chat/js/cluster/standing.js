// The first line: whether what is shown is live, and whether all is well, in words.
import { html } from "../view/html.js";
import { isThere, totalsOf, twins } from "./totals.js";
import { t } from "./words.js";

export function Standing({ link, picture }) {
  const troubles = picture ? troublesOf(picture) : [];
  return html`
    <div class="cluster-standing">
      <p class=${`cluster-link is-${link}`} role="status"><span class="cluster-lamp" aria-hidden="true"></span>${t(`link_${link}`, { node: picture?.node ?? "" })}</p>
      ${picture && troubles.length === 0 && html`<p class="cluster-verdict is-good"><span aria-hidden="true">✓</span> ${t("all_well")}</p>`}
    </div>
    ${troubles.length > 0 && html`<ul class="cluster-troubles">${troubles.map((text) => html`<li key=${text}><span aria-hidden="true">!</span> ${text}</li>`)}</ul>`}
    ${picture?.announcement && html`<p class="cluster-announced"><strong>${t("announced_now")}</strong> ${picture.announcement.text}</p>`}
  `;
}

/** What is not as it should be, the gravest first. */
export function troublesOf(picture) {
  const { nodes, redis = [], database, board, unreadable } = picture;
  const totals = totalsOf(nodes);
  const down = redis.filter((each) => !each.up).map((each) => t("trouble_redis", { address: each.address }));
  const versions = new Set(nodes.filter(isThere).map((node) => node.version));
  return [
    database && !database.up && t("trouble_database"),
    ...down,
    board === "away" && t("trouble_board"),
    totals.there > 0 && totals.open === 0 && t("trouble_none_open"),
    ...nodes.filter((node) => node.state === "gone").map((node) => t("trouble_gone", { node: node.name })),
    ...twins(nodes).map((node) => t("trouble_twins", { node })),
    ...nodes.filter((node) => isThere(node) && node.degraded.length).map((node) => t("trouble_degraded", { node: node.name, parts: node.degraded.map(partName).join(", ") })),
    versions.size > 1 && t("trouble_versions", { versions: [...versions].join(", ") }),
    unreadable > 0 && t("trouble_unreadable", { n: unreadable }),
  ].filter(Boolean);
}

export const partName = (part) => t(`part_${part}`);
