// The page's words, as the server has written them into it in the language of the user.

let texts = {};
let code = "en";

export function speak(page) {
  texts = page.words;
  code = page.language === "zh-hans" ? "zh-Hans-CN" : page.language || "en";
}

export const locale = () => code;

export const hasText = (key) => Object.hasOwn(texts, key);

/** The text of a key with `{names}` filled in. */
export function t(key, values = {}) {
  const text = hasText(key) ? texts[key] : key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
