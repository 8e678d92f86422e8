import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runProgram } from "../../../src/cli/program.ts";
import { recordIo } from "./io.ts";

// What commands load when they are needed is loaded here: a test's time is not meant for it.
await import("../../../src/cli/commands/lint.ts");
await import("../../../src/cli/commands/predict.ts");
await import("../../../src/cli/node-pairs.ts");

let cwd = "";

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "lbplay-lint-"));
});

afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(cwd, path)), { recursive: true });
  writeFileSync(join(cwd, path), text);
};

const lbplay = async (...words: readonly string[]) => {
  const { io, stdout, stderr } = recordIo(cwd);
  const code = await runProgram(words, io);
  return { code, stdout: stdout(), stderr: stderr() };
};

interface Shown {
  readonly summary: { readonly error: number };
  readonly pairs: readonly {
    readonly name: string;
    readonly nodes: readonly string[];
    readonly findings: readonly {
      readonly rule: string;
      readonly nodes: readonly string[];
      readonly at: { readonly file: string } | null;
    }[];
  }[];
  readonly notes: readonly string[];
}

const json = async (...words: readonly string[]): Promise<Shown> =>
  JSON.parse((await lbplay("lint", "--output", "json", ...words)).stdout) as Shown;

const haproxy = (server: string): string => `global
    stats socket /run/haproxy/admin.sock mode 660 level admin
    hard-stop-after 10m
    log 127.0.0.1:514 local0
defaults
    mode http
    log global
    option httplog
    option redispatch
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout http-request 10s
frontend web
    bind 192.0.2.100:80
    default_backend app
backend app
    ${server}
    server web2 192.0.2.22:80 check
`;

const CHECKED = "server web1 192.0.2.21:80 check";
const UNCHECKED = "server web1 192.0.2.21:80";

test("Files of one directory are one node's, whatever is between it and the file; content tells whose they are.", async () => {
  put("lb1/etc/haproxy/haproxy.cfg", haproxy(CHECKED));
  put("lb1/etc/keepalived/keepalived.conf", "vrrp_instance VI_1 {\n    virtual_router_id 51\n}\n");
  put("lb2/main.txt", haproxy(UNCHECKED));
  const shown = await json(
    "lb1/etc/haproxy/haproxy.cfg",
    "lb1/etc/keepalived/keepalived.conf",
    "lb2/main.txt",
  );
  expect(shown.pairs.map(({ name, nodes }) => [name, nodes])).toEqual([["files", ["lb1", "lb2"]]]);
  const unchecked = shown.pairs[0]?.findings.filter(({ rule }) => rule === "H05");
  expect(unchecked?.map(({ nodes, at }) => [nodes, at?.file])).toEqual([[["lb2"], "lb2/main.txt"]]);
  expect(shown.notes).toContain("No configuration of keepalived was given for lb2.");
});

test("A directory stands for the files in it, and NODE: says whose a file is.", async () => {
  put("lb1/haproxy.cfg", haproxy(CHECKED));
  put("lb1/notes.md", "# not looked at\n");
  put("second.cfg", haproxy(CHECKED));
  const shown = await json("lb1", "lb2:second.cfg");
  expect(shown.pairs[0]?.nodes).toEqual(["lb1", "lb2"]);
});

test("One node's files alone are looked at by themselves.", async () => {
  put("haproxy.cfg", haproxy(UNCHECKED));
  const { code, stdout } = await lbplay("lint", "haproxy.cfg");
  expect(code).toBe(0);
  expect(stdout).toContain("haproxy.cfg:18:5: warning: ");
  expect(stdout).toContain("  > 18 |     server web1 192.0.2.21:80\n");
  expect(stdout).toContain("[H05]");
  expect(stdout).toContain("One node alone was given: what two nodes have to agree on was not looked at.");
});

test("What a keepalived.conf includes is read with it.", async () => {
  put("lb1/keepalived.conf", "include parts/*.conf\n");
  put("lb1/parts/vi.conf", "vrrp_instance VI_1 {\n    auth_pass 12345\n}\n");
  put("lb1/parts/.hidden.conf", "vrrp_instance VI_2 {\n}\n");
  const { stdout } = await lbplay("predict", "--output", "json", "lb1/keepalived.conf");
  expect(JSON.parse(stdout)).toMatchObject({ pairs: [{ nodes: ["lb1"] }] });
});

test("The exit code follows the severity that is asked for, and rules can be chosen.", async () => {
  put("haproxy.cfg", haproxy(CHECKED).replace("timeout http-request 10s", "timeout queue 50"));
  const only = (...words: readonly string[]) => lbplay("lint", "haproxy.cfg", "--rule", "H07", ...words);
  expect((await only()).code).toBe(0);
  expect((await only("--severity", "warning")).code).toBe(1);
  const none = await lbplay("lint", "haproxy.cfg", "--rule", "H05,H21", "--severity", "info");
  expect(none.code).toBe(0);
  expect(none.stdout).toContain("1 node held against 2 rules: no error, no warning\n");
});

test("Secrets are neither in the lines that are shown nor in messages, whatever the output.", async () => {
  const secret = haproxy(UNCHECKED).replace(
    "frontend web\n",
    "listen stats\n    bind 192.0.2.11:8404\n    stats enable\n    stats auth admin:geheimnis\nfrontend web\n",
  );
  put("lb1/haproxy.cfg", secret);
  put("lb2/haproxy.cfg", secret.replace("geheimnis", "anderes99"));
  for (const output of ["plain", "json", "sarif"]) {
    const { stdout } = await lbplay("lint", "lb1", "lb2", "--output", output);
    expect(stdout).toContain("H05");
    expect(stdout).not.toMatch(/geheimnis|anderes99/);
  }
});

test("A version that is given, or that lbplay wrote into the file, is the version that reads it.", async () => {
  put("haproxy.cfg", haproxy(CHECKED));
  const findings = async (...words: readonly string[]) =>
    (await json("haproxy.cfg", "--rule", "H14", ...words)).pairs[0]?.findings.length;
  expect(await findings()).toBe(0);
  expect(await findings("--haproxy-version", "1.7.0")).toBe(1);
  const marker = "# Managed by lbplay (haproxy_config) for HAProxy 1.7; edits are overwritten.\n";
  put("haproxy.cfg", marker + haproxy(CHECKED));
  expect(await findings()).toBe(1);
});

test("A rule is explained with an example of what it finds.", async () => {
  const { code, stdout } = await lbplay("lint", "--explain", "H05");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^H05 \(error\): /);
  expect(stdout).toContain("Fix: ");
  expect(stdout).toContain("[H05]\n");
  expect(stdout).toContain("As it should be");
});

test.each([
  [[], "nothing is given to look at", "name configuration files"],
  [["--live", "x.cfg"], "--live reads the nodes, so x.cfg says nothing", "leave one of the two out"],
  [["x.cfg"], "there is no file x.cfg", "name configuration files"],
  [["notes.txt"], "notes.txt is neither a haproxy.cfg nor a keepalived.conf", ""],
  [["site.yaml"], "site.yaml is neither a haproxy.cfg nor a keepalived.conf", "add -i INVENTORY"],
  [
    ["a.conf", "b.conf"],
    "a.conf and b.conf would both be the keepalived.conf of node",
    "lb1:a.conf lb2:b.conf",
  ],
  [["empty"], "there is no *.cfg and no *.conf in empty", ""],
  [["--rule", "h5", "a.conf"], "no rule is called h5", "did you mean H05?"],
  [["--explain", "Z99"], "no rule is called Z99", "docs/rules.md lists them all"],
  [["--haproxy-version", "new", "a.conf"], "Expected a version", "see lbplay lint --help"],
  [["--live"], "no inventory is given", "name one with -i"],
] as const)("lint %j is refused: %s", async (words, message, hint) => {
  put("notes.txt", "hello\n");
  put("site.yaml", "- hosts: lb\n");
  put("a.conf", "vrrp_instance A {\n}\n");
  put("b.conf", "vrrp_instance B {\n}\n");
  mkdirSync(join(cwd, "empty"));
  const { code, stdout, stderr } = await lbplay("lint", ...words);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(message);
  expect(stderr).toContain(hint);
});
