import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { keepFile } from "../../../src/engine/keep-file.ts";
import { temporaryDirectory } from "./local-session.ts";

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test("a file of a node lands in directories made for it, never more open than it was there", () => {
  const home = temporaryDirectory();
  const path = `${home}/a/etc/app.key`;
  keepFile({ path, content: Buffer.from("secret"), mode: 0o600 });
  expect([readFileSync(path, "utf8"), modeOf(path)]).toEqual(["secret", 0o600]);
  expect(readdirSync(`${home}/a/etc`)).toEqual(["app.key"]);
});

test("a file that is there keeps its mode", () => {
  const path = `${temporaryDirectory()}/app.key`;
  writeFileSync(path, "old");
  chmodSync(path, 0o640);
  keepFile({ path, content: Buffer.from("new"), mode: 0o666 });
  expect([readFileSync(path, "utf8"), modeOf(path)]).toEqual(["new", 0o640]);
});

test("a place that cannot be written is told, and left as it was", () => {
  const home = temporaryDirectory();
  writeFileSync(`${home}/file`, "here");
  expect(() => keepFile({ path: `${home}/file/below`, content: Buffer.from("x"), mode: 0o600 })).toThrow(
    /file\/below cannot be written on this machine/,
  );
  expect([readdirSync(home), readFileSync(`${home}/file`, "utf8")]).toEqual([["file"], "here"]);
});
