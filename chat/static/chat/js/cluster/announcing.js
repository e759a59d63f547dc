// What staff tell all devices: written here, asked about, and taken back.
import { useState } from "preact/hooks";
import { html } from "../view/html.js";
import { ask } from "./asking.js";
import { count, day } from "./format.js";
import { totalsOf } from "./totals.js";
import { t } from "./words.js";

const MOST = 500;
const MINUTES = [5, 15, 60, 240, 1440];

export function Announcing({ picture, page, ask: question }) {
  const [text, setText] = useState("");
  const [minutes, setMinutes] = useState(15);
  const left = MOST - Array.from(text).length;
  const devices = count(totalsOf(picture.nodes).connections);
  const onSubmit = (event) => {
    event.preventDefault();
    question({
      title: t("announce_title"),
      text: t("announce_text", { devices, minutes: t(`minutes_${minutes}`) }),
      quote: text.trim(),
      yes: t("announce"),
      act: () => ask(page.urls.announce, { text, minutes }, page.csrf),
      done: () => setText(""),
      opener: event.submitter,
    });
  };
  return html`
    <section class="cluster-part" aria-labelledby="cluster-announcing">
      <h2 id="cluster-announcing">${t("announcement")}</h2>
      ${picture.announcement && html`<${Current} announcement=${picture.announcement} page=${page} question=${question} />`}
      <form class="cluster-form" onSubmit=${onSubmit}>
        <label for="announcement-text">${t("announcement_label")}</label>
        <textarea id="announcement-text" rows="3" value=${text} onInput=${(event) => setText(event.target.value)} aria-describedby="announcement-help"></textarea>
        <p id="announcement-help" class=${left < 0 ? "cluster-help is-bad" : "cluster-help"}>${t("announcement_help", { left })}</p>
        <div class="cluster-choices">
          <label>${t("for_how_long")} <select value=${minutes} onChange=${(event) => setMinutes(Number(event.target.value))}>
            ${MINUTES.map((each) => html`<option key=${each} value=${each}>${t(`minutes_${each}`)}</option>`)}
          </select></label>
          <button type="submit" class="button cluster-button is-strong" disabled=${text.trim() === "" || left < 0}>${t("announce")}</button>
        </div>
      </form>
    </section>
  `;
}

function Current({ announcement, page, question }) {
  const onTakeBack = (event) =>
    question({
      title: t("take_back_title"),
      text: t("take_back_text"),
      quote: announcement.text,
      yes: t("take_back"),
      act: () => ask(page.urls.end, { id: announcement.id }, page.csrf),
      opener: event.currentTarget,
    });
  return html`
    <div class="cluster-current">
      <blockquote class="cluster-quote">${announcement.text}</blockquote>
      <p>${t("until", { time: day(announcement.until_ms) })} <button type="button" class="button cluster-button" onClick=${onTakeBack}>${t("take_back")}</button></p>
    </div>
  `;
}
