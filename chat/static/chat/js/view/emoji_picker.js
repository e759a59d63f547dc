// A small choice of emojis, and a field for any other.
import { html } from "./html.js";
import { Dialog, placeNear } from "./dialog.js";
import { store } from "./page.js";
import { close } from "./screen.js";
import { t } from "../words/index.js";

const EMOJIS = [..."👍👎😄😂😮😢😡🎉🙏👏🔥💯✅❌👀🤔🚀💡💪🥳"].concat("❤️");

export function EmojiPicker({ conversation, row, near }) {
  const react = (emoji) => {
    const mine = row.reactions.some((each) => each.emoji === emoji && each.mine);
    close();
    store.react(conversation, row.seq, emoji, !mine);
  };
  const onSubmit = (event) => {
    event.preventDefault();
    const emoji = event.target.emoji.value.trim();
    if (emoji) react(emoji);
  };
  return html`
    <${Dialog} title=${t("react")} kind="small" onPlaced=${placeNear(near)}>
      <div class="emojis">${EMOJIS.map((emoji, at) => html`<button key=${emoji} type="button" autofocus=${at === 0} class="emoji" onClick=${() => react(emoji)}>${emoji}</button>`)}</div>
      <form class="emoji-other" onSubmit=${onSubmit}>
        <input name="emoji" aria-label=${t("other_emoji")} placeholder=${t("other_emoji")} autocomplete="off" maxlength="16" />
        <button class="button small" type="submit">${t("react")}</button>
      </form>
    <//>
  `;
}
