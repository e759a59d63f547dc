// Everything that one can touch and whose area is smaller than `least` pixels, and fields whose text makes a phone zoom.
// Looked at is what is open, or what is `within` an element. Measured is what a finger meets: from the middle to the
// first point, in each direction, that belongs to something else.
async ([least, within]) => {
  const TOUCHABLE = "button, a[href], input:not([type=hidden]), textarea, select, summary, label:has(input), [role=option]";
  const FIELD = "textarea, select, input:not([type=hidden], [type=radio], [type=checkbox], [type=submit])";
  const FAR = 60;
  const isSeen = (each) => each.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && each.getBoundingClientRect().width > 1;
  const isInText = (each) => {
    if (each.localName !== "a" || getComputedStyle(each).display !== "inline") return false;
    return each.parentElement.textContent.trim().length > each.textContent.trim().length;
  };
  const owns = (each, x, y) => {
    const hit = document.elementFromPoint(x, y);
    if (hit === null) return false;
    const label = hit.closest("label");
    return each.contains(hit) || (label !== null && (label === each || label.control === each));
  };
  const reach = (each, x, y, stepX, stepY) => {
    let far = 0;
    while (far < FAR && owns(each, x + stepX * (far + 1), y + stepY * (far + 1))) far++;
    return far;
  };
  const places = (each) => (each ? [[each, each.scrollTop], ...places(each.parentElement)] : []);
  const measure = (each) => {
    const before = places(each);
    each.scrollIntoView({ block: "center", inline: "center" });
    const size = reachAll(each);
    for (const [place, top] of before) if (place.scrollTop !== top) place.scrollTop = top;
    return size;
  };
  const reachAll = (each) => {
    const box = each.getBoundingClientRect();
    const [x, y] = [Math.floor(box.x + box.width / 2), Math.floor(box.y + box.height / 2)];
    if (!owns(each, x, y)) return null; // Something lies over it.
    return [1 + reach(each, x, y, -1, 0) + reach(each, x, y, 1, 0), 1 + reach(each, x, y, 0, -1) + reach(each, x, y, 0, 1)];
  };
  const root = within ? document.querySelector(within) : ([...document.querySelectorAll("dialog[open]")].at(-1) ?? document);
  const nameOf = (each) => `${each.localName}.${each.className || each.id || each.name || each.textContent.trim().slice(0, 20)}`;
  const ends = document.getAnimations().filter((each) => Number.isFinite(each.effect.getComputedTiming().endTime));
  await Promise.allSettled(ends.map((each) => each.finished));
  const small = new Set();
  const targetsOf = (each) => (each.matches("[type=radio], [type=checkbox]") && each.labels.length ? [...each.labels] : [each]);
  for (const each of [...root.querySelectorAll(TOUCHABLE)].filter((each) => isSeen(each) && !isInText(each) && !each.matches(".skip"))) {
    const sizes = targetsOf(each).map(measure).filter(Boolean);
    if (sizes.length && sizes.every((size) => Math.min(...size) < least)) small.add(`${nameOf(each)} ${sizes[0].join("x")}`);
  }
  for (const each of [...root.querySelectorAll(FIELD)].filter(isSeen)) {
    const { fontSize } = getComputedStyle(each);
    if (parseFloat(fontSize) < 16) small.add(`${nameOf(each)} ${fontSize}`);
  }
  return [...small];
}
