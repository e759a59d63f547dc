// One node of Socket.IO behind Redis: a client names its room in `auth` and is told what anyone says there.
//
// Nothing is stored but by the streams adapter, whose stream connection state recovery reads; nobody logs in.
// Settings: https://socket.io/docs/v4/performance-tuning/ and .../connection-state-recovery.

import { createServer } from "node:http";
import { createAdapter as createPubSubAdapter } from "@socket.io/redis-adapter";
import { createAdapter as createStreamsAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const RECOVERY = { maxDisconnectionDuration: 120_000, skipMiddlewares: true };

async function connected(client) {
  client.on("error", (error) => console.error(error));
  await client.connect();
  return client;
}

async function options() {
  const publisher = await connected(createClient({ url: process.env.REDIS_URL }));
  if (process.env.ADAPTER === "streams") {
    return { adapter: createStreamsAdapter(publisher, { onlyPlaintext: true }), connectionStateRecovery: RECOVERY };
  }
  return { adapter: createPubSubAdapter(publisher, await connected(publisher.duplicate())) };
}

const web = createServer((_, response) => response.end("ready\n"));
const io = new Server(web, { transports: ["websocket"], serveClient: false, ...(await options()) });

io.engine.on("connection", (connection) => {
  connection.request = null; // as the page on performance advises: the first request is not kept in memory
});

io.on("connection", (socket) => {
  const { room } = socket.handshake.auth;
  if (!socket.recovered) socket.join(room);
  socket.on("message", (text) => io.to(room).emit("message", text));
});

process.on("SIGUSR2", () => global.gc()); // asked for by the measurement of idle connections alone
process.on("SIGTERM", () => process.exit(0));
web.listen(Number(process.env.PORT), "127.0.0.1");
