// Everybody whom this device has heard of, by id.

export class People {
  #known = new Map();

  meet({ id, username, name }) {
    const held = this.#known.get(id);
    if (held && (name === undefined || held.name === name) && (!username || held.username === username)) return;
    this.#known.set(id, { id, username: username || held?.username || "", name: name ?? held?.name ?? "" });
  }

  nameOf(id) {
    return this.#known.get(id)?.name || this.#known.get(id)?.username || "";
  }

  usernameOf(id) {
    return this.#known.get(id)?.username ?? "";
  }
}
