// The client's texts in the user's language. Reading them in a component makes it follow a change of language.
import { signal } from "@preact/signals-core";

/** [code, what the language calls itself] */
export const LANGUAGES = [["en", "English"], ["zh-hans", "简体中文"]];
const LOCALES = { en: "en", "zh-hans": "zh-Hans-CN" };
const LOADERS = { en: () => import("./en.js"), "zh-hans": () => import("./zh_hans.js") };

export const language = signal("en");
let texts = {};
let plurals = new Intl.PluralRules("en");

/** Loads a language and switches to it; an unknown one is English. */
export async function speak(code) {
  const known = code in LOADERS ? code : "en";
  texts = (await LOADERS[known]()).texts;
  plurals = new Intl.PluralRules(LOCALES[known]);
  language.value = known;
}

/** The browser's own kind of the language (en-GB), for clocks and dates. */
export const locale = () => globalThis.navigator?.languages?.find((each) => each.startsWith(LOCALES[language.value].slice(0, 2))) ?? LOCALES[language.value];

export const hasText = (key) => key in texts || `${key}.other` in texts;

/** The text of a key with `{names}` filled in; where `count` decides, the keys end in `.one` and `.other`. */
export function t(key, values = {}) {
  language.value;
  const text = texts[key] ?? texts[`${key}.${plurals.select(values.count ?? 0)}`] ?? texts[`${key}.other`] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
