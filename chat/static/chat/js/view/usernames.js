// Usernames as people type them: "@ann, bob carol". No DOM.

export function usernamesIn(text) {
  const names = text.split(/[\s,;，、；]+/u).map((name) => name.replace(/^@/, "")).filter(Boolean);
  return [...new Set(names)];
}
