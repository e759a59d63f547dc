// Everything outside of the messages that one can touch and that is smaller than `least` pixels.
(least) => {
  const touched = (each) => (each.matches("[type=radio], [type=checkbox]") && each.labels[0]) || each;
  const touchable = [...document.querySelectorAll("button, a[href], input, textarea, select, summary")];
  return touchable
    .filter((each) => each.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && !each.closest(".rows, .skip"))
    .map((each) => ({ each, box: touched(each).getBoundingClientRect() }))
    .filter(({ box }) => box.width > 1 && box.bottom > 0 && box.right > 0 && Math.min(box.width, box.height) < least)
    .map(({ each, box }) => `${each.className || each.id} ${Math.round(box.width)}x${Math.round(box.height)}`);
}
