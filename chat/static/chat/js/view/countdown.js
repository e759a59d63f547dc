// Seconds until something happens; not read out, since it changes all the time.
import { useEffect, useState } from "preact/hooks";
import { html } from "./html.js";
import { t } from "../words/index.js";

export function Countdown({ until }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [until]);
  const seconds = Math.max(0, Math.ceil((until - now) / 1000));
  return html`<span class="countdown" aria-hidden="true">${t("next_try", { seconds })}</span>`;
}
