// What every component may use: the store, and what the server wrote into the page.

export let store = null;
export let page = { user: { id: 0, name: "", username: "" }, urls: {}, csrf: "", node: "" };

export function provide(given) {
  store = given.store;
  page = given.page;
}
