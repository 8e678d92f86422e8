import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { holdUntil } from "../../../src/probe/held.ts";
import { canHoldThere, heldOf, startHoldScript, stopHoldScript } from "../../../src/probe/held-remote.ts";
import type { ProbeSettings } from "../../../src/probe/sample.ts";

const open: Server[] = [];
const sockets = new Set<Socket>();

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of open.splice(0)) server.close();
  sockets.clear();
});

const listening = async (server: Server): Promise<number> => {
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push(server);
  return (server.address() as AddressInfo).port;
};

const settings = (port: number, more: Partial<ProbeSettings> = {}): ProbeSettings => ({
  scheme: "http",
  host: "127.0.0.1",
  port,
  path: "/",
  everyMs: 5,
  timeoutMs: 5000,
  serverHeader: "",
  verify: false,
  ...more,
});

/** A stop that somebody pulls. */
const stopping = (): { readonly stop: Promise<void>; readonly end: () => void } => {
  let end: () => void = () => undefined;
  const stop = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { stop, end: () => end() };
};

test("Connections stay open and busy; a reset with a request under way is a cut, a close between two is none.", async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    if (asked <= 8) response.end();
  });
  const { stop, end } = stopping();
  const held = holdUntil(settings(await listening(server)), 2, stop);
  await expect.poll(() => asked).toBeGreaterThan(9);
  const [first, second] = [...sockets];
  first?.resetAndDestroy();
  await expect.poll(() => sockets.size).toBe(2);
  second?.resetAndDestroy();
  await new Promise((resolve) => setTimeout(resolve, 200));
  end();
  const report = await held;
  expect(report).toMatchObject({ opened: 2, ended: 0 });
  expect(report.cutAt).toHaveLength(2);
});

test("A server that says goodbye has not cut anything, and one that is silent for too long has.", async () => {
  const polite = createServer((_request, response) => {
    response.writeHead(200, { connection: "close" }).end();
  });
  const first = stopping();
  const ended = holdUntil(settings(await listening(polite)), 3, first.stop);
  expect(await ended).toEqual({ opened: 3, cutAt: [], ended: 3 });
  const deaf = createTcpServer();
  const second = stopping();
  const silent = await holdUntil(settings(await listening(deaf), { timeoutMs: 300 }), 2, second.stop);
  expect(silent).toMatchObject({ opened: 2, ended: 0, cutAt: [expect.any(Number), expect.any(Number)] });
});

test("Where nothing listens none is opened; by TCP a connection is only held.", async () => {
  const server = createTcpServer();
  const port = await listening(server);
  const { stop, end } = stopping();
  const held = holdUntil(settings(port, { scheme: "tcp" }), 2, stop);
  await expect.poll(() => sockets.size).toBe(2);
  end();
  expect(await held).toEqual({ opened: 2, cutAt: [], ended: 0 });
  await new Promise((resolve) => server.close(resolve));
  const later = stopping();
  expect(await holdUntil(settings(port), 2, later.stop)).toEqual({ opened: 0, cutAt: [], ended: 0 });
});

test("A shell elsewhere holds connections too, and tells the same.", async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.end();
  });
  const port = await listening(server);
  const sh = (script: string): string => spawnSync("sh", ["-c", script], { encoding: "utf8" }).stdout.trim();
  const directory = sh(startHoldScript(settings(port), 3));
  await expect.poll(() => asked).toBeGreaterThan(8);
  const [first] = [...sockets];
  first?.resetAndDestroy();
  await expect.poll(() => [...sockets].filter((socket) => socket.destroyed).length).toBe(1);
  const before = asked;
  await expect.poll(() => asked).toBeGreaterThan(before + 3);
  const report = heldOf(sh(stopHoldScript(directory)));
  expect(report.opened).toBe(3);
  expect(report.cutAt.length + report.ended).toBe(1);
  expect(canHoldThere({ scheme: "https" })).toBe(false);
});
