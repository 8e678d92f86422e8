import {
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
import { afterEach, beforeEach, expect, test } from "vitest";
import { runProgram } from "../../../src/cli/program.ts";
import { openReportFile } from "../../../src/cli/report-file.ts";
import { GENERATOR } from "../../../src/report/html/page.ts";
import { recordIo } from "./io.ts";

let cwd = "";

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "lbplay-report-"));
});

afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const PAGE = `<!doctype html>\n${GENERATOR} 0.1.0">\n`;

const lbplay = async (...words: readonly string[]) => {
  const { io, stdout, stderr } = recordIo(cwd, { env: { ...process.env, LBPLAY_STATE_DIR: cwd } });
  const code = await runProgram(words, io);
  return { code, stdout: stdout(), stderr: stderr() };
};

const put = async (path: string, page = PAGE): Promise<number> => {
  const { io } = recordIo(cwd);
  return (await openReportFile(path, io)).write(page, 0);
};

test("A report lands whole, for its owner only, and replaces an earlier one; nothing is left beside it.", async () => {
  expect(await put("r.html", PAGE)).toBe(0);
  expect(await put("r.html", `${PAGE}later`)).toBe(0);
  expect(readFileSync(join(cwd, "r.html"), "utf8")).toBe(`${PAGE}later`);
  expect(statSync(join(cwd, "r.html")).mode & 0o777).toBe(0o600);
  expect(readdirSync(cwd)).toEqual(["r.html"]);
});

test("Behind a link the file that it leads to is replaced, and an empty file may be filled.", async () => {
  writeFileSync(join(cwd, "real.html"), "");
  symlinkSync("real.html", join(cwd, "link.html"));
  expect(await put("link.html")).toBe(0);
  expect(readFileSync(join(cwd, "real.html"), "utf8")).toBe(PAGE);
});

test.each([
  ["missing/r.html", "there is no such directory"],
  ["dir", "it is a directory"],
  ["/dev/null", "it is no regular file"],
  ["site.yaml", "there is a file which is no report of lbplay's, and it is not overwritten"],
  ["site.yaml/r.html", "a part of its path is no directory"],
])("A file that cannot be a report is told before anything is done: %s.", async (path, reason) => {
  mkdirSync(join(cwd, "dir"));
  writeFileSync(join(cwd, "site.yaml"), "- hosts: all\n  tasks: [{ copy: { dest: done, content: x } }]\n");
  const before = readdirSync(cwd);
  const { code, stderr } = await lbplay(
    "run",
    "site.yaml",
    "-i",
    "localhost,",
    "-c",
    "local",
    "--report",
    path,
  );
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining(`the report cannot be written to ${path}: ${reason} [E_REPORT_FILE]`),
  });
  expect(readdirSync(cwd)).toEqual(before);
  expect(readFileSync(join(cwd, "site.yaml"), "utf8")).toContain("hosts: all");
});

test("What goes wrong only in the end is told, and the exit code says that something did.", async () => {
  const { io, stderr } = recordIo(cwd);
  mkdirSync(join(cwd, "gone"));
  const file = await openReportFile("gone/r.html", io);
  rmSync(join(cwd, "gone"), { recursive: true });
  expect([await file.write(PAGE, 0), await file.write(PAGE, 3)]).toEqual([1, 3]);
  expect(stderr()).toContain("the report cannot be written to gone/r.html: there is no such directory\n");
});

test("A run that fails has a report, too, with the differences up to there, but none that a task refuses; its exit code stays.", async () => {
  writeFileSync(
    join(cwd, "site.yaml"),
    `- hosts: all
  gather_facts: false
  tasks:
    - copy: { dest: "${cwd}/one", content: "shown\\nlines\\n" }
    - copy: { dest: "${cwd}/two", content: "kept\\nback\\n" }
      diff: false
    - { name: Stop here, fail: { msg: on purpose } }
`,
  );
  const { code, stdout } = await lbplay(
    "run",
    "site.yaml",
    "-i",
    "localhost,",
    "-c",
    "local",
    "--report",
    "r.html",
  );
  const page = readFileSync(join(cwd, "r.html"), "utf8");
  expect(code).toBe(1);
  expect(stdout).not.toContain("+shown");
  for (const text of [
    "1 task failed on localhost.",
    "on purpose",
    "+shown",
    "not shown: the task says diff: false",
  ])
    expect(page).toContain(text);
  expect(page).not.toContain("kept");
});

test.each([
  ["run site.yaml -i x, --list-tasks --report r.html", "--list-tasks"],
  ["status -i x, --watch --report r.html", "-w, --watch [seconds]"],
  ["lint --explain X01 --report r.html", "--report <file>"],
  ["drill -i x, --check --report r.html", "-C, --check"],
])("A report is refused where there is nothing to report of: %s.", async (line, other) => {
  const { code, stderr } = await lbplay(...line.split(" "));
  expect(code).toBe(2);
  expect(stderr).toContain("cannot be used with option");
  expect(stderr).toContain(other);
});
