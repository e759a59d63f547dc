// Seconds until something happens; not read out, since it changes all the time.
import { useEffect, useMemo, useState } from "preact/hooks";
import { html } from "./html.js";
import { t } from "../words/index.js";

export function Countdown({ until }) {
  const end = useMemo(() => performance.now() + until - Date.now(), [until]); // somebody may set the clock meanwhile
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 250);
    return () => clearInterval(timer);
  }, [until]);
  const seconds = Math.max(0, Math.ceil((end - now) / 1000));
  return html`<span class="countdown" aria-hidden="true">${t("next_try", { seconds })}</span>`;
}
