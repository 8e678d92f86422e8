import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, test } from "vitest";
import { copy } from "../../../src/tasks/copy/copy.ts";
import { file } from "../../../src/tasks/file/file.ts";
import { template } from "../../../src/tasks/template/template.ts";
import { applyHere, input, planHere, SHELLS, statOf, testDirectory } from "../../unit/tasks/local-node.ts";

const CONVERGED = { kind: "converged" };

describe.each(SHELLS.map((shell) => ({ shell, name: shell.join(" ") })))("under $name", ({ shell }) => {
  test("copy puts content in place once, with its mode, and repairs both", () => {
    const dest = `${testDirectory()}/it's a $file`;
    const params = { content: "one\n$two `x`\n", dest, mode: "0600" };
    const made = applyHere(copy, params, [], shell);
    expect(made).toEqual({ ...made, second: CONVERGED, error: null });
    expect(readFileSync(dest, "utf8")).toBe("one\n$two `x`\n");
    expect(statSync(dest).mode & 0o7777).toBe(0o600);

    writeFileSync(dest, "edited", { mode: 0o644 });
    const mended = applyHere(copy, { ...params, mode: "u=rw,g=r,o=" }, [], shell);
    expect(mended).toEqual({ ...mended, second: CONVERGED, error: null });
    expect(readFileSync(dest, "utf8")).toBe("one\n$two `x`\n");
    expect(statSync(dest).mode & 0o7777).toBe(0o640);
  });

  test("copy of an empty content makes an empty file, not none", () => {
    const dest = `${testDirectory()}/empty`;
    expect(applyHere(copy, { content: "", dest }, [], shell).second).toEqual(CONVERGED);
    expect(statSync(dest).size).toBe(0);
  });

  test("copy carries bytes that are no text", () => {
    const dest = `${testDirectory()}/bytes`;
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));
    const applied = applyHere(copy, { src: "bytes", dest }, [input("bytes", bytes)], shell);
    expect(applied.second).toEqual(CONVERGED);
    expect(readFileSync(dest)).toEqual(bytes);
  });

  test("copy lands in a directory under the source's name", () => {
    const dest = testDirectory();
    expect(applyHere(copy, { src: "errors/503.http", dest }, [input("x", "HTTP")], shell).second).toEqual(
      CONVERGED,
    );
    expect(readFileSync(`${dest}/503.http`, "utf8")).toBe("HTTP");
  });

  test("copy replaces a link, or follows it", () => {
    const home = testDirectory();
    writeFileSync(`${home}/target`, "target");
    symlinkSync("target", `${home}/link`);
    const followed = applyHere(copy, { content: "new", dest: `${home}/link`, follow: true }, [], shell);
    expect(followed.second).toEqual(CONVERGED);
    expect([readFileSync(`${home}/target`, "utf8"), readlinkSync(`${home}/link`)]).toEqual(["new", "target"]);

    const replaced = applyHere(copy, { content: "own", dest: `${home}/link` }, [], shell);
    expect(replaced.second).toEqual(CONVERGED);
    expect([readFileSync(`${home}/target`, "utf8"), readFileSync(`${home}/link`, "utf8")]).toEqual([
      "new",
      "own",
    ]);
  });

  test("a file that its validation refuses does not land", () => {
    const dest = `${testDirectory()}/conf`;
    writeFileSync(dest, "good");
    const applied = applyHere(copy, { content: "bad", dest, validate: "grep -q good %s" }, [], shell);
    expect(applied.error).toContain("validation failed");
    expect(readFileSync(dest, "utf8")).toBe("good");
    expect(
      applyHere(copy, { content: "goods", dest, validate: "grep -q good %s" }, [], shell).second,
    ).toEqual(CONVERGED);
  });

  test("copy of a tree makes its directories, nested and empty ones too", () => {
    const home = testDirectory();
    const tree = {
      path: "site",
      content: Buffer.alloc(0),
      mode: 0o755,
      directory: true,
      entries: [
        { path: "deep", content: null, mode: 0o755 },
        { path: "deep/er", content: null, mode: 0o755 },
        { path: "deep/er/file", content: Buffer.from("x"), mode: 0o755 },
        { path: "void", content: null, mode: 0o755 },
        { path: "top", content: Buffer.from("y"), mode: 0o600 },
      ],
    };
    const params = { src: "site", dest: `${home}/a/b`, mode: "preserve", directory_mode: "0750" };
    expect(applyHere(copy, params, [tree], shell)).toMatchObject({ second: CONVERGED, error: null });
    const paths = ["a/b", "a/b/site/deep/er", "a/b/site/deep/er/file", "a/b/site/void", "a/b/site/top"];
    expect(paths.map((path) => statSync(`${home}/${path}`).mode & 0o777)).toEqual([
      0o750, 0o750, 0o755, 0o750, 0o600,
    ]);
    const bare = applyHere(copy, { ...params, src: "site/", dest: `${home}/c/` }, [tree], shell);
    expect(bare.second).toEqual(CONVERGED);
    expect(readdirSync(`${home}/c`).sort()).toEqual(["deep", "top", "void"]);
  });

  test("copy from the node itself: a file with its mode, then a tree", () => {
    const home = testDirectory();
    mkdirSync(`${home}/from/in side`, { recursive: true });
    writeFileSync(`${home}/from/in side/a\nb`, "odd name", { mode: 0o640 });
    writeFileSync(`${home}/from/plain`, "plain", { mode: 0o755 });
    symlinkSync("plain", `${home}/from/link`);
    const single = { src: `${home}/from/plain`, dest: `${home}/plain`, remote_src: true };
    expect(applyHere(copy, single, [], shell)).toMatchObject({ second: CONVERGED, error: null });
    expect(statSync(`${home}/plain`).mode & 0o777).toBe(0o755);

    const whole = { src: `${home}/from`, dest: `${home}/to`, remote_src: true };
    expect(applyHere(copy, whole, [], shell)).toMatchObject({ second: CONVERGED, error: null });
    expect(readFileSync(`${home}/to/from/in side/a\nb`, "utf8")).toBe("odd name");
    expect(readFileSync(`${home}/to/from/link`, "utf8")).toBe("plain");
    writeFileSync(`${home}/to/from/plain`, "edited");
    expect(applyHere(copy, whole, [], shell)).toMatchObject({ second: CONVERGED, error: null });
    expect(readFileSync(`${home}/to/from/plain`, "utf8")).toBe("plain");
  });

  test("template writes what was rendered and keeps a copy of what was there", () => {
    const home = testDirectory();
    writeFileSync(`${home}/haproxy.cfg`, "old");
    const params = { src: "haproxy.cfg.j2", dest: `${home}/haproxy.cfg`, backup: true, mode: "preserve" };
    const applied = applyHere(template, params, [input("haproxy.cfg.j2", "new", 0o604)], shell);
    expect(applied).toMatchObject({ second: CONVERGED, error: null });
    expect(statOf(`${home}/haproxy.cfg`)).toBe(`604 ${process.getuid?.()} regular file`);
    const kept = readdirSync(home).filter((name) => name.startsWith("haproxy.cfg."));
    expect(kept.map((name) => readFileSync(`${home}/${name}`, "utf8"))).toEqual(["old"]);
  });

  test("file makes directories with all that is above, and mends everything in them", () => {
    const home = testDirectory();
    const params = { path: `${home}/one/two`, state: "directory", mode: "0750" };
    expect(applyHere(file, params, [], shell)).toMatchObject({ second: CONVERGED, error: null });
    expect(statSync(`${home}/one`).mode & 0o777).toBe(0o750);
    writeFileSync(`${home}/one/two/a b\n81a4 0 0 x`, "", { mode: 0o666 });
    mkdirSync(`${home}/one/two/sub`, { mode: 0o700 });
    symlinkSync("/nowhere", `${home}/one/two/broken`);
    const all = { ...params, recurse: true, mode: "u=rwX,g=rX,o=" };
    expect(applyHere(file, all, [], shell)).toMatchObject({ second: CONVERGED, error: null });
    expect(statSync(`${home}/one/two/a b\n81a4 0 0 x`).mode & 0o777).toBe(0o640);
    expect(statSync(`${home}/one/two/sub`).mode & 0o777).toBe(0o750);
  });

  test("a mode takes a directory's setgid bit away, which chmod would leave", () => {
    const path = testDirectory();
    applyHere(file, { path, mode: "2775" }, [], shell);
    expect(statSync(path).mode & 0o7777).toBe(0o2775);
    expect(applyHere(file, { path, mode: "0755" }, [], shell)).toMatchObject({
      second: CONVERGED,
      error: null,
    });
  });

  test("file makes links, turns them, and puts them in the place of a file only when forced", () => {
    const home = testDirectory();
    writeFileSync(`${home}/a`, "");
    writeFileSync(`${home}/b`, "");
    const link = (src: string, more = {}) =>
      applyHere(file, { path: `${home}/link`, src, state: "link", ...more }, [], shell);
    expect(link("a")).toMatchObject({ second: CONVERGED, error: null });
    expect(link("b")).toMatchObject({ second: CONVERGED, error: null });
    expect(readlinkSync(`${home}/link`)).toBe("b");
    expect(link("gone").first.kind).toBe("blocked");
    expect(link("gone", { force: true })).toMatchObject({ second: CONVERGED, error: null });
    mkdirSync(`${home}/d`);
    const forced = applyHere(file, { path: `${home}/d`, src: "a", state: "link", force: true }, [], shell);
    expect(forced).toMatchObject({ second: CONVERGED, error: null });
    const hard = applyHere(file, { path: `${home}/hard`, src: `${home}/a`, state: "hard" }, [], shell);
    expect(hard).toMatchObject({ second: CONVERGED, error: null });
    expect(statSync(`${home}/hard`).ino).toBe(statSync(`${home}/a`).ino);
  });

  test("touch makes a file, is an event on one that is there, and nothing with preserve", () => {
    const path = `${testDirectory()}/stamp`;
    const preserve = { path, state: "touch", modification_time: "preserve", access_time: "preserve" };
    expect(applyHere(file, preserve, [], shell)).toMatchObject({ second: CONVERGED, error: null });
    const now = planHere(file, { path, state: "touch" }, [], shell).plan;
    expect(now.kind === "changes" && now.changes.map(({ view }) => view.event)).toEqual([true]);
    const fixed = { ...preserve, modification_time: "202001020304.05" };
    expect(applyHere(file, fixed, [], shell)).toMatchObject({ second: CONVERGED, error: null });
    expect(statSync(path).mtime).toEqual(new Date(2020, 0, 2, 3, 4, 5));
  });

  test("absent removes a file, a tree and a broken link", () => {
    const home = testDirectory();
    mkdirSync(`${home}/tree/inner`, { recursive: true });
    symlinkSync("/nowhere", `${home}/broken`);
    for (const name of ["tree", "broken", "never"]) {
      const applied = applyHere(file, { path: `${home}/${name}`, state: "absent" }, [], shell);
      expect(applied).toMatchObject({ second: CONVERGED, error: null });
    }
    expect(readdirSync(home)).toEqual([]);
  });
});
