import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import type { Action, Touched, WriteAction } from "../../../src/core/action.ts";
import type { RollOptions } from "../../../src/core/roll.ts";
import type { NodeSession, Work } from "../../../src/engine/session.ts";
import { localSession, temporaryDirectory } from "../../unit/engine/local-session.ts";
import { picture } from "./picture.ts";

const JOURNALED: RollOptions = { journal: true, held: new Set() };

const journaled = (home: string, state = `${home}/state`): NodeSession =>
  localSession(home, { rolling: () => JOURNALED }, state);

const work = (actions: readonly Action[], over: Partial<Work> = {}): Work => ({
  actions,
  owes: [],
  environment: {},
  again: [],
  ahead: () => [],
  harmless: false,
  timeoutMs: null,
  ...over,
});

const write = (path: string, text: string, mode: string | null = null): WriteAction => ({
  kind: "write",
  path,
  content: Buffer.from(text),
  mode,
  owner: null,
  group: null,
  validate: null,
  backup: false,
});

const touching = (script: string, ...touches: readonly Touched[]): Action => ({
  kind: "script",
  script,
  touches,
});

const path = (name: string): Touched => ({ kind: "path", path: name });

const populated = (): { readonly home: string; readonly tree: string } => {
  const home = temporaryDirectory();
  const tree = `${home}/tree`;
  mkdirSync(`${tree}/d/e`, { recursive: true });
  writeFileSync(`${tree}/a b'c`, "one\0\n");
  writeFileSync(`${tree}/d/f`, "two", { mode: 0o640 });
  writeFileSync(`${tree}/d/e/g`, "three");
  chmodSync(`${tree}/d/e`, 0o2750);
  symlinkSync("d/f", `${tree}/link`);
  symlinkSync("nowhere", `${tree}/d/dangling`);
  return { home, tree };
};

describe("going back", () => {
  it("puts back content, modes, links and directories, and removes what was made", async () => {
    const { home, tree } = populated();
    const before = picture(tree);
    const session = journaled(home);
    expect(await session.journal(null).begin("a\n run")).toEqual({ continues: null });
    const report = await session.act(
      null,
      work([
        write(`${tree}/a b'c`, "other\n", "0600"),
        write(`${tree}/a b'c`, "again\n"),
        touching(`chmod 0777 ${tree}/link`, path(`${tree}/link`)),
        touching(`mkdir -p ${tree}/x/y/z`, path(`${tree}/x/y/z`)),
        write(`${tree}/x/y/z/new`, "new"),
        touching(`ln -sfn d ${tree}/link`, path(`${tree}/link`)),
        touching(`chmod 0700 ${tree}/d/e`, path(`${tree}/d/e`)),
        { kind: "remove", path: `${tree}/d` },
        touching(`ln -s x ${tree}/d`, path(`${tree}/d`)),
        write(`${tree}/d/into`, "through a link"),
      ]),
    );
    expect(report.outcomes.map(({ code, stderr }) => [code, stderr.toString()])).toEqual(
      report.outcomes.map(() => [0, ""]),
    );
    expect(report.outcomes).toHaveLength(10);
    expect(existsSync(`${tree}/x/into`)).toBe(true);
    const { restored, failures, lasting } = await session.journal(null).restore();
    expect(failures).toEqual([]);
    expect(lasting).toEqual([]);
    expect(restored).toContain(`${tree}/a b'c`);
    expect(picture(tree)).toEqual(before);
    const again = await session.journal(null).restore();
    expect(again.restored.toSorted()).toEqual(restored.toSorted());
    expect(picture(tree)).toEqual(before);
    await session.journal(null).end();
    expect(existsSync(`${home}/state/journal`)).toBe(false);
  });

  it("goes on with the journal that a run before left, which knows what to go back to", async () => {
    const { home, tree } = populated();
    const before = picture(tree);
    const first = journaled(home);
    await first.journal(null).begin("first run");
    await first.act(null, work([write(`${tree}/d/f`, "by the first")]));
    await first.close();
    const second = journaled(home);
    expect(await second.journal(null).begin("second run")).toEqual({ continues: "first run" });
    await second.act(null, work([write(`${tree}/d/f`, "by the second"), write(`${tree}/h`, "new")]));
    expect((await second.journal(null).restore()).failures).toEqual([]);
    expect(picture(tree)).toEqual(before);
  });

  it("says what stays, once, and what could not be put back", async () => {
    const { home, tree } = populated();
    const session = journaled(home);
    await session.journal(null).begin("a run");
    const lasting: Touched = { kind: "lasting", what: "apt-get install haproxy was run" };
    await session.act(
      null,
      work([
        touching("true", lasting),
        touching("true", lasting, {
          kind: "inverse",
          what: "a rule",
          argv: ["sh", "-c", "echo no >&2; exit 3"],
        }),
        touching(`mkdir ${tree}/made`, path(`${tree}/made`)),
        touching(`touch ${tree}/made/stranger`),
      ]),
    );
    const report = await session.journal(null).restore();
    expect(report.lasting.toSorted()).toEqual([
      "apt-get install haproxy was run",
      `the directory ${tree}/made, which is not empty`,
    ]);
    expect(report.failures).toEqual(["a rule: no"]);
  });

  it("runs the opposite of a command, last one first", async () => {
    const { home, tree } = populated();
    const session = journaled(home);
    await session.journal(null).begin("a run");
    const opposite = (word: string): Touched => ({
      kind: "inverse",
      what: word,
      argv: ["sh", "-c", `echo "${word}'s" >>${tree}/said`],
    });
    await session.act(null, work([touching("true", opposite("one")), touching("true", opposite("two"))]));
    expect((await session.journal(null).restore()).restored).toEqual(["two", "one"]);
    expect(readFileSync(`${tree}/said`, "utf8")).toBe("two's\none's\n");
  });

  it("forgets the handlers that its run owed, and no others", async () => {
    const { home, tree } = populated();
    const session = localSession(home);
    await session.act(null, work([touching("true")], { owes: ["owed_before"] }));
    await session.close();
    const second = journaled(home);
    await second.journal(null).begin("a run");
    await second.act(null, work([write(`${tree}/h`, "x")], { owes: ["owed_since", "owed_before"] }));
    await second.journal(null).restore();
    expect(readdirSync(`${home}/state/owed`)).toEqual(["owed_before"]);
    expect([...second.owed()]).toEqual(["owed_before"]);
  });

  it("keeps owner and group", async () => {
    if (process.getuid?.() !== 0) return;
    const { home, tree } = populated();
    execFileSync("chown", ["1:2", `${tree}/d/f`, `${tree}/d/e`]);
    execFileSync("chown", ["-h", "3:4", `${tree}/link`]);
    const owners = (): readonly string[] =>
      ["d/f", "d/e", "link"].map((name) => {
        const { uid, gid } = lstatSync(`${tree}/${name}`);
        return `${uid}:${gid}`;
      });
    const session = journaled(home);
    await session.journal(null).begin("a run");
    await session.act(
      null,
      work([
        touching(`chown 0:0 ${tree}/d/f`, path(`${tree}/d/f`)),
        { kind: "remove", path: `${tree}/link` },
        { kind: "remove", path: `${tree}/d` },
      ]),
    );
    expect((await session.journal(null).restore()).failures).toEqual([]);
    expect(owners()).toEqual(["1:2", "1:2", "3:4"]);
  });

  it("leaves what was not changed as it is", async () => {
    const { home, tree } = populated();
    const session = journaled(home);
    await session.journal(null).begin("a run");
    const inode = lstatSync(`${tree}/d/f`).ino;
    await session.act(
      null,
      work([touching("true", path(`${tree}/d/f`), { kind: "tree", path: `${tree}/d` })]),
    );
    expect(await session.journal(null).restore()).toEqual({ restored: [], lasting: [], failures: [] });
    expect(lstatSync(`${tree}/d/f`).ino).toBe(inode);
  });
});

describe("what cannot be kept is not changed", () => {
  it("refuses more than 200 MiB", async () => {
    const { home, tree } = populated();
    truncateSync(`${tree}/d/e/g`, 201 * 1024 * 1024);
    const session = journaled(home);
    await session.journal(null).begin("a run");
    for (const [action, name] of [
      [{ kind: "remove", path: `${tree}/d` } as const, "d"],
      [write(`${tree}/d/e/g`, "small"), "d/e/g"],
    ] as const) {
      const report = await session.act(null, work([action, write(`${tree}/never`, "x")]));
      expect([report.failed, report.unkept, report.outcomes.length]).toEqual([true, true, 1]);
      expect(report.outcomes[0]?.stderr.toString()).toContain(
        `nothing was changed: ${tree}/${name} takes 20`,
      );
    }
    expect(lstatSync(`${tree}/d/e/g`).size).toBe(201 * 1024 * 1024);
    expect(existsSync(`${tree}/never`)).toBe(false);
    expect(readdirSync(`${home}/state/journal`).filter((name) => name.startsWith(".new"))).toEqual([]);
  });

  it("refuses where the journal is gone, and owes nothing then", async () => {
    const { home, tree } = populated();
    const session = journaled(home);
    await session.journal(null).begin("a run");
    rmSync(`${home}/state/journal`, { recursive: true });
    const report = await session.act(
      null,
      work([touching(`touch ${tree}/new`, path(`${tree}/new`))], { owes: ["h"] }),
    );
    expect(report.unkept).toBe(true);
    expect(report.outcomes[0]?.stderr.toString()).toContain("is not there any more");
    expect(existsSync(`${tree}/new`)).toBe(false);
    expect(readdirSync(`${home}/state/owed`)).toEqual([]);
  });
});

describe("a guard", () => {
  const fired = (home: string): string => {
    const report = `${home}/state/journal/report`;
    return existsSync(report) ? readFileSync(report, "utf8") : "";
  };

  it("goes back when nothing is heard for so long, and the run that comes late changes nothing more", async () => {
    const { home, tree } = populated();
    const before = picture(tree);
    const session = journaled(home);
    await session.journal(null).begin("a run");
    await session.journal(null).guard(6);
    await session.act(null, work([write(`${tree}/d/f`, "cuts the way")]));
    await expect.poll(() => fired(home), { timeout: 60_000 }).toMatch(/^done$/m);
    expect(picture(tree)).toEqual(before);
    const late = await session.act(null, work([write(`${tree}/d/f`, "late")]));
    expect(late.unkept).toBe(true);
    expect(late.outcomes[0]?.stderr.toString()).toContain("went back to what it was by itself");
    await expect(session.journal(null).confirm()).rejects.toMatchObject({ code: "E_WENT_BACK" });
    expect((await session.journal(null).restore()).restored).toEqual([`${tree}/d/f`]);
    expect(picture(tree)).toEqual(before);
  });

  it("waits for work that takes longer, is gone once the run has confirmed, and never has the lock", async () => {
    const { home, tree } = populated();
    const session = journaled(home);
    await session.journal(null).begin("a run");
    await session.journal(null).guard(6);
    const report = await session.act(null, work([write(`${tree}/d/f`, "new"), touching("sleep 9")]));
    expect(report.failed).toBe(false);
    await session.journal(null).confirm();
    expect(readFileSync(`${tree}/d/f`, "utf8")).toBe("new");
    expect(existsSync(`${home}/state/journal/fired`)).toBe(false);
    await session.journal(null).guard(600);
    await session.close();
    const next = journaled(home);
    await next.contact(null);
    expect(await next.journal(null).begin("the next run")).toEqual({ continues: "a run" });
    await next.journal(null).confirm();
    await next.journal(null).end();
  });

  it("cannot be set without a journal, nor confirmed where there is none", async () => {
    const session = journaled(temporaryDirectory());
    await expect(session.journal(null).guard(1)).rejects.toMatchObject({ code: "E_JOURNAL" });
    await expect(session.journal(null).confirm()).rejects.toMatchObject({ code: "E_JOURNAL" });
  });
});
