// What is asked before a node is drained, and done when the answer is yes.
import { ask } from "./asking.js";
import { count } from "./format.js";
import { t } from "./words.js";

/** @returns the parts of a `Confirm` */
export function orderQuestion({ name, life, connections }, what, page) {
  return {
    title: t(`${what}_node`, { node: name }),
    text: t(`${what}_text`, { node: name, connections: count(connections) }),
    yes: t(what),
    act: () => ask(page.urls.order, { life, what }, page.csrf),
  };
}
