// Which tab this is among those of one browser: every unsent message belongs to one, and one heir takes over from tabs that are gone.

const KEY = "distchat.tab";
const LOCK = "distchat.tab.";
const HEIR = "distchat.heir";

/**
 * Never rejects. Without Web Locks (plain HTTP) every tab is an heir: two may then send the same message, which its `client_id` makes harmless.
 * @param {{locks?: LockManager, session?: Storage, randomId: () => string}} parts
 * @returns {Promise<{id: string, isHeir: () => boolean, whenHeir: (task: () => void) => void, isAlive: (id: string) => Promise<boolean>, close: () => void}>}
 */
export async function openTab({ locks, session, randomId }) {
  const held = new Held();
  let id = read(session) ?? randomId();
  if (locks && !(await held.take(locks, LOCK + id))) {
    id = randomId(); // a duplicated tab copies the session storage of the first
    await held.take(locks, LOCK + id);
  }
  write(session, id);
  return locks ? lockedTab(id, locks, held) : loneTab(id);
}

function lockedTab(id, locks, held) {
  let heir = false;
  const tasks = [];
  held.await(locks, HEIR, () => {
    heir = true;
    for (const task of tasks) task();
  });
  return {
    id,
    isHeir: () => heir,
    whenHeir: (task) => (heir ? task() : tasks.push(task)),
    isAlive: async (other) => (await locks.query()).held.some((lock) => lock.name === LOCK + other),
    close: () => held.release(),
  };
}

export function loneTab(id) {
  return { id, isHeir: () => true, whenHeir: (task) => task(), isAlive: async (other) => other === id, close() {} };
}

/** Locks that are held until `release`. */
class Held {
  #release;
  #until = new Promise((resolve) => (this.#release = resolve));

  /** @returns {Promise<boolean>} whether the lock was free */
  take(locks, name) {
    return new Promise((resolve) => {
      const hold = (lock) => {
        resolve(lock !== null);
        return lock && this.#until;
      };
      locks.request(name, { ifAvailable: true }, hold).catch(() => resolve(true)); // no locks for this page: alone
    });
  }

  await(locks, name, onHeld) {
    const hold = () => {
      onHeld();
      return this.#until;
    };
    locks.request(name, hold).catch(onHeld);
  }

  release() {
    this.#release();
  }
}

function read(session) {
  try {
    return session?.getItem(KEY) ?? null;
  } catch {
    return null; // forbidden by the browser's settings
  }
}

function write(session, id) {
  try {
    session?.setItem(KEY, id);
  } catch {
    // full or forbidden: the next load is another tab
  }
}
