// The number of unread messages in the window's title and icon.
import { effect } from "@preact/signals";
import { store } from "./page.js";
import { titleOf } from "./conversation_title.js";
import { paced } from "./paced.js";

const SIZE = 64;
const PAUSE_MS = 250; // Each drawing makes the browser decode an icon.

export function showUnreadSigns() {
  const signs = iconSigns(document.querySelector("link[rel=icon]"));
  return effect(() => {
    const total = store.totalUnread.value;
    const open = store.conversations.value.find((each) => each.id === store.current.value);
    const name = open ? `${titleOf(open)} · distchat` : "distchat";
    const title = total > 0 ? `(${total}) ${name}` : name;
    if (document.title !== title) document.title = title;
    signs(Math.min(total, 100));
  });
}

/** A function that shows a number, 0 to 100, in the icon; what is drawn is always the last one. */
function iconSigns(link) {
  const plain = link.href;
  const image = new Image(SIZE, SIZE);
  let [wanted, drawn] = [0, 0];
  const draw = paced(() => {
    if (wanted === drawn || (wanted > 0 && image.naturalWidth === 0)) return;
    drawn = wanted;
    if (drawn === 0) set(link, plain, "image/svg+xml");
    else set(link, badge(image, drawn > 99 ? "99+" : String(drawn)), "image/png");
  }, PAUSE_MS);
  image.onload = draw;
  return (count) => {
    if (count === wanted) return;
    wanted = count;
    if (!image.src) image.src = plain;
    draw();
  };
}

function set(link, href, type) {
  link.type = type;
  link.href = href;
}

function badge(image, text) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0, SIZE, SIZE);
  const width = text.length > 1 ? 46 : 36;
  pen.fillStyle = "#c5221f";
  pen.beginPath();
  pen.roundRect(SIZE - width, SIZE - 36, width, 36, 18);
  pen.fill();
  pen.fillStyle = "#ffffff";
  pen.font = `700 ${text.length > 2 ? 22 : 28}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(text, SIZE - width / 2, SIZE - 17);
  return canvas.toDataURL();
}
