import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { programWords } from "../../../src/lab/program.ts";
import type { ProbeSettings, Sample } from "../../../src/probe/sample.ts";

it("hands over all its samples, also to a reader that comes late and with more than a pipe holds", async () => {
  const name = "n".repeat(10_000);
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(200, { "x-served-by": name }).end("here\n");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const settings: ProbeSettings = {
    scheme: "http",
    host: "127.0.0.1",
    port: address.port,
    path: "/",
    everyMs: 5,
    timeoutMs: 10_000,
    serverHeader: "x-served-by",
    verify: false,
  };
  const [command = "", ...words] = await programWords("prober-main");
  const child = spawn(command, words, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "close");
  child.stdin.write(`${JSON.stringify(settings)}\n`);
  const [first] = await once(child.stdout, "data");
  child.stdout.pause();
  await expect.poll(() => asked, { timeout: 20_000 }).toBeGreaterThan(200);
  child.stdin.end();
  // A reader that is busy elsewhere: nothing tells it when the pipe is full.
  await pause(1000);
  const parts: Buffer[] = [first];
  child.stdout.on("data", (part: Buffer) => parts.push(part)).resume();
  const [code] = await ended;
  server.close();
  const [ready, answer = "[]"] = Buffer.concat(parts).toString().split("\n");
  const samples = JSON.parse(answer) as readonly Sample[];
  expect({ code, ready, samples: samples.length }).toEqual({ code: 0, ready: "ready", samples: asked });
  expect(new Set(samples.map((sample) => sample.server))).toEqual(new Set([name]));
});
