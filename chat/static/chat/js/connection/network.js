// What the browser knows about its network and about being looked at again.

/**
 * @param {Window} host
 * @returns {{isOnline(): boolean, listen(tell: (news: "online" | "offline" | "changed" | "woke") => void): () => void}}
 *   "changed": another network, or the same one in another way; "woke": the page is looked at again
 */
export function browserNetwork(host) {
  const { document, navigator } = host;
  return {
    isOnline: () => navigator?.onLine !== false,
    listen(tell) {
      const heard = [
        [host, "online", () => tell("online")],
        [host, "offline", () => tell("offline")],
        [host, "pageshow", () => tell("woke")],
        [document, "visibilitychange", () => document.visibilityState === "visible" && tell("woke")],
        [navigator?.connection, "change", () => tell("changed")],
      ].filter(([target]) => target?.addEventListener);
      for (const [target, name, handler] of heard) target.addEventListener(name, handler);
      return () => {
        for (const [target, name, handler] of heard) target.removeEventListener(name, handler);
      };
    },
  };
}

/** For programs and tests without a browser: always online. */
export const steadyNetwork = { isOnline: () => true, listen: () => () => {} };
