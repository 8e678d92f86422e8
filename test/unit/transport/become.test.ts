import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { secret } from "../../../src/core/secret.ts";
import { type Become, TransportError } from "../../../src/core/transport.ts";
import { becomeError } from "../../../src/transport/become.ts";
import { createConnection } from "../../../src/transport/connection.ts";
import { createLocalLink } from "../../../src/transport/local.ts";
import { testAddress, testContext, withConnection, withDirectory } from "./nodes.ts";

/**
 * A stand-in for sudo that speaks its protocol: `-n` refuses to ask, `-S -p PROMPT` asks on standard error up to three
 * times and takes one line each. It becomes nobody; real ones are driven by the e2e tests on nodes.
 */
const SUDO = `#!/bin/sh
printf '%s\\n' "$*" >>"$SUDO_LOG"
ask=no
while :; do
  case $1 in
    -n) ask=never; shift ;;
    -S) ask=stdin; shift ;;
    -k|-H) shift ;;
    -p) prompt=$2; shift 2 ;;
    -u) user=$2; shift 2 ;;
    *) break ;;
  esac
done
case $user in
  root) ;;
  nobody) exec "$@" ;;
  *) echo "sudo: unknown user $user" >&2; exit 1 ;;
esac
[ "$ask" = never ] && { echo "sudo: a password is required" >&2; exit 1; }
for try in 1 2 3; do
  printf '%s' "$prompt" >&2
  IFS= read -r word || exit 1
  echo try >>"$SUDO_LOG"
  [ "$word" = "it's \\$ecret" ] && exec "$@"
  echo "Sorry, try again." >&2
done
exit 1
`;

const become = (over: Partial<Become> = {}): Become => ({
  method: "sudo",
  user: "root",
  password: null,
  flags: [],
  exe: null,
  ...over,
});

/** Runs a script through the stand-in: its result with sudo's arguments, or the fault. */
const runAs = (target: Become, stdin: Buffer = Buffer.from("words\n")) =>
  withDirectory(async (directory) => {
    await writeFile(join(directory, "sudo"), SUDO);
    await chmod(join(directory, "sudo"), 0o755);
    const log = join(directory, "log");
    const context = testContext({ PATH: `${directory}:${process.env.PATH}`, SUDO_LOG: log });
    const nonces = new Map<string, string>();
    const nonce = (): string => {
      const made = context.nonce();
      nonces.set(made, `NONCE${nonces.size}`);
      return made;
    };
    try {
      // The login user must not be root, who needs no sudo for root.
      const connection = createConnection(createLocalLink("deploy", context.environment), {
        nonce,
        openTimeoutMs: 5_000,
      });
      const shell = await connection.shell(target);
      const result = await shell
        .exec({ script: "wc -c | tr -d ' '; exit 4", stdin, timeoutMs: 10_000 })
        .finally(connection.close);
      const seen = (await readFile(log, "utf8")).trim().split("\n");
      const words = seen.map((line) => line.replace(/[0-9a-f]{32}/g, (made) => nonces.get(made) ?? made));
      return {
        code: result.code,
        stdout: result.stdout.toString(),
        trips: connection.traffic().roundTrips,
        sudo: words,
      };
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const tries = (await readFile(log, "utf8").catch(() => ""))
        .split("\n")
        .filter((line) => line === "try").length;
      return { fault: error.fault, message: error.message, tries };
    }
  });

describe("sudo", () => {
  it("starts the shell without a password, and costs no round trip of its own", async () => {
    expect(await runAs(become({ user: "nobody" }))).toEqual({
      code: 4,
      stdout: "6\n",
      trips: 1,
      sudo: ["-n -H -u nobody sh"],
    });
  });

  it("is the program that become_exe names", async () => {
    const named = await runAs(become({ user: "nobody", exe: "/nowhere/doas me" }));
    expect(named).toMatchObject({
      fault: "become-denied",
      message: expect.stringContaining("/nowhere/doas me is not installed there"),
    });
  });

  it("answers the prompt with the password, which is in no argument", async () => {
    expect(await runAs(become({ password: secret("it's $ecret") }))).toEqual({
      code: 4,
      stdout: "6\n",
      trips: 2,
      sudo: ["-k -S -p NONCE1 -H -u root sh -c printf %s NONCE0; exec sh", "try"],
    });
  });

  it("works where a password is given and none is asked", async () => {
    const result = await runAs(become({ user: "nobody", password: secret("unused") }));
    expect(result).toMatchObject({ code: 4, stdout: "6\n" });
  });

  it("sends large standard input as the same user", async () => {
    const result = await runAs(become({ password: secret("it's $ecret") }), Buffer.alloc(300_000, "\0"));
    expect(result).toMatchObject({ code: 4, stdout: "300000\n" });
  });

  it("says that the password is wrong after one try, and runs nothing", async () => {
    expect(await runAs(become({ password: secret("wrong") }))).toEqual({
      fault: "become-password",
      message: "deploy@localhost (local): the sudo password is wrong",
      tries: 1,
    });
  });

  it("says that a password is needed", async () => {
    expect(await runAs(become())).toEqual({
      fault: "become-password",
      message: "deploy@localhost (local) (sudo root): sudo to root needs a password and none was given",
      tries: 0,
    });
  });

  it("says that there is no such user", async () => {
    expect(await runAs(become({ user: "ghost" }))).toEqual({
      fault: "become-denied",
      message: "deploy@localhost (local) (sudo ghost): sudo to ghost: there is no user ghost",
      tries: 0,
    });
  });

  it("passes further flags, and none that would change how it is asked", async () => {
    const result = await runAs(become({ user: "nobody", flags: ["-H", "-S", "-n", "-k"] }));
    expect(result).toMatchObject({ sudo: ["-n -H -u nobody sh"] });
  });
});

describe("what sudo and su say", () => {
  it.each([
    ["deploy is not in the sudoers file.", 1, "become-denied", "deploy is not in the sudoers file."],
    ["Sorry, user deploy is not allowed to execute '/bin/sh' as root on lb1.", 1, "become-denied", null],
    [
      "sudo: sorry, you must have a tty to run sudo",
      1,
      "become-denied",
      "sudoers demands a terminal (requiretty)",
    ],
    ["sh: 1: exec: sudo: not found", 127, "become-denied", "sudo is not installed there"],
    ["sudo: 1 incorrect password attempt", 1, "become-password", null],
    ["su: Authentication failure", 1, "become-password", null],
    [
      "sudo: unable to allocate memory",
      1,
      "lost",
      "the shell ended before it was ready: sudo: unable to allocate memory",
    ],
  ])("becomes a fault: %s", (stderr, code, fault, said) => {
    const error = becomeError({
      label: "lb1",
      become: become(),
      stderr: `lecture\n${stderr}\n`,
      code,
      timedOut: false,
    });
    expect(error.fault).toBe(fault);
    if (said !== null) expect(error.message).toBe(`lb1: sudo to root: ${said}`);
  });
});

/** Shells that stand behind `sh` on one distribution or another. */
const SHELLS = [
  ["dash", "/bin/dash"],
  ["bash", "/bin/bash"],
  ["busybox", "/bin/busybox"],
] as const;

describe.each(SHELLS)("with %s as sh", (_name, path) => {
  it.skipIf(!existsSync(path))("frames, standard input and locks hold", async () => {
    await withDirectory(async (directory) => {
      const bin = join(directory, "bin");
      await mkdir(bin);
      await symlink(path, join(bin, "sh"));
      const bytes = Buffer.from(Array.from({ length: 255 }, (_, byte) => byte + 1));
      const results = await withConnection(
        testAddress({ connection: "local", port: null }),
        async (connection) => {
          const shell = await connection.shell(null);
          const run = (script: string, more: { stdin?: Buffer; persistent?: true } = {}) =>
            shell.exec({ script, timeoutMs: 10_000, ...more });
          return [
            await run(`exec 9>${directory}/lock; flock -n 9`, { persistent: true }),
            await run("if (", { persistent: true }),
            await run(`flock -n ${directory}/lock true || echo locked; exit 3`),
            await run("echo 'open"),
            await run("set -e; false; echo never"),
            await run("kill -9 $(exec /bin/sh -c 'echo $PPID')"),
            await run("cat", { stdin: bytes }),
            await run("cat", { stdin: Buffer.concat([bytes, Buffer.alloc(1), bytes]) }),
            await run("wc -c | tr -d ' '", { stdin: Buffer.alloc(400_000) }),
          ];
        },
        testContext({ PATH: `${bin}:${process.env.PATH}` }),
      );
      const shown = results.map(({ code, stdout }) => [code, stdout.toString("latin1")]);
      const text = bytes.toString("latin1");
      expect(shown).toEqual([
        [0, ""],
        [2, ""],
        [3, "locked\n"],
        [2, ""],
        [1, ""],
        [137, ""],
        [0, text],
        [0, `${text}\0${text}`],
        [0, "400000\n"],
      ]);
    });
  });
});
