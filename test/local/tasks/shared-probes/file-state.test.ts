import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  CONTENT_LIMIT,
  type FileStateOptions,
  fileAt,
} from "../../../../src/tasks/shared-probes/file-state.ts";
import { fileAnswer } from "../../../golden/file-answer.ts";
import { SHELLS, testDirectory } from "../../../unit/tasks/local-node.ts";

const ask = ([command = "sh", ...words]: readonly string[], path: string, options: FileStateOptions = {}) => {
  const probe = fileAt(path, options);
  const script = probe.reads.join("\n");
  const ran = spawnSync(command, [...words, "-c", `( ${script}\n) </dev/null`], {
    env: { ...process.env, LC_ALL: "C" },
  });
  const answer = { code: ran.status ?? -1, stdout: ran.stdout, stderr: ran.stderr };
  return { answer, script, at: probe.parse([answer]) };
};

const sha256 = (content: string): string => createHash("sha256").update(content).digest("hex");

describe.each(SHELLS.map((shell) => ({ shell, name: shell.join(" ") })))("under $name", ({ shell }) => {
  test("a file is told with everything that stat knows", () => {
    const path = `${testDirectory()}/it's\na file`;
    writeFileSync(path, "content");
    chmodSync(path, 0o4750);
    utimesSync(path, 1600000000, 1700000000);
    const { at } = ask(shell, path);
    const { uid, gid, ino, dev, ctimeMs, mode } = statSync(path);
    expect(at).toEqual({
      path,
      parent: true,
      state: {
        kind: "file",
        mode: "4750",
        owner: at.state?.owner,
        group: at.state?.group,
        uid,
        gid,
        size: 7,
        atime: 1600000000,
        mtime: 1700000000,
        ctime: Math.floor(ctimeMs / 1000),
        links: 1,
        inode: ino,
        device: dev,
        bits: mode,
        target: null,
        sha256: null,
        content: null,
        fault: null,
      },
    });
  });

  test.each([
    { content: true },
    { checksum: true },
    { content: true, checksum: true },
    { contentUnless: "0".repeat(64) },
  ])("%j tells the checksum, and the content where that is asked for", (options) => {
    const path = `${testDirectory()}/file`;
    writeFileSync(path, "a\0b\n");
    const { state } = ask(shell, path, options).at;
    expect([state?.sha256, state?.content?.toString()]).toEqual([
      sha256("a\0b\n"),
      "content" in options || "contentUnless" in options ? "a\0b\n" : undefined,
    ]);
  });

  test("a content that is right is not sent", () => {
    const path = `${testDirectory()}/file`;
    writeFileSync(path, "right");
    const { answer, at } = ask(shell, path, { contentUnless: sha256("right") });
    expect([at.state?.sha256, at.state?.content]).toEqual([sha256("right"), null]);
    expect(answer.stdout.includes("right")).toBe(false);
  });

  test("a content above the limit is not sent whole, nor taken for the whole", () => {
    const path = `${testDirectory()}/file`;
    writeFileSync(path, Buffer.alloc(CONTENT_LIMIT + 5));
    const { answer, at } = ask(shell, path, { content: true });
    expect([at.state?.content, at.state?.sha256]).toEqual([null, null]);
    expect(answer.stdout.length).toBeLessThan(CONTENT_LIMIT + 300);
    writeFileSync(path, Buffer.alloc(CONTENT_LIMIT));
    expect(ask(shell, path, { content: true }).at.state?.content?.length).toBe(CONTENT_LIMIT);
  });

  test("what is not there is absent, with or without a directory for it", () => {
    const home = testDirectory();
    writeFileSync(`${home}/file`, "");
    const answers = [`${home}/no`, `${home}/no/no`, `${home}/file/no`].map((path) => ask(shell, path).at);
    expect(answers.map(({ state, parent }) => [state, parent])).toEqual([
      [null, true],
      [null, false],
      [null, false],
    ]);
  });

  test("a link is a link, and with follow what it leads to", () => {
    const home = testDirectory();
    writeFileSync(`${home}/file`, "x");
    symlinkSync("file", `${home}/link`);
    symlinkSync("nowhere", `${home}/broken`);
    const { state } = ask(shell, `${home}/link`, { content: true }).at;
    expect([state?.kind, state?.target, state?.content]).toEqual(["link", "file", null]);
    const followed = ask(shell, `${home}/link`, { follow: true }).at;
    expect([followed.path, followed.state?.kind]).toEqual([`${home}/file`, "file"]);
    const broken = ask(shell, `${home}/broken`, { follow: true }).at;
    expect(broken).toEqual({ path: `${home}/nowhere`, state: null, parent: true });
  });

  test("into means the member of a directory, and nothing where there is none", () => {
    const home = testDirectory();
    mkdirSync(`${home}/d`);
    writeFileSync(`${home}/d/it's`, "x");
    expect(ask(shell, `${home}/d`, { into: "it's" }).at).toMatchObject({
      path: `${home}/d/it's`,
      state: { size: 1 },
    });
    expect(ask(shell, `${home}/d/it's`, { into: "it's" }).at).toMatchObject({ path: `${home}/d/it's` });
    expect(ask(shell, `${home}/new`, { into: "x" }).at).toEqual({
      path: `${home}/new`,
      state: null,
      parent: true,
    });
  });

  test("a pipe is not read, so that no read waits for ever", () => {
    const path = `${testDirectory()}/pipe`;
    spawnSync("mkfifo", [path]);
    expect(ask(shell, path, { content: true, checksum: true }).at.state).toMatchObject({
      kind: "other",
      content: null,
    });
  });

  test("what may not be read is not absent", () => {
    const home = testDirectory();
    chmodSync(home, 0o755);
    // Root may read everything, so root asks as nobody.
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const asUser = process.getuid?.() === 0 ? [...nobody, ...shell] : shell;
    writeFileSync(`${home}/closed`, "x", { mode: 0o000 });
    expect(ask(asUser, `${home}/closed`, { content: true }).at.state).toMatchObject({
      kind: "file",
      content: null,
      fault: "Permission denied",
    });
    mkdirSync(`${home}/dark`, { mode: 0o000 });
    expect(ask(asUser, `${home}/dark/x`).at.state).toMatchObject({
      kind: "unknown",
      fault: "Permission denied",
    });
  });

  test("goldens describe files as the shell really prints them", () => {
    const path = `${testDirectory()}/file`;
    writeFileSync(path, "content\n");
    const options = [
      {},
      { content: true },
      { checksum: true },
      { contentUnless: "0".repeat(64) },
      { follow: true },
      { contentUnless: sha256("content\n") },
    ];
    for (const option of options) {
      const { answer, script, at } = ask(shell, path, option);
      const { state } = at;
      if (state === null) throw new Error("the file is gone");
      const described = { ...state, path, content: "content\n", group: state.group };
      const golden = fileAnswer(script, { file: described });
      const stamps = (stdout: Buffer): string =>
        stdout
          .toString()
          .replace(new RegExp(`(?<= )${state.ctime}(?= )`, "g"), "1700000000")
          .replace(/ \d+\n/, " 64768\n");
      expect(stamps(golden.stdout)).toBe(stamps(answer.stdout));
    }
  });
});
