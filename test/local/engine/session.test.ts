import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Action, WriteAction } from "../../../src/core/action.ts";
import { contactScript, parseContact } from "../../../src/engine/node-state.ts";
import type { NodeSession, Work } from "../../../src/engine/session.ts";
import { connectHere, localSession, temporaryDirectory } from "../../unit/engine/local-session.ts";

const noAhead = (): readonly string[] => [];

const work = (actions: readonly Action[], over: Partial<Work> = {}): Work => ({
  actions,
  owes: [],
  environment: {},
  again: [],
  ahead: noAhead,
  harmless: false,
  timeoutMs: null,
  ...over,
});

const write = (path: string, text: string, over: Partial<WriteAction> = {}): WriteAction => ({
  kind: "write",
  path,
  content: Buffer.from(text),
  mode: null,
  owner: null,
  group: null,
  validate: null,
  backup: false,
  ...over,
});

const outputs = (answers: readonly { stdout: Buffer }[]): readonly string[] =>
  answers.map((answer) => answer.stdout.toString());

describe("reads", () => {
  it("answers many reads, with their bytes, errors and exit codes, in one trip", async () => {
    const session = localSession(temporaryDirectory());
    const reads = [
      "printf 'no newline'",
      "printf 'a\\000b\\n'; exit 3",
      "echo oops >&2; false",
      "cat",
      "exit 0",
      "syntax ( error",
    ];
    const answers = await session.ask(null, reads, noAhead);
    expect(outputs(answers).slice(0, 5)).toEqual(["no newline", "a\0b\n", "", "", ""]);
    expect(answers.map((answer) => answer.code).slice(0, 5)).toEqual([0, 3, 1, 0, 0]);
    expect(answers[2]?.stderr.toString()).toBe("oops\n");
    await session.close();
    expect(session.roundTrips()).toBe(1);
  });

  it("asks what is foreseen in the same trip, and nothing twice until something changes", async () => {
    const directory = temporaryDirectory();
    const session = localSession(directory);
    const file = `${directory}/counter`;
    const read = `cat ${file} 2>/dev/null || echo none`;
    expect(outputs(await session.ask(null, ["echo 1"], () => [read, "echo 2"]))).toEqual(["1\n"]);
    writeFileSync(file, "changed behind its back\n");
    expect(outputs(await session.ask(null, [read, "echo 2"], noAhead))).toEqual(["none\n", "2\n"]);
    await session.act(null, work([{ kind: "run", argv: ["true"] }]));
    expect(outputs(await session.ask(null, [read], noAhead))).toEqual(["changed behind its back\n"]);
    await session.close();
    expect(session.roundTrips()).toBe(3);
  });

  it("asks again where something changed on the node while the answers were under way", async () => {
    const directory = temporaryDirectory();
    const session = localSession(directory);
    writeFileSync(`${directory}/file`, "old");
    await session.contact(null);
    const asked = session.ask(null, [`sleep 0.2; cat ${directory}/file`], () => [`cat ${directory}/file`]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const acted = session.act(null, work([write(`${directory}/file`, "new")]));
    await acted;
    expect(outputs(await asked)).toEqual(["new"]);
    expect(outputs(await session.ask(null, [`cat ${directory}/file`], noAhead))).toEqual(["new"]);
  });

  it("keeps what it read over an action that only asks", async () => {
    const session = localSession(temporaryDirectory());
    await session.ask(null, ["echo x"], noAhead);
    await session.act(null, work([{ kind: "run", argv: ["true"] }], { harmless: true }));
    await session.ask(null, ["echo x"], noAhead);
    await session.close();
    expect(session.roundTrips()).toBe(2);
  });
});

describe("actions", () => {
  it("stops at the first that fails, and still answers the reads after it", async () => {
    const directory = temporaryDirectory();
    const session = localSession(directory);
    const report = await session.act(
      null,
      work(
        [
          write(`${directory}/first`, "one"),
          { kind: "script", script: "echo said; echo wrong >&2; exit 9" },
          write(`${directory}/second`, "two"),
        ],
        { again: [`ls ${directory}`] },
      ),
    );
    expect(report.failed).toBe(true);
    expect(
      report.outcomes.map((outcome) => [outcome.code, outcome.stdout.toString(), outcome.stderr.toString()]),
    ).toEqual([
      [0, "", ""],
      [9, "said\n", "wrong\n"],
    ]);
    expect(outputs(report.again)).toEqual(["first\nstate\n"]);
  });

  it("writes several files of any bytes, each with its own", async () => {
    const directory = temporaryDirectory();
    const session = localSession(directory);
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));
    const report = await session.act(
      null,
      work([
        { ...write(`${directory}/a b'c`, ""), content: bytes },
        { kind: "run", argv: ["tee", `${directory}/fed`], stdin: Buffer.from("in\n") },
        write(`${directory}/empty`, ""),
        write(`${directory}/last`, "last\n", { mode: "0640" }),
      ]),
    );
    expect(report.failed).toBe(false);
    expect(readFileSync(`${directory}/a b'c`).equals(bytes)).toBe(true);
    expect(readFileSync(`${directory}/fed`, "utf8")).toBe("in\n");
    expect(readFileSync(`${directory}/empty`, "utf8")).toBe("");
    expect(statSync(`${directory}/last`).mode & 0o777).toBe(0o640);
    expect(statSync(`${directory}/empty`).mode & 0o777).toBe(0o644);
  });

  it("puts a file in the place of a link to a directory, not into that directory", async () => {
    const directory = temporaryDirectory();
    const session = localSession(directory);
    mkdirSync(`${directory}/inner`);
    symlinkSync("inner", `${directory}/link`);
    const report = await session.act(null, work([write(`${directory}/link`, "text")]));
    expect(report.failed).toBe(false);
    expect(readFileSync(`${directory}/link`, "utf8")).toBe("text");
    expect(readdirSync(`${directory}/inner`)).toEqual([]);
  });

  it("refuses a NUL in a command before anything is sent, and goes on afterwards", async () => {
    const session = localSession(temporaryDirectory());
    const odd = session.act(null, work([{ kind: "run", argv: ["echo", "a\0b"] }]));
    await expect(odd).rejects.toMatchObject({ code: "E_NUL" });
    const report = await session.act(null, work([{ kind: "run", argv: ["echo", "well"] }]));
    expect(report.outcomes[0]?.stdout.toString()).toBe("well\n");
  });

  it("keeps a present file's mode unless told otherwise", async () => {
    const directory = temporaryDirectory();
    const session = localSession(directory);
    writeFileSync(`${directory}/kept`, "old");
    chmodSync(`${directory}/kept`, 0o604);
    await session.act(null, work([write(`${directory}/kept`, "new")]));
    expect([readFileSync(`${directory}/kept`, "utf8"), statSync(`${directory}/kept`).mode & 0o777]).toEqual([
      "new",
      0o604,
    ]);
  });

  it("leaves the file and no temporary one behind when validation refuses", async () => {
    const directory = temporaryDirectory();
    const session = localSession(directory);
    mkdirSync(`${directory}/etc`);
    writeFileSync(`${directory}/etc/config`, "good\n");
    const bad = write(`${directory}/etc/config`, "bad\n", { validate: ["grep", "-q", "good", "%s"] });
    const report = await session.act(null, work([bad]));
    expect(report.outcomes.map((outcome) => [outcome.code, outcome.stderr.toString()])).toEqual([
      [65, "validation failed: grep -q good %s\n"],
    ]);
    expect(readdirSync(`${directory}/etc`)).toEqual(["config"]);
    expect(readFileSync(`${directory}/etc/config`, "utf8")).toBe("good\n");
  });

  it("validates in the task's environment", async () => {
    const directory = temporaryDirectory();
    const session = localSession(directory);
    const asked = write(`${directory}/config`, "x", {
      validate: ["sh", "-c", 'test "$WANTED" = "a b"', "%s"],
    });
    const without = await session.act(null, work([asked]));
    const given = await session.act(null, work([asked], { environment: { WANTED: "a b" } }));
    expect([without.outcomes[0]?.code, given.failed]).toEqual([65, false]);
  });

  it("refuses a directory that is not there and a target that is one, and replaces a link", async () => {
    const directory = temporaryDirectory();
    const session = localSession(directory);
    mkdirSync(`${directory}/target`);
    writeFileSync(`${directory}/real`, "real");
    symlinkSync("real", `${directory}/link`);
    const say = async (action: Action): Promise<string> =>
      (await session.act(null, work([action]))).outcomes.map((outcome) => outcome.stderr.toString()).join("");
    expect(await say(write(`${directory}/no/file`, "x"))).toBe(
      `the directory ${directory}/no does not exist\n`,
    );
    expect(await say(write(`${directory}/target`, "x"))).toBe(`${directory}/target is a directory\n`);
    expect(await say(write(`${directory}/link`, "new"))).toBe("");
    expect([readFileSync(`${directory}/link`, "utf8"), readFileSync(`${directory}/real`, "utf8")]).toEqual([
      "new",
      "real",
    ]);
  });

  it("takes a message on standard error for a failure where the exit code lies", async () => {
    const session = localSession(temporaryDirectory());
    const lying: Action = {
      kind: "script",
      script: "echo out; echo 'sysctl: permission denied' >&2",
      failOnStderr: "^sysctl: ",
    };
    const report = await session.act(null, work([lying]));
    expect(report.failed).toBe(true);
    expect([report.outcomes[0]?.stdout.toString(), report.outcomes[0]?.stderr.toString()]).toEqual([
      "out\n",
      "sysctl: permission denied",
    ]);
  });

  it("keeps what a command leaves of its input away from the next action", async () => {
    const directory = temporaryDirectory();
    const session = localSession(directory);
    const deaf: Action = { kind: "run", argv: ["true"], stdin: Buffer.alloc(150_000, "x") };
    const report = await session.act(null, work([deaf, write(`${directory}/file`, "mine")]));
    expect([report.failed, readFileSync(`${directory}/file`, "utf8")]).toEqual([false, "mine"]);
  });

  it("gives commands their environment, directory and accepted exit codes", async () => {
    const directory = temporaryDirectory();
    const session = localSession(directory);
    const asking: Action = {
      kind: "script",
      script: `echo "$GREETING $NAME $(pwd)"; exit 4`,
      environment: { NAME: "it's me" },
      chdir: directory,
      okCodes: [0, 4],
    };
    const report = await session.act(null, work([asking], { environment: { GREETING: "hello" } }));
    expect([report.failed, report.outcomes[0]?.stdout.toString()]).toEqual([
      false,
      `hello it's me ${directory}\n`,
    ]);
  });
});

describe("what is kept on a node", () => {
  it("records handlers as owed before the change and forgets them once settled", async () => {
    const directory = temporaryDirectory();
    const owing = localSession(directory);
    const seen: Action = { kind: "run", argv: ["ls", `${directory}/state/owed`] };
    const report = await owing.act(null, work([seen], { owes: ["reload_20haproxy"] }));
    expect(report.outcomes[0]?.stdout.toString()).toBe("reload_20haproxy\n");
    await owing.close();

    const next = localSession(directory);
    await next.contact(null);
    expect([...next.owed()]).toEqual(["reload_20haproxy"]);
    next.settle("reload_20haproxy");
    await next.close();
    expect(readdirSync(`${directory}/state/owed`)).toEqual([]);
  });

  it("owes nothing for a file that was refused, but what was owed before stays owed", async () => {
    const directory = temporaryDirectory();
    const refused = write(`${directory}/config`, "bad", { validate: ["false", "%s"] });
    const owing = localSession(directory);
    await owing.act(null, work([write(`${directory}/other`, "good")], { owes: ["before"] }));
    await owing.act(null, work([refused], { owes: ["before", "new"] }));
    const partly: Action = { kind: "run", argv: ["false"] };
    await owing.act(null, work([partly, refused], { owes: ["perhaps"] }));
    expect(readdirSync(`${directory}/state/owed`).toSorted()).toEqual(["before", "perhaps"]);
  });

  it("refuses a second run, names the first, and lets it in when the first has ended", async () => {
    const directory = temporaryDirectory();
    const first = localSession(directory, { owner: "alice@desk pid 1" });
    await first.contact(null);
    const second = localSession(directory);
    await expect(second.ask(null, ["echo x"], noAhead)).rejects.toMatchObject({
      code: "E_LOCKED",
      message: expect.stringMatching(/^here is in use by another run: alice@desk pid 1 \(since \d+ s\)$/),
    });
    await first.close();
    await waitUntilFree(directory);
    const third = localSession(directory);
    await expect(third.contact(null)).resolves.toBeUndefined();
  });

  it("lets two hosts of one run be the same machine, even when both come at once", async () => {
    const directory = temporaryDirectory();
    const run = "0123456789abcdef";
    const hosts = [1, 2, 3].map(() => localSession(directory, { run }));
    await Promise.all(hosts.map((host) => host.contact(null)));
    await expect(localSession(directory).contact(null)).rejects.toMatchObject({ code: "E_LOCKED" });
  });

  it("remembers what is owed also for a user whose home is not writable", async () => {
    const { connect, place } = homeless();
    const owing = localSession("/proc/none", { connect });
    const { failed } = await owing.act(null, work([{ kind: "run", argv: ["true"] }], { owes: ["reload"] }));
    expect(failed).toBe(false);
    await owing.close();
    expect([readdirSync(`${place}/owed`), statSync(place).mode & 0o777]).toEqual([["reload"], 0o700]);
    const next = localSession("/proc/none", { connect });
    await next.contact(null);
    expect([...next.owed()]).toEqual(["reload"]);
  });

  it("is not locked without flock, and says so", async () => {
    const directory = temporaryDirectory();
    mkdirSync(`${directory}/bin`);
    for (const tool of ["sh", "mkdir", "sed", "cat", "date", "stat"]) {
      symlinkSync(
        execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim(),
        `${directory}/bin/${tool}`,
      );
    }
    const script = contactScript({
      nonce: "n",
      mode: "apply",
      owner: "x",
      run: "r",
      breakLock: false,
      locks: true,
    });
    const env = { PATH: `${directory}/bin`, LBPLAY_STATE_DIR: `${directory}/state` };
    const stdout = execFileSync(`${directory}/bin/sh`, ["-c", script], { env });
    expect(parseContact(stdout, "n").lock).toEqual({ kind: "tool" });
  });

  it("ends a run that hangs when told to break its lock", async () => {
    const directory = temporaryDirectory();
    const hanging = localSession(directory, { owner: "hanging" });
    await hanging.contact(null);
    const lost = hanging.ask(null, ["sleep 60"], noAhead).catch((error: Error) => error.name);
    const next = localSession(directory, { breakLock: true });
    await next.contact(null);
    expect(readFileSync(`${directory}/state/lock`, "utf8").split("\n")[1]).toBe("test");
    expect(await lost).toBe("TransportError");
  });

  it("takes no lock and writes nothing in check mode", async () => {
    const directory = temporaryDirectory();
    const session = localSession(directory, { mode: "check" });
    await session.ask(null, ["echo x"], noAhead);
    expect(existsSync(`${directory}/state`)).toBe(false);
  });
});

/** Shells that take themselves for those of a user with no place of its own but /tmp. */
const homeless = () => {
  const user = 4_000_000 + process.pid;
  const place = `/tmp/lbplay-${user}`;
  const bin = temporaryDirectory();
  writeFileSync(`${bin}/id`, `#!/bin/sh\necho ${user}\n`, { mode: 0o755 });
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const { XDG_RUNTIME_DIR: _, LBPLAY_STATE_DIR: __, ...rest } = process.env;
  const environment = { ...rest, PATH: `${bin}:${process.env.PATH}`, HOME: "/proc/none" };
  return { connect: () => connectHere(environment), place };
};

/** The kernel frees the lock when the shell of the closed session is gone. */
const waitUntilFree = async (directory: string): Promise<void> => {
  const probe = async (): Promise<boolean> => {
    const session: NodeSession = localSession(directory);
    return session.contact(null).then(
      () => session.close().then(() => true),
      () => false,
    );
  };
  await expect.poll(probe, { timeout: 10_000 }).toBe(true);
};
