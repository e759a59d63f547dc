// What the keyboard has reached, and whether it or what surrounds it looks otherwise than without the focus.
() => {
  const element = document.activeElement;
  if (element === document.body) return null;
  const look = () =>
    [element, element.parentElement].map((each) => {
      const { outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor } = getComputedStyle(each);
      return [outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor].join(" ");
    });
  const focused = look().join();
  element.blur();
  const plain = look().join();
  element.focus();
  return [element.id || element.className, focused !== plain];
}
