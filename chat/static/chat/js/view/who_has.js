// Who has a message: on which members' devices it has arrived, and who has read it.
import { html } from "./html.js";
import { Avatar } from "./avatar.js";
import { Dialog } from "./dialog.js";
import { store } from "./page.js";
import { t } from "../words/index.js";

export function WhoHas({ conversation, row }) {
  store.conversations.value; // Receipts arrive while one looks.
  const { read, delivered, waiting } = store.whoHas(conversation, row.seq);
  return html`
    <${Dialog} title=${t("who_has")}>
      <blockquote class="cited">${row.text}</blockquote>
      <${Group} title=${t("has_read")} status="read" members=${read} />
      <${Group} title=${t("has_received")} status="delivered" members=${delivered} />
      <${Group} title=${t("has_not")} status="stored" members=${waiting} />
    <//>
  `;
}

function Group({ title, members }) {
  if (members.length === 0) return null;
  return html`
    <section class="who">
      <h3>${title}<span class="soft"> ${members.length}</span></h3>
      <ul>${members.map((each) => html`<li key=${each.id}><${Avatar} name=${each.name} id=${each.id} online=${each.online} /><span>${each.name}</span><span class="soft">@${each.username}</span></li>`)}</ul>
    </section>
  `;
}
