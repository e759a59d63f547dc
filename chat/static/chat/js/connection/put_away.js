// Which announcement was put away on this device: one id, kept over reloads where the browser keeps anything.

const KEY = "distchat-announcement";

/** @param {Storage | undefined} store Web Storage @returns {{id: string | null}} */
export function putAwayIn(store) {
  let id = null;
  return {
    get id() {
      try {
        return store?.getItem(KEY) ?? id;
      } catch {
        return id;
      }
    },
    set id(value) {
      id = value;
      try {
        store?.setItem(KEY, value);
      } catch {
        // full or forbidden: it comes again after a reload
      }
    },
  };
}
