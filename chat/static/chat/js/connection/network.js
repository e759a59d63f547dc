// What the browser knows about its network and about being looked at again.

/**
 * @param {Window} host
 * @returns {{isOnline(): boolean, listen(tell: (news: "online" | "offline" | "woke") => void): () => void}}
 */
export function browserNetwork(host) {
  return {
    isOnline: () => host.navigator?.onLine !== false,
    listen(tell) {
      const heard = { online: () => tell("online"), offline: () => tell("offline"), pageshow: () => tell("woke") };
      for (const [name, handler] of Object.entries(heard)) host.addEventListener(name, handler);
      return () => {
        for (const [name, handler] of Object.entries(heard)) host.removeEventListener(name, handler);
      };
    },
  };
}

/** For programs and tests without a browser: always online. */
export const steadyNetwork = { isOnline: () => true, listen: () => () => {} };
