import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { modeBits, modeFault } from "../../../../src/tasks/file-attributes/mode.ts";
import { testDirectory } from "../local-node.ts";

const CLAUSES = [
  "u=rw,g=r,o=",
  "u+x",
  "a-w",
  "go-rwx",
  "+x",
  "-x",
  "=r",
  "u=rwX,go=rX",
  "g+s",
  "u+s,g-s",
  "o+t",
  "g=u",
  "o=g,u+w",
  "a=rx",
  "ug=rw",
];
const MODES = [0o000, 0o644, 0o600, 0o755, 0o700, 0o4755, 0o2775, 0o111];

test.each(CLAUSES)("%s gives what chmod gives, on files", (mode) => {
  const path = `${testDirectory()}/file`;
  writeFileSync(path, "");
  const pairs = MODES.map((current) => {
    chmodSync(path, current);
    execFileSync("sh", ["-c", 'umask 022; chmod -- "$1" "$2"', "sh", mode, path]);
    return [modeBits(mode, { current, directory: false }), statSync(path).mode & 0o7777];
  });
  expect(pairs.map(([ours]) => ours?.toString(8))).toEqual(pairs.map(([, theirs]) => theirs?.toString(8)));
});

test.each(["u=rwX,go=rX", "a+X", "o+t", "g-w"])("%s gives what chmod gives, on directories", (mode) => {
  const path = `${testDirectory()}/directory`;
  mkdirSync(path);
  const pairs = [0o700, 0o644, 0o1777].map((current) => {
    chmodSync(path, current);
    execFileSync("chmod", [mode, path]);
    return [modeBits(mode, { current, directory: true }), statSync(path).mode & 0o7777];
  });
  expect(pairs.map(([ours]) => ours?.toString(8))).toEqual(pairs.map(([, theirs]) => theirs?.toString(8)));
});

test.each([
  ["0644", 0o644],
  ["644", 0o644],
  ["0o755", 0o755],
  [0o640, 0o640],
  ["00755", 0o755],
  ["0", 0],
  [0, 0],
])("%j is a mode whatever was there", (mode, expected) => {
  expect([modeFault(mode), modeBits(mode, { current: 0o777, directory: false })]).toEqual([null, expected]);
});

test.each([[644], [755], [-1], [0o10000], [1.5], ["0888"], ["rwx"], ["u+q"], [""], ["u=rw g=r"]])(
  "%j is refused",
  (mode) => {
    expect(modeFault(mode)).toMatch(/^mode /);
  },
);
