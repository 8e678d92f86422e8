import { chmodSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { blockinfile } from "../../../src/tasks/blockinfile/blockinfile.ts";
import { lineinfile } from "../../../src/tasks/lineinfile/lineinfile.ts";
import { replace } from "../../../src/tasks/replace/replace.ts";
import { slurp } from "../../../src/tasks/slurp/slurp.ts";
import { stat } from "../../../src/tasks/stat/stat.ts";
import { applyHere, planHere, SHELLS, testDirectory } from "../../unit/tasks/local-node.ts";

const CONVERGED = { kind: "converged" };
const LATIN1 = Buffer.from([0x67, 0x72, 0xf6, 0xdf, 0x65, 0x0a]);

describe.each(SHELLS.map((shell) => ({ shell, name: shell.join(" ") })))("under $name", ({ shell }) => {
  test("a line is put in once, behind a link, and the file keeps its mode and its odd bytes", () => {
    const home = testDirectory();
    writeFileSync(`${home}/file`, LATIN1);
    chmodSync(`${home}/file`, 0o600);
    symlinkSync("file", `${home}/link`);
    const params = { path: `${home}/link`, line: "new 'line' $x", insertbefore: "BOF" };
    expect(applyHere(lineinfile, params, [], shell)).toMatchObject({ second: CONVERGED, error: null });
    expect(readFileSync(`${home}/file`)).toEqual(Buffer.concat([Buffer.from("new 'line' $x\n"), LATIN1]));
    expect([statSync(`${home}/file`).mode & 0o777, readlinkSync(`${home}/link`)]).toEqual([0o600, "file"]);
  });

  test("a line makes its file and directory where that is asked for", () => {
    const path = `${testDirectory()}/a/b/file`;
    expect(planHere(lineinfile, { path, line: "x" }, [], shell).plan).toEqual({
      kind: "blocked",
      reason: `${path} does not exist`,
    });
    const made = applyHere(lineinfile, { path, line: "x", create: true, mode: "0640" }, [], shell);
    expect(made).toMatchObject({ second: CONVERGED, error: null });
    expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual(["x\n", 0o640]);
  });

  test("a block comes, changes and goes, and leaves the rest as it was", () => {
    const path = `${testDirectory()}/file`;
    writeFileSync(path, "first\nlast");
    const params = { path, marker: "# {mark} ours", insertafter: "^first" };
    for (const [block, expected] of [
      ["one\ntwo", "first\n# BEGIN ours\none\ntwo\n# END ours\nlast"],
      ["three\n", "first\n# BEGIN ours\nthree\n# END ours\nlast"],
      ["", "first\nlast"],
    ]) {
      const applied = applyHere(blockinfile, { ...params, block: block ?? "" }, [], shell);
      expect(applied).toMatchObject({ second: CONVERGED, error: null });
      expect(readFileSync(path, "utf8")).toBe(expected);
    }
  });

  test("replace works on text and on bytes that are no text", () => {
    const path = `${testDirectory()}/file`;
    writeFileSync(path, "größe größe\n");
    const params = { path, regexp: "\\bgr(\\w+)", replace: "<\\1>" };
    expect(applyHere(replace, params, [], shell)).toMatchObject({ second: CONVERGED, error: null });
    expect(readFileSync(path, "utf8")).toBe("<öße> <öße>\n");
    writeFileSync(path, LATIN1);
    expect(applyHere(replace, { path, regexp: "e$", replace: "E" }, [], shell)).toMatchObject({
      error: null,
    });
    expect(readFileSync(path).at(-2)).toBe("E".charCodeAt(0));
  });

  test("stat and slurp tell what is there", () => {
    const home = testDirectory();
    writeFileSync(`${home}/file`, LATIN1, { mode: 0o640 });
    symlinkSync("file", `${home}/link`);
    const told = planHere(stat, { path: `${home}/file`, checksum_algorithm: "md5" }, [], shell).values.stat;
    const expected = {
      exists: true,
      isreg: true,
      islnk: false,
      mode: "0640",
      size: 6,
      rusr: true,
      wgrp: false,
      readable: true,
    };
    expect(Object.fromEntries(told instanceof Map ? told : [])).toMatchObject(expected);
    const link = planHere(stat, { path: `${home}/link` }, [], shell).values.stat;
    expect(Object.fromEntries(link instanceof Map ? link : [])).toMatchObject({
      islnk: true,
      lnk_target: "file",
      lnk_source: `${home}/file`,
    });
    expect(planHere(slurp, { src: `${home}/link` }, [], shell).values).toEqual({
      content: LATIN1.toString("base64"),
      encoding: "base64",
      source: `${home}/link`,
    });
    expect(planHere(slurp, { src: home }, [], shell).plan).toEqual({
      kind: "blocked",
      reason: `${home} is no file`,
    });
  });
});
