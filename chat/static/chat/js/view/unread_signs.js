// The number of unread messages in the window's title and icon.
import { effect } from "@preact/signals";
import { store } from "./page.js";
import { titleOf } from "./conversation_title.js";

const SIZE = 64;

export function showUnreadSigns() {
  const link = document.querySelector("link[rel=icon]");
  const plain = link.href;
  let drawn = 0;
  return effect(() => {
    const total = store.totalUnread.value;
    const open = store.conversations.value.find((each) => each.id === store.current.value);
    const name = open ? `${titleOf(open)} · distchat` : "distchat";
    const title = total > 0 ? `(${total}) ${name}` : name;
    if (document.title !== title) document.title = title;
    const shown = Math.min(total, 100);
    if (shown !== drawn) ((drawn = shown), draw(link, plain, shown));
  });
}

function draw(link, plain, count) {
  if (count === 0) return set(link, plain, "image/svg+xml");
  const image = new Image(SIZE, SIZE);
  image.onload = () => set(link, badge(image, count > 99 ? "99+" : String(count)), "image/png");
  image.src = plain;
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
