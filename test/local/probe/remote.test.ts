import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { outageOf } from "../../../src/probe/outage.ts";
import { samplesOf, startScript, stopScript } from "../../../src/probe/remote.ts";
import { ACCEPTED, type ProbeSettings } from "../../../src/probe/sample.ts";

const sh = promisify(execFile);

const settings = (port: number, scheme: ProbeSettings["scheme"]): ProbeSettings => ({
  scheme,
  host: "127.0.0.1",
  port,
  path: "/",
  everyMs: 50,
  timeoutMs: 2000,
  serverHeader: "x-served-by",
  verify: false,
});

test.each(["http", "tcp"] as const)(
  "A client in sh asks by %s until it is stopped, and leaves nothing.",
  async (scheme) => {
    let asked = 0;
    const server = createServer((_request, response) => response.end("ok"));
    server.on("connection", () => {
      asked += 1;
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { stdout } = await sh("sh", ["-c", startScript(settings(port, scheme))]);
    const directory = stdout.trim();
    await expect.poll(() => asked, { timeout: 30_000 }).toBeGreaterThan(3);
    const { stdout: log } = await sh("sh", ["-c", stopScript(directory, 2000)]);
    const samples = samplesOf(log, { scheme });
    expect(samples.length).toBeGreaterThan(3);
    expect(samples[0]).toMatchObject({ status: scheme === "tcp" ? ACCEPTED : 200, error: null });
    expect(outageOf(samples).failed).toBe(0);
    await expect(sh("ls", [directory])).rejects.toThrow();
    server.close();
  },
  60_000,
);

test("What is missing on the machine is said.", async () => {
  const script = `command() { case "$2" in curl) return 1 ;; *) return 0 ;; esac; }\n${startScript(settings(1, "http"))}`;
  await expect(sh("sh", ["-c", script])).rejects.toThrow(/there is no curl there: install it/);
});

test("Failures have the names that they have here.", () => {
  const log = "1000 1005 0 200\n1050 3050 28 000\n1100 1101 7 000\n1150 1155 0 503\n";
  expect(outageOf(samplesOf(log, { scheme: "http" })).errors).toEqual({
    timeout: 1,
    ECONNREFUSED: 1,
    "status 503": 1,
  });
});
