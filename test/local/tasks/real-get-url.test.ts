import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getUrl } from "../../../src/tasks/get-url/get-url.ts";
import { actHere, SHELLS, testDirectory } from "../../unit/tasks/local-node.ts";

const BODY = "the file\n";
const SHA256 = createHash("sha256").update(BODY).digest("hex");
const SHA1 = createHash("sha1").update(BODY).digest("hex");

/** A server of its own process: the tests run their shells synchronously. */
const SERVER = `
const { createServer } = require("node:http");
const server = createServer((request, response) => {
  const { authorization = "", "x-ask": ask = "", "user-agent": agent } = request.headers;
  if (request.url === "/moved") return response.writeHead(302, { location: "/file" }).end();
  if (request.url === "/closed" && authorization !== "Basic " + Buffer.from('us"er:p\\\\ss w').toString("base64")) return response.writeHead(401).end();
  if (request.url === "/asked" && (ask !== "a b" || agent !== "tester")) return response.writeHead(400).end();
  if (request.url === "/sums") return response.end("${"0".repeat(64)}  other\\n${SHA256} *./file\\n");
  if (request.url === "/sum") return response.end("${SHA256.toUpperCase()}\\n");
  if (request.url === "/gone") return response.writeHead(404).end("no");
  response.end(${JSON.stringify(BODY)});
}).listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

let server: ChildProcess;
let base = "";

beforeAll(async () => {
  server = spawn(process.execPath, ["-e", SERVER], { stdio: ["ignore", "pipe", "inherit"] });
  if (server.stdout === null) throw new Error("the server has no output");
  const [port] = await once(server.stdout, "data");
  base = `http://127.0.0.1:${String(port).trim()}`;
});

afterAll(() => {
  server.kill();
  for (const path of paths.values()) rmSync(path, { recursive: true });
});

/** A PATH in which one of the tools is missing: thousands of links, made once for each tool. */
const pathWithout = (tool: string): string => {
  const known = paths.get(tool);
  if (known !== undefined) return known;
  const home = mkdtempSync(join(tmpdir(), "lbplay-test-"));
  paths.set(tool, home);
  for (const directory of ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]) {
    if (!existsSync(directory)) continue;
    for (const name of readdirSync(directory)) {
      if (name !== tool && !existsSync(`${home}/${name}`))
        symlinkSync(`${directory}/${name}`, `${home}/${name}`);
    }
  }
  return home;
};

const paths = new Map<string, string>();

const tools = [
  { tool: "curl", other: "wget" },
  { tool: "wget", other: "curl" },
].filter(({ tool }) => spawnSync("sh", ["-c", `command -v ${tool}`]).status === 0);

describe.each(tools.flatMap((tool) => SHELLS.map((shell) => ({ ...tool, shell, name: shell.join(" ") }))))(
  "$tool under $name",
  ({ tool, other, shell }) => {
    const environment = { PATH: pathWithout(other), no_proxy: "127.0.0.1" };
    const get = (params: Record<string, string | boolean | Record<string, string>>) =>
      actHere(getUrl, { url: `${base}/file`, ...params }, shell, environment);

    test("a file is downloaded once, with its mode, and left alone afterwards", () => {
      const dest = `${testDirectory()}/it's here`;
      expect(get({ dest, mode: "0600" })).toEqual({
        changed: true,
        failed: false,
        msg: null,
        values: {
          url: `${base}/file`,
          dest,
          status_code: tool === "curl" ? 200 : null,
          checksum_src: SHA1,
          checksum_dest: SHA1,
        },
      });
      expect([readFileSync(dest, "utf8"), statSync(dest).mode & 0o777]).toEqual([BODY, 0o600]);
      expect(get({ dest }).msg).toBe("file already exists");
      expect(get({ dest, force: true }).changed).toBe(false);
      expect(get({ dest, mode: "0640" })).toMatchObject({ changed: true, failed: false });
      expect(statSync(dest).mode & 0o777).toBe(0o640);
    });

    test("a file with another checksum is replaced, a download with another checksum never lands", () => {
      const home = testDirectory();
      writeFileSync(`${home}/file`, "old");
      expect(get({ dest: home, checksum: `sha256:${SHA256}` })).toMatchObject({
        changed: true,
        failed: false,
      });
      expect(readFileSync(`${home}/file`, "utf8")).toBe(BODY);
      const wrong = get({ dest: home, checksum: `sha256:${"1".repeat(64)}` });
      expect(wrong.failed).toBe(true);
      expect(wrong.msg).toContain(`is ${SHA256}, not ${"1".repeat(64)}`);
      expect(readdirSync(home)).toEqual(["file"]);
    });

    test.each(["sums", "sum"])("the checksum may come from a list (%s)", (list) => {
      const dest = `${testDirectory()}/x`;
      const checksum = `sha256:${base}/${list}`;
      expect(get({ dest, checksum })).toMatchObject({ changed: true, failed: false });
      expect(get({ dest, checksum })).toMatchObject({ changed: false, failed: false });
    });

    test("names, passwords and headers reach the server whatever is in them", () => {
      const home = testDirectory();
      const login = { url_username: 'us"er', url_password: "p\\ss w" };
      expect(get({ url: `${base}/closed`, dest: `${home}/a`, ...login })).toMatchObject({ failed: false });
      const inUrl = `${base}/closed`.replace("//", `//us%22er:${encodeURIComponent("p\\ss w")}@`);
      expect(get({ url: inUrl, dest: `${home}/e` })).toMatchObject({ failed: false });
      expect(get({ url: `${base}/closed`, dest: `${home}/b`, use_netrc: false })).toMatchObject({
        failed: true,
      });
      const asked = { headers: { "X-Ask": "a b" }, http_agent: "tester" };
      expect(get({ url: `${base}/asked`, dest: `${home}/c`, ...asked })).toMatchObject({ failed: false });
      expect(get({ url: `${base}/moved`, dest: `${home}/d` })).toMatchObject({ failed: false });
      expect(readdirSync(home).sort()).toEqual(["a", "c", "d", "e"]);
    });

    test("a page that is not there leaves what is there, and says so", () => {
      const home = testDirectory();
      mkdirSync(`${home}/d`);
      const report = get({ url: `${base}/gone`, dest: `${home}/d/x` });
      expect(report.failed).toBe(true);
      expect(report.msg).toContain("404");
      expect(readdirSync(`${home}/d`)).toEqual([]);
      expect(get({ dest: `${home}/none/x` }).msg).toContain(`the directory ${home}/none does not exist`);
    });
  },
);

test("a node with neither curl nor wget says so", () => {
  const home = testDirectory();
  const path = testDirectory();
  for (const name of readdirSync(pathWithout("curl")))
    if (name !== "wget") symlinkSync(`${pathWithout("curl")}/${name}`, `${path}/${name}`);
  const report = actHere(getUrl, { url: `${base}/file`, dest: `${home}/x` }, ["sh"], { PATH: path });
  expect(report.msg).toContain("neither curl nor wget is installed");
});
