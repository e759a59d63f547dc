// From now on, in each frame: what moves for more than a millisecond, what would, and which of `places` were there.
(places) => {
  const [moving, seen] = [new Set(), new Set()];
  const milliseconds = (times) => Math.max(...times.split(",").map((each) => parseFloat(each) * (each.trim().endsWith("ms") ? 1 : 1000)));
  const nameOf = (element) => element.className || element.localName;
  for (const name of ["scrollIntoView", "scrollTo", "scrollBy", "scroll"]) {
    const before = Element.prototype[name];
    Element.prototype[name] = function (...all) {
      if (all[0]?.behavior === "smooth") moving.add(`${nameOf(this)} ${name}`);
      return before.apply(this, all);
    };
  }
  const look = () => {
    for (const { animationName, effect } of document.getAnimations()) {
      if (effect.getComputedTiming().endTime > 1) moving.add(`${nameOf(effect.target)} ${animationName}`);
    }
    for (const place of places) if (document.querySelector(place)?.checkVisibility()) seen.add(place);
    requestAnimationFrame(look);
  };
  look();
  window.motion = () => {
    for (const each of document.querySelectorAll("body *")) {
      const { transitionDuration, scrollBehavior } = getComputedStyle(each);
      if (milliseconds(transitionDuration) > 1) moving.add(`${nameOf(each)} transition`);
      if (scrollBehavior === "smooth") moving.add(`${nameOf(each)} scroll-behavior`);
    }
    return { moving: [...moving].sort(), seen: [...seen] };
  };
}
