// Which window lies over the page.
import { html } from "./html.js";
import { secondWave } from "./later.js";
import { dialog } from "./screen.js";

export function Dialogs() {
  const open = dialog.value;
  const wave = open && secondWave();
  return wave && html`<${wave.DIALOGS[open.name]} key=${open.name} ...${open} />`;
}
