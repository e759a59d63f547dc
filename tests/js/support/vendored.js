// Lets node find the vendored packages by the names that the page's import map gives them: `node --import` this file.

import { readFileSync } from "node:fs";
import { register } from "node:module";

const vendor = new URL("../../../chat/static/chat/vendor/", import.meta.url);
const lock = JSON.parse(readFileSync(new URL("LOCK.json", vendor), "utf8"));
const places = Object.fromEntries(lock.files.map(({ specifier, file }) => [specifier, new URL(file, vendor).href]));
const hooks = `
  const places = ${JSON.stringify(places)};
  export const resolve = (specifier, context, next) =>
    Object.hasOwn(places, specifier) ? { url: places[specifier], shortCircuit: true } : next(specifier, context);
`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);
