// Which key presses send. No DOM.

/**
 * Enter sends, except while an input method composes: there Enter takes the proposed characters. Safari ends the
 * composition before the key press and tells it by the key code 229 alone.
 */
export function isSend({ key, shiftKey, altKey, isComposing, keyCode }) {
  return key === "Enter" && !shiftKey && !altKey && !isComposing && keyCode !== 229;
}
