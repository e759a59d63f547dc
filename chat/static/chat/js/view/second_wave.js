// What is needed only after the first look: windows and panels. main.js fetches it when the conversation is on the screen.
import { ConnectionPanel } from "./connection_panel.js";
import { DeleteMessage } from "./delete_message.js";
import { EmojiPicker } from "./emoji_picker.js";
import { Keys } from "./keys_dialog.js";
import { MembersPanel } from "./members_panel.js";
import { MessageMenu } from "./message_menu.js";
import { NewConversation } from "./new_conversation.js";
import { Settings } from "./settings.js";
import { SignOut } from "./signing_out.js";
import { Switcher } from "./switcher.js";
import { WhoHas } from "./who_has.js";

export const DIALOGS = {
  delete_message: DeleteMessage,
  emojis: EmojiPicker,
  keys: Keys,
  message_menu: MessageMenu,
  new_conversation: NewConversation,
  settings: Settings,
  sign_out: SignOut,
  switcher: Switcher,
  who_has: WhoHas,
};

export const PANELS = { connection: ConnectionPanel, members: MembersPanel };
