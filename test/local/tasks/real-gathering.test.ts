import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { userInfo } from "node:os";
import { describe, expect, test } from "vitest";
import type { Json, Value } from "../../../src/core/value.ts";
import { isDict, isList, toJson } from "../../../src/core/value.ts";
import { assemble } from "../../../src/tasks/assemble/assemble.ts";
import { authorizedKey } from "../../../src/tasks/authorized-key/authorized-key.ts";
import { find } from "../../../src/tasks/find/find.ts";
import { iniFile } from "../../../src/tasks/ini-file/ini-file.ts";
import { tempfile } from "../../../src/tasks/tempfile/tempfile.ts";
import { unarchive } from "../../../src/tasks/unarchive/unarchive.ts";
import { actHere, applyHere, planHere, SHELLS, testDirectory } from "../../unit/tasks/local-node.ts";

const CONVERGED = { kind: "converged" };
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA1 it\'s "mine"';

const pathsIn = (files: Value | undefined): readonly Json[] =>
  isList<Value>(files)
    ? files.map((file) => (isDict<Value>(file) ? toJson(file.get("path") ?? null) : null))
    : [];

describe.each(SHELLS.map((shell) => ({ shell, name: shell.join(" ") })))("under $name", ({ shell }) => {
  test("find tells files with odd names, their checksums and their content apart", () => {
    const home = testDirectory();
    mkdirSync(`${home}/a dir/deep`, { recursive: true });
    const odd = `${home}/a dir/odd\n'name' [1].cfg`;
    writeFileSync(odd, "one\ntwo\n");
    writeFileSync(`${home}/a dir/deep/b.cfg`, "x\0two");
    symlinkSync(home, `${home}/a dir/loop`);
    const found = (params: Readonly<Record<string, Json>>) =>
      pathsIn(planHere(find, { paths: home, recurse: true, ...params }, [], shell).values.files);
    expect(found({ patterns: "*.cfg" })).toEqual([`${home}/a dir/deep/b.cfg`, odd]);
    expect(found({ contains: "two" })).toEqual([odd]);
    expect(found({ file_type: "link" })).toEqual([`${home}/a dir/loop`]);
    expect(found({ depth: 2 })).toEqual([odd]);
    const { values } = planHere(find, { paths: `${home}/a dir`, get_checksum: true }, [], shell);
    expect(JSON.stringify(isList<Value>(values.files) ? values.files.map(toJson) : [])).toContain(
      '"checksum":"c708d7ef841f7e1748436b8ef5670d0b2de1a227"',
    );
  });

  test("fragments become a file, whatever their names", () => {
    const home = testDirectory();
    mkdirSync(`${home}/parts/sub`, { recursive: true });
    for (const [name, content] of [
      ["2 two", "two"],
      ["1\none", "one\n"],
      [".0", "zero"],
      ["-x", "minus"],
    ] as const) {
      writeFileSync(`${home}/parts/${name}`, content);
    }
    const params = { src: `${home}/parts`, dest: `${home}/whole`, mode: "0600" };
    expect(applyHere(assemble, params, [], shell)).toMatchObject({ second: CONVERGED, error: null });
    expect(readFileSync(`${home}/whole`, "utf8")).toBe("minus\nzero\none\ntwo");
  });

  test("a key is put into a new directory, stays, and goes", () => {
    const home = testDirectory();
    const params = { user: userInfo().username, path: `${home}/ssh/keys`, key: KEY };
    expect(applyHere(authorizedKey, params, [], shell)).toMatchObject({ second: CONVERGED, error: null });
    expect(readFileSync(`${home}/ssh/keys`, "utf8")).toBe(`${KEY}\n`);
    expect([`${home}/ssh`, `${home}/ssh/keys`].map((path) => statSync(path).mode & 0o777)).toEqual([
      0o700, 0o600,
    ]);
    const gone = applyHere(authorizedKey, { ...params, state: "absent" }, [], shell);
    expect(gone).toMatchObject({ second: CONVERGED, error: null });
    expect(readFileSync(`${home}/ssh/keys`, "utf8")).toBe("");
  });

  test("keys are kept in the user's home unless another file is named", () => {
    const { values } = planHere(authorizedKey, { user: userInfo().username, key: KEY }, [], shell);
    expect(values.keyfile).toBe(`${userInfo().homedir}/.ssh/authorized_keys`);
    const nobody = planHere(authorizedKey, { user: "nobody-of-that-name", key: KEY }, [], shell);
    expect(nobody.plan).toEqual({ kind: "blocked", reason: "there is no user nobody-of-that-name" });
  });

  test("an option behind a link is edited there only where the link is followed", () => {
    const home = testDirectory();
    writeFileSync(`${home}/real`, "[a]\nb=1\n");
    chmodSync(`${home}/real`, 0o640);
    symlinkSync("real", `${home}/link`);
    const params = { path: `${home}/link`, section: "a", option: "b", value: "2" };
    const followed = applyHere(iniFile, { ...params, follow: true }, [], shell);
    expect(followed).toMatchObject({ second: CONVERGED, error: null });
    expect([readlinkSync(`${home}/link`), readFileSync(`${home}/real`, "utf8")]).toEqual([
      "real",
      "[a]\nb = 2\n",
    ]);
    const replaced = applyHere(iniFile, { ...params, value: "3" }, [], shell);
    expect(replaced).toMatchObject({ second: CONVERGED, error: null });
    expect([readFileSync(`${home}/real`, "utf8"), readFileSync(`${home}/link`, "utf8")]).toEqual([
      "[a]\nb = 2\n",
      "[a]\nb = 3\n",
    ]);
  });

  test("an archive is unpacked once, with modes, and again where a file was changed", () => {
    const home = testDirectory();
    mkdirSync(`${home}/from/top dir`, { recursive: true });
    writeFileSync(`${home}/from/top dir/it's`, "one\n", { mode: 0o600 });
    symlinkSync("it's", `${home}/from/top dir/link`);
    execFileSync("tar", ["-C", `${home}/from`, "-czf", `${home}/a.tgz`, "top dir"]);
    execFileSync("zip", ["-qry", `${home}/a.zip`, "top dir"], { cwd: `${home}/from` });
    for (const name of ["a.tgz", "a.zip"]) {
      mkdirSync(`${home}/${name}.d`);
      const params = {
        src: `${home}/${name}`,
        dest: `${home}/${name}.d`,
        remote_src: true,
        mode: "u=rwX,go=rX",
      };
      const file = `${home}/${name}.d/top dir/it's`;
      expect(actHere(unarchive, params, shell)).toMatchObject({ changed: true, failed: false });
      expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual(["one\n", 0o644]);
      expect(actHere(unarchive, params, shell)).toMatchObject({ changed: false, failed: false });
      writeFileSync(file, "two\n");
      expect(actHere(unarchive, params, shell)).toMatchObject({ changed: true, failed: false });
      expect(readFileSync(file, "utf8")).toBe("one\n");
    }
    const broken = actHere(unarchive, { src: "/etc/passwd", dest: home, remote_src: true }, shell);
    expect(broken).toMatchObject({ changed: false, failed: true });
    expect(broken.msg).toContain("the archive cannot be read");
  });

  test("temporary files and directories are only their owner's, each under a name of its own", () => {
    const home = testDirectory();
    const params = { path: home, prefix: "it's ", suffix: ".x" };
    const made = [
      actHere(tempfile, params, shell),
      actHere(tempfile, params, shell),
      actHere(tempfile, { ...params, state: "directory" }, shell),
    ];
    expect(new Set(made.map(({ values }) => values.path)).size).toBe(3);
    expect(readdirSync(home).toSorted()).toEqual(
      made.map(({ values }) => String(values.path).slice(home.length + 1)).toSorted(),
    );
    expect(made.map(({ values }) => values.mode)).toEqual(["0600", "0600", "0700"]);
    const nowhere = actHere(tempfile, { path: `${home}/none` }, shell);
    expect(nowhere).toMatchObject({ failed: true, msg: `the directory ${home}/none does not exist` });
  });
});
