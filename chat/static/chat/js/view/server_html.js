// The only place where HTML is taken as it comes: a message that the server has rendered and sanitised.
import { useLayoutEffect, useRef } from "preact/hooks";
import { html as template } from "./html.js";
import { copyText } from "./copying.js";
import { classOf, mentionsIn } from "./mentions.js";
import { t } from "../words/index.js";

export function ServerHtml({ html, names }) {
  const place = useRef(null);
  useLayoutEffect(() => {
    const parsed = document.createElement("template");
    parsed.innerHTML = html;
    parsed.content.querySelectorAll("a").forEach(openElsewhere);
    parsed.content.querySelectorAll("pre").forEach(addCopyButton);
    parsed.content.querySelectorAll("table").forEach(letScroll);
    markMentions(parsed.content, names);
    place.current.replaceChildren(parsed.content);
  }, [html, names]);
  return template`<div class="rich" ref=${place}></div>`;
}

function openElsewhere(link) {
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
}

function addCopyButton(block) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy-code";
  button.textContent = t("copy");
  button.setAttribute("aria-label", t("copy_code"));
  button.addEventListener("click", () => copyText(block.innerText));
  const frame = document.createElement("div");
  frame.className = "code";
  block.replaceWith(frame);
  block.tabIndex = 0;
  block.setAttribute("role", "region");
  block.setAttribute("aria-label", t("code"));
  frame.append(block, button);
}

function letScroll(table) {
  const frame = document.createElement("div");
  frame.className = "table";
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", t("table"));
  table.replaceWith(frame);
  frame.append(table);
}

function markMentions(root, names) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) if (walker.currentNode.data.includes("@") && !walker.currentNode.parentElement?.closest("a, code")) found.push(walker.currentNode);
  for (const node of found) node.replaceWith(...mentionsIn(node.data, names).map(asNode));
}

function asNode({ text, name }) {
  if (name === null) return document.createTextNode(text);
  const span = document.createElement("span");
  span.className = classOf(name);
  span.textContent = text;
  return span;
}
