// What is kept on a device: drawer → the field that names a record in it.

export const DRAWERS = {
  conversations: "id", // a conversation with its cursor and its latest messages
  outbox: "clientId", // my messages that no server has acknowledged
  keys: "key", // single values, such as the id of the device
};
