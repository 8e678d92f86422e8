import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Action, ActionOutcome } from "../../../../src/core/action.ts";
import { coerce } from "../../../../src/core/coerce.ts";
import type { ActionReport, Params } from "../../../../src/core/task.ts";
import { dict, toJson, type Value } from "../../../../src/core/value.ts";
import { uri } from "../../../../src/tasks/uri/uri.ts";

let server: Server;
let base: string;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "lbplay-test-"));
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const seen = {
        method: request.method,
        type: request.headers["content-type"] ?? null,
        authorization: request.headers.authorization ?? null,
        token: request.headers["x-token"] ?? null,
        body: Buffer.concat(chunks).toString("utf8"),
      };
      if (request.url === "/moved") {
        response.writeHead(302, "Found", { Location: "/text" }).end();
      } else if (request.url === "/text") {
        response.writeHead(200, "OK", { "Content-Type": "text/plain", "Set-Cookie": ["a=1; Path=/", "b=2"] });
        response.end("über\n");
      } else if (request.url === "/missing") {
        response.writeHead(404, "Not Found", { "Content-Type": "text/plain" }).end("no such page");
      } else {
        response.writeHead(200, "OK", { "Content-Type": "application/json" }).end(JSON.stringify(seen));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on TCP has an address of this form.
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

const sh = (action: Action, path: string): Promise<ActionOutcome> => {
  if (action.kind !== "script") throw new Error("a request is a script");
  return new Promise((resolve) => {
    const child = spawn("/bin/sh", ["-c", action.script], { env: { PATH: path, TMPDIR: directory } });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("close", (code) =>
      resolve({ code: code ?? 255, stdout: Buffer.concat(out), stderr: Buffer.concat(err) }),
    );
    child.stdin.end(action.stdin);
  });
};

const request = async (
  args: Readonly<Record<string, Value>>,
  path = process.env.PATH ?? "/usr/bin:/bin",
): Promise<ActionReport> => {
  const { value, faults } = coerce(uri.schema, dict(args));
  expect(faults).toEqual([]);
  expect(uri.rules(value as Params)).toEqual([]);
  const bound = uri.bind(value as Params, []);
  if (bound.kind !== "action") throw new Error("uri is an action module");
  const { decision, report } = bound.probe.parse([]);
  if (decision.kind !== "run") throw new Error("a request without guards is made");
  return report([await sh(decision.actions[0], path)]);
};

/** Without what every run changes. */
const shown = ({ values, ...rest }: ActionReport) => {
  const { date, elapsed, connection, keep_alive, transfer_encoding, ...kept } = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, toJson(value)]),
  );
  return { ...rest, values: kept };
};

/** The tools a request needs, without curl: what a node has that only has wget. */
const withoutCurl = (): string => {
  const bin = mkdtempSync(join(directory, "bin-"));
  for (const name of [
    "wget",
    "grep",
    "sed",
    "head",
    "tail",
    "cat",
    "wc",
    "date",
    "mktemp",
    "rm",
    "cmp",
    "mv",
    "chmod",
    "chown",
    "cp",
  ])
    symlinkSync(`/usr/bin/${name}`, join(bin, name));
  return bin;
};

describe.each([
  ["curl", () => process.env.PATH ?? "/usr/bin:/bin"],
  ["wget", withoutCurl],
])("by %s", (_tool, pathOf) => {
  test("An answer of 200 succeeds, redirects are followed, and headers come in lower case.", async () => {
    const report = await request({ url: `${base}/moved`, return_content: true }, pathOf());
    const { url, ...values } = shown(report).values;
    expect({ ...shown(report), values }).toEqual({
      changed: false,
      failed: false,
      msg: "OK (unknown bytes)",
      values: {
        status: 200,
        redirected: _tool === "curl",
        content_type: "text/plain",
        set_cookie: "a=1; Path=/, b=2",
        cookies: { a: "1", b: "2" },
        cookies_string: "a=1; b=2",
        content: "über\n",
      },
    });
    expect(url).toBe(_tool === "curl" ? `${base}/text` : `${base}/moved`);
  });

  test("Data is sent as JSON with its type, headers and credentials, and JSON comes back as data.", async () => {
    const report = await request(
      {
        url: `${base}/echo`,
        method: "POST",
        body_format: "json",
        body: new Map<Value, Value>([
          ["vip", "10.0.0.1"],
          ["on", true],
          ["n", null],
        ]),
        headers: dict({ "X-Token": 'a"b\\c' }),
        url_username: "ops",
        url_password: "pa:ss",
      },
      pathOf(),
    );
    expect(shown(report).values.json).toEqual({
      method: "POST",
      type: "application/json",
      authorization: `Basic ${Buffer.from("ops:pa:ss").toString("base64")}`,
      token: 'a"b\\c',
      body: '{"vip":"10.0.0.1","on":true,"n":null}',
    });
    expect([report.failed, report.changed, report.values.content]).toEqual([false, false, undefined]);
  });

  test("A form is encoded.", async () => {
    const body = new Map<Value, Value>([
      ["a b", "ü&"],
      ["list", [1, true]],
    ]);
    const report = await request(
      { url: `${base}/echo`, method: "PUT", body_format: "form-urlencoded", body },
      pathOf(),
    );
    expect(shown(report).values.json).toEqual({
      method: "PUT",
      type: "application/x-www-form-urlencoded",
      authorization: null,
      token: null,
      body: "a+b=%C3%BC%26&list=1&list=True",
    });
  });

  test("Another status fails with what the server says, unless it was asked for.", async () => {
    const failed = await request({ url: `${base}/missing` }, pathOf());
    expect([failed.failed, failed.msg, failed.values.status]).toEqual([
      true,
      "Status code was 404 and not [200]: HTTP Error 404: Not Found",
      404,
    ]);
    const wanted = await request(
      { url: `${base}/missing`, status_code: [404, 410], return_content: true },
      pathOf(),
    );
    expect([wanted.failed, wanted.values.content]).toEqual([false, "no such page"]);
  });

  test("An answer is kept as a file, once.", async () => {
    const dest = join(directory, `kept-${_tool}`);
    const first = await request({ url: `${base}/text`, dest }, pathOf());
    const second = await request({ url: `${base}/text`, dest }, pathOf());
    expect([first.changed, second.changed, second.values.path]).toEqual([true, false, dest]);
    expect(readFileSync(dest, "utf8")).toBe("über\n");
    writeFileSync(dest, "own");
    const failed = await request({ url: `${base}/missing`, dest }, pathOf());
    expect([failed.failed, failed.changed, readFileSync(dest, "utf8")]).toEqual([true, false, "own"]);
  });

  test("A server that is not there is a status of -1.", async () => {
    const report = await request({ url: "http://127.0.0.1:1/", timeout: 2 }, pathOf());
    expect([report.failed, report.values.status]).toEqual([true, -1]);
    expect(report.msg).toMatch(/^Status code was -1 and not \[200\]: Request failed: /);
  });
});

test("HEAD has no body, and redirects can be refused.", async () => {
  const head = await request({ url: `${base}/text`, method: "HEAD", return_content: true });
  expect([head.values.status, head.values.content]).toEqual([200, ""]);
  const moved = await request({ url: `${base}/moved`, follow_redirects: "none", status_code: [302] });
  expect([moved.values.status, moved.values.location, moved.values.redirected]).toEqual([
    302,
    "/text",
    false,
  ]);
});

test("Without curl and wget the node says so.", async () => {
  const bin = withoutCurl();
  rmSync(join(bin, "wget"));
  const report = await request({ url: `${base}/text` }, bin);
  expect([report.failed, report.msg]).toEqual([
    true,
    "Status code was -1 and not [200]: neither curl nor wget is there to ask with",
  ]);
});
