({ windows, lines, clock }) => {
  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    made.className = className;
    made.append(...children);
    return made;
  };
  const picture = (source) => Object.assign(document.createElement("img"), { src: source });
  const shown = windows.map(({ user, node, dead, source }) =>
    element(
      "figure",
      dead ? "dead" : "",
      element("figcaption", "", element("i", ""), user, element("span", "", node)),
      picture(source),
    ),
  );
  document.querySelector("#windows").replaceChildren(...shown);
  document.querySelector("section").className = windows.length ? "" : "alone";
  document.querySelector("#terminal").replaceChildren(...lines.map(([style, text]) => element("div", style, text)));
  document.querySelector("#clock").textContent = clock;
  return Promise.all([...document.images].map((image) => image.decode()));
}
