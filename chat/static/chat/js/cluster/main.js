// Puts the cluster page together: what the server wrote into it, the socket, what is known, and the view.
import { render } from "preact";
import { systemClock } from "../connection/clock.js";
import { html } from "../view/html.js";
import { Link } from "./link.js";
import { Page } from "./page.js";
import { Scene } from "./scene.js";
import { speak } from "./words.js";

const page = JSON.parse(document.getElementById("page-data").textContent);
speak(page);

const scene = new Scene(() => Date.now());
const link = new Link({
  url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${page.urls.socket}`,
  open: (url) => new WebSocket(url),
  clock: systemClock(globalThis),
  shown: (picture) => scene.show(picture),
  changed: (state) => scene.linkChanged(state),
});

const place = document.getElementById("cluster");
place.replaceChildren();
render(html`<${Page} scene=${scene} page=${page} />`, place);
link.start();

addEventListener("online", () => link.hurry());
document.addEventListener("visibilitychange", () => document.hidden || link.hurry());
