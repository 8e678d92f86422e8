import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { overBudget } from "../../../src/probe/budget.ts";
import { probeUntil } from "../../../src/probe/loop.ts";
import { outageOf } from "../../../src/probe/outage.ts";
import { ACCEPTED, type ProbeSettings } from "../../../src/probe/sample.ts";
import { parseTarget, targetText } from "../../../src/probe/target.ts";

const open: Server[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) {
    server.close();
    if ("closeAllConnections" in server)
      (server as unknown as { closeAllConnections(): void }).closeAllConnections();
  }
});

const listening = async (server: Server, port = 0): Promise<number> => {
  server.listen(port, "127.0.0.1");
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
  serverHeader: "x-served-by",
  verify: false,
  ...more,
});

/** Asks until a number of requests has been made. */
const ask = (wish: ProbeSettings, requests: number): ReturnType<typeof probeUntil> =>
  probeUntil(wish, new Promise((resolve) => setTimeout(resolve, requests * wish.everyMs)));

test("HTTP: each request is a connection of its own, and says who answered.", async () => {
  let connections = 0;
  const server = createServer((_request, response) => {
    response.writeHead(200, { "x-served-by": "lb1" }).end("hello\nworld\n");
  });
  server.on("connection", () => {
    connections += 1;
  });
  const samples = await ask(settings(await listening(server)), 20);
  expect(samples.length).toBe(connections);
  expect(samples[0]).toMatchObject({ status: 200, error: null, server: "lb1", body: "hello" });
  expect(outageOf(samples)).toMatchObject({ failed: 0, windows: [] });
});

test("An open loop goes on asking while nobody answers, and each cause has its name.", async () => {
  const deaf = await listening(createTcpServer());
  const waiting = await ask(settings(deaf, { timeoutMs: 300 }), 20);
  expect(new Set(waiting.map(({ error }) => error))).toEqual(new Set(["timeout"]));
  expect(waiting.length).toBeGreaterThan(5);
  const closed = createTcpServer();
  const port = await listening(closed);
  await new Promise((resolve) => closed.close(resolve));
  const refused = outageOf(await ask(settings(port), 5));
  expect(Object.keys(refused.errors)).toEqual(["ECONNREFUSED"]);
  expect(refused.failed).toBe(refused.requests);
});

test("HTTPS: a certificate of our own is taken, unless it has to be valid.", async () => {
  const pem = (name: string): Buffer =>
    readFileSync(fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url)));
  const server = createSecureServer({ key: pem("leaf.key"), cert: pem("leaf.crt") }, (_request, response) => {
    response.end("ok");
  });
  const port = await listening(server as unknown as Server);
  const [first] = await ask(settings(port, { scheme: "https" }), 3);
  expect(first).toMatchObject({ status: 200, error: null });
  const [strict] = await ask(settings(port, { scheme: "https", verify: true }), 3);
  expect(strict?.error).toMatch(/VERIFY|SIGNED|CERT/);
});

test("TCP: a connection is an answer, whatever is behind it.", async () => {
  const samples = await ask(settings(await listening(createTcpServer()), { scheme: "tcp" }), 5);
  expect(samples[0]).toMatchObject({ status: ACCEPTED, error: null });
  expect(outageOf(samples).failed).toBe(0);
});

test("A gap longer than the budget is said with both figures; without a budget nothing is too long.", () => {
  const outage = outageOf([
    { startedAt: 0, endedAt: 1, status: 200, error: null, server: null, body: "" },
    { startedAt: 700, endedAt: 701, status: 200, error: null, server: null, body: "" },
  ]);
  expect(overBudget(outage, 500)).toBe(
    "there was no answer for 700 ms, longer than the 500 ms that are allowed",
  );
  expect([overBudget(outage, 700), overBudget(outage, null)]).toEqual([null, null]);
});

test.each([
  ["http://192.0.2.10/", { scheme: "http", host: "192.0.2.10", port: 80, path: "/" }],
  ["https://[2001:db8::1]:8443/a?b=c", { scheme: "https", host: "2001:db8::1", port: 8443, path: "/a?b=c" }],
  ["tcp://lb.example:443", { scheme: "tcp", host: "lb.example", port: 443, path: "" }],
])("%s is understood, and written as it was.", (text, target) => {
  expect(parseTarget(text)).toEqual(target);
  const parsed = parseTarget(text);
  expect(parsed === null ? null : targetText(parsed)).toBe(text);
});

test.each(["tcp://lb.example", "ftp://lb.example/", "192.0.2.10", ""])("%j is no target.", (text) => {
  expect(parseTarget(text)).toBeNull();
});
