// Which conversations a few typed letters mean. No DOM.

/** By title and members' names, every word of the query somewhere; those whose title begins so come first. */
export function matching(conversations, query) {
  const words = query.toLocaleLowerCase().split(/\s+/u).filter(Boolean);
  if (words.length === 0) return conversations;
  const found = conversations.filter((each) => words.every((word) => saidOf(each).includes(word)));
  const begins = (each) => each.title.toLocaleLowerCase().startsWith(words[0]);
  return [...found.filter(begins), ...found.filter((each) => !begins(each))];
}

const saidOf = ({ title, members }) =>
  [title, ...members.flatMap((member) => [member.name, member.username])].join(" ").toLocaleLowerCase();
