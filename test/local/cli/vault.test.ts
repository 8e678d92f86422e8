import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runProgram } from "../../../src/cli/program.ts";
import { recordIo } from "../../unit/cli/io.ts";
import { temporaryDirectory } from "../../unit/engine/local-session.ts";

const TEXT = "token: s3cret é\nother: |\n  two\n  lines\n";

const workplace = (): string => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, "one"), "password one\n");
  writeFileSync(join(cwd, "two"), "zwölf\n");
  writeFileSync(join(cwd, "vars.yml"), TEXT);
  chmodSync(join(cwd, "vars.yml"), 0o640);
  return cwd;
};

const vault = async (
  cwd: string,
  line: string,
  more: {
    readonly input?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly answers?: readonly string[];
  } = {},
) => {
  const recorded = recordIo(cwd, {
    env: { PATH: process.env.PATH, HOME: cwd, XDG_RUNTIME_DIR: cwd, ...more.env },
    input: async () => (more.input === undefined ? null : Buffer.from(more.input)),
    ...(more.answers === undefined ? {} : { answers: more.answers }),
  });
  const code = await runProgram(["vault", ...line.split(" ")], recorded.io);
  return { code, stdout: recorded.stdout(), stderr: recorded.stderr(), questions: recorded.questions };
};

const read = (cwd: string, name: string): string => readFileSync(join(cwd, name), "utf8");

const modeOf = (cwd: string, name: string): string => (statSync(join(cwd, name)).mode & 0o7777).toString(8);

describe("lbplay vault", () => {
  test("encrypts a file in its place, shows it, and decrypts it; mode and name stay, a link stays one.", async () => {
    const cwd = workplace();
    symlinkSync("vars.yml", join(cwd, "link.yml"));
    expect((await vault(cwd, "encrypt link.yml --vault-password-file one")).code).toBe(0);
    expect(read(cwd, "vars.yml")).toMatch(
      /^\$ANSIBLE_VAULT;1\.1;AES256\n(?:[0-9a-f]{80}\n)+[0-9a-f]{1,80}\n$/,
    );
    expect(modeOf(cwd, "vars.yml")).toBe("640");
    expect((await vault(cwd, "view vars.yml --vault-password-file one")).stdout).toBe(TEXT);
    expect((await vault(cwd, "decrypt vars.yml --vault-password-file one")).code).toBe(0);
    expect(read(cwd, "vars.yml")).toBe(TEXT);
    expect(readdirSync(cwd).sort()).toEqual(["link.yml", "one", "two", "vars.yml"]);
  });

  test("asks for a new password twice, and for one that exists once.", async () => {
    const cwd = workplace();
    const differ = await vault(cwd, "encrypt vars.yml", { answers: ["a", "b"] });
    expect(differ).toMatchObject({ code: 2, stderr: expect.stringContaining("the two passwords differ") });
    expect(read(cwd, "vars.yml")).toBe(TEXT);
    const same = await vault(cwd, "encrypt vars.yml --vault-id prod@prompt", { answers: ["a", "a"] });
    expect(same.questions).toEqual(["New vault password (prod): ", "Confirm new vault password (prod): "]);
    const shown = await vault(cwd, "view vars.yml", { answers: ["a"] });
    expect(shown).toMatchObject({ stdout: TEXT, questions: ["Vault password: "] });
  });

  test("chooses among several passwords only where it is told which.", async () => {
    const cwd = workplace();
    const ids = "--vault-id dev@one --vault-id prod@two";
    expect((await vault(cwd, `encrypt vars.yml ${ids}`)).stderr).toContain(
      "there are passwords for dev, prod",
    );
    expect((await vault(cwd, `encrypt vars.yml ${ids} --encrypt-vault-id x`)).stderr).toContain(
      "no password has the label x",
    );
    expect((await vault(cwd, `encrypt vars.yml ${ids} --encrypt-vault-id prod`)).code).toBe(0);
    expect(read(cwd, "vars.yml")).toContain("$ANSIBLE_VAULT;1.2;AES256;prod\n");
  });

  test("changes no file where one of several cannot be opened.", async () => {
    const cwd = workplace();
    writeFileSync(join(cwd, "other.yml"), "x: 1\n");
    await vault(cwd, "encrypt vars.yml --vault-password-file one");
    await vault(cwd, "encrypt other.yml --vault-password-file two");
    const before = read(cwd, "vars.yml");
    const failed = await vault(
      cwd,
      "rekey vars.yml other.yml --vault-password-file one --new-vault-id prod@two",
    );
    expect(failed).toMatchObject({ code: 2, stderr: expect.stringContaining("other.yml:1:1") });
    expect(read(cwd, "vars.yml")).toBe(before);
    expect((await vault(cwd, "encrypt vars.yml --vault-password-file one")).stderr).toContain(
      "encrypted already",
    );
  });

  test("edits: the editor's file is private and gone afterwards; password and id stay.", async () => {
    const cwd = workplace();
    await vault(cwd, "encrypt vars.yml --vault-id prod@two");
    const editor = join(cwd, "editor");
    writeFileSync(
      editor,
      `#!/bin/sh\nstat -c '%a' "$1" "\${1%/*}" > '${cwd}/seen'\necho 'added: 1' >> "$1"\n`,
    );
    chmodSync(editor, 0o755);
    expect((await vault(cwd, "edit vars.yml --vault-id prod@two", { env: { EDITOR: editor } })).code).toBe(0);
    expect(read(cwd, "seen")).toBe("600\n700\n");
    expect(read(cwd, "vars.yml")).toContain(";prod\n");
    expect(modeOf(cwd, "vars.yml")).toBe("640");
    expect((await vault(cwd, "view vars.yml --vault-id prod@two")).stdout).toBe(`${TEXT}added: 1\n`);
    expect(readdirSync(cwd).filter((name) => name.startsWith("lbplay-edit"))).toEqual([]);
  });

  test("leaves the file as it is where nothing was edited, or the editor failed.", async () => {
    const cwd = workplace();
    await vault(cwd, "encrypt vars.yml --vault-password-file one");
    const before = read(cwd, "vars.yml");
    const line = "edit vars.yml --vault-password-file one";
    expect((await vault(cwd, line, { env: { EDITOR: "true" } })).code).toBe(0);
    const failed = await vault(cwd, line, { env: { EDITOR: "false" } });
    expect(failed).toMatchObject({ code: 2, stderr: expect.stringContaining("exit code 1") });
    expect(read(cwd, "vars.yml")).toBe(before);
    expect(readdirSync(cwd).filter((name) => name.startsWith("lbplay-edit"))).toEqual([]);
  });

  test("encrypts the standard input, whole and as the value of a variable.", async () => {
    const cwd = workplace();
    const whole = await vault(cwd, "encrypt --vault-password-file one", { input: TEXT });
    const back = await vault(cwd, "decrypt --vault-password-file one", { input: whole.stdout });
    expect(back.stdout).toBe(TEXT);
    const value = await vault(cwd, "encrypt-string --name token --vault-password-file one", {
      input: "s3cret",
    });
    expect(value.stdout).toMatch(
      /^token: !vault \|\n {10}\$ANSIBLE_VAULT;1\.1;AES256\n(?: {10}[0-9a-f]+\n)+$/,
    );
    expect((await vault(cwd, "encrypt-string s3cret --vault-password-file one")).code).toBe(2);
  });
});

const hasAnsible = existsSync("/usr/bin/ansible-vault");

describe.skipIf(!hasAnsible)("with the real ansible-vault", { timeout: 120_000 }, () => {
  const real = (cwd: string, line: string, input = ""): string =>
    execFileSync("ansible-vault", line.split(" "), {
      cwd,
      input,
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: cwd, ANSIBLE_LOCAL_TEMP: join(cwd, "tmp") },
    });

  test("what lbplay encrypts, it opens.", async () => {
    const cwd = workplace();
    await vault(cwd, "encrypt vars.yml --vault-id prod@two");
    expect(real(cwd, "view vars.yml --vault-id prod@two")).toBe(TEXT);
    await vault(cwd, "rekey vars.yml --vault-id prod@two --new-vault-password-file one");
    real(cwd, "decrypt vars.yml --vault-password-file one");
    expect(read(cwd, "vars.yml")).toBe(TEXT);
  });

  test("what it encrypts, lbplay opens, gives another password and edits.", async () => {
    const cwd = workplace();
    real(cwd, "encrypt vars.yml --vault-id dev@one");
    await vault(cwd, "rekey vars.yml --vault-id dev@one --new-vault-id prod@two");
    expect((await vault(cwd, "view vars.yml --vault-id prod@two")).stdout).toBe(TEXT);
    real(cwd, "rekey vars.yml --vault-id prod@two --new-vault-id dev@one");
    expect((await vault(cwd, "view vars.yml --vault-id dev@one")).stdout).toBe(TEXT);
  });
});
