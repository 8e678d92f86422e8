import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { isDict, type Value } from "../../../src/core/value.ts";
import { apt } from "../../../src/tasks/apt/apt.ts";
import { command } from "../../../src/tasks/command/command.ts";
import { group } from "../../../src/tasks/group/group.ts";
import { hostname as hostnameTask } from "../../../src/tasks/hostname/hostname.ts";
import { packageTask } from "../../../src/tasks/package/package.ts";
import { ping } from "../../../src/tasks/ping/ping.ts";
import { service } from "../../../src/tasks/service/service.ts";
import { setup } from "../../../src/tasks/setup/setup.ts";
import { shell } from "../../../src/tasks/shell/shell.ts";
import { systemd } from "../../../src/tasks/systemd/systemd.ts";
import { user } from "../../../src/tasks/user/user.ts";
import { waitFor } from "../../../src/tasks/wait-for/wait-for.ts";
import { actHere, planHere, SHELLS, testDirectory } from "../../unit/tasks/local-node.ts";

const debian = existsSync("/usr/bin/dpkg-query");

describe.each(SHELLS.map((words) => [words.join(" "), words] as const))("under %s", (_name, sh) => {
  test("The facts of this machine are the ones that Node knows.", () => {
    const facts = planHere(setup, {}, [], sh).values.ansible_facts ?? null;
    if (!isDict<Value>(facts)) throw new Error("setup gives a mapping");
    const { username, uid, homedir } = userInfo();
    const [release = ""] = execFileSync("uname", ["-r"], { encoding: "utf8" }).split("\n");
    expect(
      ["hostname", "kernel", "user_id", "user_uid", "user_dir", "system"].map((name) =>
        facts.get(`ansible_${name}`),
      ),
    ).toEqual([hostname().split(".")[0], release, username, uid, homedir, "Linux"]);
    const total = /MemTotal:\s+(\d+)/.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
    expect(facts.get("ansible_memtotal_mb")).toBe(Math.floor(Number(total) / 1024));
    expect(facts.get("ansible_interfaces")).toContain("lo");
  });

  test("Local facts with spaces in their names are read, programs are not run.", () => {
    const directory = testDirectory();
    writeFileSync(join(directory, "my pair.fact"), '{"a": 1}');
    writeFileSync(join(directory, "run.fact"), "#!/bin/sh\ntouch ran\n", { mode: 0o755 });
    const params = { gather_subset: ["!all"], fact_path: directory, filter: "local" };
    const facts = planHere(setup, params, [], sh).values.ansible_facts ?? null;
    if (!isDict<Value>(facts)) throw new Error("setup gives a mapping");
    expect(facts.get("ansible_local")).toEqual(
      new Map<Value, Value>([
        ["my pair", new Map([["a", 1]])],
        ["run", `${directory}/run.fact is a program: facts are only read, so it was not run`],
      ]),
    );
    expect(existsSync(join(directory, "ran"))).toBe(false);
  });

  test.skipIf(!debian)("dpkg itself is installed, whoever asks.", () => {
    // Where many packages can be had, apt takes a second to read their lists, each time; it need not for this.
    const lists = testDirectory();
    writeFileSync(join(lists, "apt.conf"), `Dir::State::lists "${lists}";\n`);
    vi.stubEnv("APT_CONFIG", join(lists, "apt.conf"));
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(planHere(apt, { name: "dpkg" }, [], sh).plan).toEqual({ kind: "converged" });
    expect(planHere(packageTask, { name: ["dpkg"] }, [], sh).plan).toEqual({ kind: "converged" });
    expect(planHere(apt, { name: "dpkg>=1.0" }, [], sh).plan).toEqual({ kind: "converged" });
    expect(planHere(apt, { name: "no-such-package-at-all", state: "absent" }, [], sh).plan).toEqual({
      kind: "converged",
    });
  });

  test("root and its group are there, somebody else is not.", () => {
    expect(planHere(user, { name: "root", create_home: false }, [], sh).plan).toEqual({ kind: "converged" });
    expect(planHere(group, { name: "root", gid: 0 }, [], sh).plan).toEqual({ kind: "converged" });
    expect(planHere(user, { name: "nobody-of-lbplay", state: "absent" }, [], sh).plan).toEqual({
      kind: "converged",
    });
    expect(planHere(user, { name: "nobody-of-lbplay", group: "no-such-group" }, [], sh).plan).toEqual({
      kind: "blocked",
      reason: "Group no-such-group does not exist",
    });
  });

  test("The live host name is found.", () => {
    const { plan } = planHere(hostnameTask, { name: "a-name-that-nobody-has" }, [], sh);
    if (plan.kind !== "changes") throw new Error("the name differs");
    expect(plan.changes.map(({ view }) => view.before)).toContain(hostname());
  });

  test("A unit that nobody has blocks, with or without systemd.", () => {
    const { plan } = planHere(systemd, { name: "no-such-unit", enabled: true }, [], sh);
    expect(plan.kind).toBe("blocked");
    expect(planHere(service, { name: "no-such-unit", state: "started" }, [], sh).plan.kind).toBe("blocked");
  });

  test("A ping is answered.", () => {
    expect(planHere(ping, {}, [], sh)).toMatchObject({
      plan: { kind: "converged" },
      values: { ping: "pong" },
    });
  });

  test("A command gets its words, its directory and its input.", () => {
    const directory = testDirectory();
    const { values, failed } = actHere(
      command,
      { argv: ["printf", "%s|", "a b", "$HOME", "", "it's"], chdir: directory },
      sh,
      { HOME: "/here" },
    );
    expect([failed, values.rc, values.stdout]).toEqual([false, 0, "a b|/here||it's|"]);
    const fed = actHere(command, { cmd: "cat -", stdin: "x\ny" }, sh);
    expect([fed.values.stdout_lines, fed.values.delta]).toEqual([
      ["x", "y"],
      expect.stringMatching(/^0:00:0\d/),
    ]);
  });

  test("A command that fails is a report, not an exception.", () => {
    const { failed, msg, values } = actHere(shell, { cmd: "echo out; echo err >&2; exit 3" }, sh);
    expect([failed, msg, values.rc, values.stdout, values.stderr]).toEqual([
      true,
      "non-zero return code",
      3,
      "out",
      "err",
    ]);
    const broken = actHere(shell, { cmd: 'echo "unclosed' }, sh);
    expect([broken.failed, broken.values.rc === 0]).toEqual([true, false]);
  });

  test("creates and removes take patterns, from the directory that the command runs in.", () => {
    const directory = testDirectory();
    mkdirSync(join(directory, "sub dir"));
    writeFileSync(join(directory, "sub dir", "a [1].pem"), "");
    const ran = (args: Readonly<Record<string, string>>) =>
      actHere(command, { cmd: "true", chdir: join(directory, "sub dir"), ...args }, sh).changed;
    expect(ran({ creates: "*.pem" })).toBe(false);
    expect(ran({ creates: "*.key" })).toBe(true);
    expect(ran({ removes: "a ?1?.pem" })).toBe(true);
    expect(ran({ removes: "b*" })).toBe(false);
  });

  test("Waiting ends when a file is there, and when the time is over.", () => {
    const directory = testDirectory();
    const path = join(directory, "log");
    writeFileSync(path, "x\nServer web1 is UP\n");
    const found = actHere(waitFor, { path, search_regex: "is (UP|DOWN)$", timeout: 60 }, sh);
    expect([found.failed, found.values.match_groups]).toEqual([false, ["UP"]]);
    const gone = actHere(waitFor, { path: `${path}2`, state: "absent", timeout: 60 }, sh);
    expect(gone.failed).toBe(false);
    expect(gone.values.elapsed).toBeLessThan(60);
    const late = actHere(waitFor, { path: `${path}2`, timeout: 0 }, sh);
    expect([late.failed, late.msg]).toEqual([true, `Timeout when waiting for file ${path}2`]);
  });

  test("A port that listens answers, one that does not is stopped and drained.", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a port has a number");
    const { port } = address;
    expect(actHere(waitFor, { port, timeout: 3 }, sh).failed).toBe(false);
    expect(actHere(waitFor, { port, state: "stopped", timeout: 0 }, sh).msg).toBe(
      `Timeout when waiting for 127.0.0.1:${port} to stop.`,
    );
    await new Promise((resolve) => server.close(resolve));
    expect(actHere(waitFor, { port, timeout: 0 }, sh).failed).toBe(true);
    expect(actHere(waitFor, { port, state: "stopped", timeout: 3 }, sh).failed).toBe(false);
    expect(actHere(waitFor, { port: 1, host: "0.0.0.0", state: "drained", timeout: 3 }, sh).failed).toBe(
      false,
    );
  });
});
