import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openLoadCache } from "../../../src/cli/load-cache.ts";
import { loadPlaybooks } from "../../../src/cli/load-playbooks.ts";
import { watchDisk } from "../../../src/config/disk.ts";
import { loadInventory } from "../../../src/config/inventory.ts";
import { LbplayErrors } from "../../../src/core/error.ts";
import { tasks } from "../../../src/tasks/registry.ts";
import { type SiteFiles, siteDir } from "../config/site.ts";

const uid = userInfo().uid;

const homeDir = (): string => {
  const home = mkdtempSync(join(tmpdir(), "lbplay-test-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
};

const openAt = (home: string, build = "b1") => {
  const cache = openLoadCache({ env: { HOME: home }, uid }, build);
  if (cache === null) throw new Error("there is no cache");
  return cache;
};

const siteOf = (files: SiteFiles): string => {
  const cwd = siteDir({ hosts: "lb1\n", ...files });
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  return cwd;
};

/** Loads site.yml as a run does; tells whether an earlier load had found it right, and what is wrong. */
const load = (cwd: string, home: string) => {
  const disk = watchDisk();
  const cache = openAt(home);
  const files = { cwd, vaults: [], onSecret: () => undefined, disk };
  let kept = false;
  try {
    const { inventory } = loadInventory(["hosts"], { ...files, playbookDir: cwd });
    loadPlaybooks(["site.yml"], {
      ...files,
      inventory,
      extra: new Map(),
      tasks,
      rolesPath: [],
      trees: cache.trees,
      right: {
        disk,
        before: () => cache.right.find(cwd),
        keep: (looks) => {
          kept = true;
          cache.right.keep(cwd, looks);
        },
      },
    });
    return { checked: kept, errors: [] };
  } catch (error) {
    if (!(error instanceof LbplayErrors)) throw error;
    return { checked: true, errors: error.errors.map(({ code }) => code) };
  }
};

const SITE = {
  "site.yml":
    "- hosts: all\n  roles: [web]\n  tasks:\n    - name: A file of the site's own\n      copy: {src: motd, dest: /etc/motd}\n    - name: One with what the inventory says of it\n      template: {src: t.j2, dest: '/etc/{{ name_of_it }}'}\n",
  "files/motd": "hello\n",
  "templates/t.j2": "{{ name_of_it }}\n",
  "group_vars/all.yml":
    "name_of_it: x\npassword: not-for-the-cache\n# It is long enough to be kept, were it kept: ".padEnd(
      500,
      "x",
    ),
  "roles/web/tasks/main.yml":
    "- name: Say it\n  debug: {msg: '{{ of_role }}'}\n# long enough to be kept ".padEnd(400, "x"),
  "roles/web/defaults/main.yml": "of_role: y\n",
};

describe("a playbook that was found right", () => {
  it("is not checked again as long as nothing that was looked at changes", () => {
    const [cwd, home] = [siteOf(SITE), homeDir()];
    expect(load(cwd, home)).toEqual({ checked: true, errors: [] });
    expect(load(cwd, home)).toEqual({ checked: false, errors: [] });
  });

  it.each([
    ["a file of the controller goes", (cwd: string) => rmSync(join(cwd, "files/motd")), ["E_MISSING_FILE"]],
    [
      "a template breaks",
      (cwd: string) => writeFileSync(join(cwd, "templates/t.j2"), "{{ oops"),
      ["E_TEMPLATE_SYNTAX"],
    ],
    ["a variable goes", (cwd: string) => rmSync(join(cwd, "group_vars/all.yml")), ["E_UNDEFINED"]],
    [
      "a role's default goes",
      (cwd: string) => rmSync(join(cwd, "roles/web/defaults/main.yml")),
      ["E_UNDEFINED"],
    ],
    [
      "a task changes",
      (cwd: string) => writeFileSync(join(cwd, "roles/web/tasks/main.yml"), "- debug: {masg: x}\n"),
      ["E_PARAMETER"],
    ],
    ["a host comes to the inventory", (cwd: string) => writeFileSync(join(cwd, "hosts"), "lb1\nlb2\n"), []],
  ] as const)("is checked again when %s", (_what, change, errors) => {
    const [cwd, home] = [siteOf(SITE), homeDir()];
    load(cwd, home);
    change(cwd);
    const again = load(cwd, home);
    expect(again.checked).toBe(true);
    expect([...new Set(again.errors)].length).toBe(errors.length);
  });

  it("keeps nothing of variables, and nothing that others may read", () => {
    const [cwd, home] = [siteOf(SITE), homeDir()];
    load(cwd, home);
    const directory = join(home, ".cache/lbplay/b1");
    const names = readdirSync(directory);
    expect(names.filter((name) => name.startsWith("tree-")).length).toBeGreaterThan(0);
    for (const name of names) {
      expect(readFileSync(join(directory, name), "utf8")).not.toContain("not-for-the-cache");
      expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  it("is read as it is where what was kept is broken", () => {
    const [cwd, home] = [siteOf(SITE), homeDir()];
    load(cwd, home);
    const directory = join(home, ".cache/lbplay/b1");
    for (const name of readdirSync(directory)) writeFileSync(join(directory, name), "{");
    expect(load(cwd, home)).toEqual({ checked: true, errors: [] });
    expect(load(cwd, home)).toEqual({ checked: false, errors: [] });
  });
});

describe("the cache", () => {
  it("is not used where others have access to it, where it is off, and by a program that was not built", () => {
    const home = homeDir();
    openAt(home);
    chmodSync(join(home, ".cache/lbplay"), 0o770);
    expect(openLoadCache({ env: { HOME: home }, uid }, "b1")).toBe(null);
    expect(openLoadCache({ env: { HOME: homeDir(), LBPLAY_CACHE: "off" }, uid }, "b1")).toBe(null);
    expect(openLoadCache({ env: { HOME: homeDir() }, uid }, null)).toBe(null);
    expect(openLoadCache({ env: { HOME: homeDir() }, uid: uid + 1 }, "b1")).toBe(null);
    const file = join(homeDir(), "file");
    writeFileSync(file, "");
    expect(openLoadCache({ env: { HOME: file }, uid }, "b1")).toBe(null);
  });

  it("is each build's own", () => {
    const home = homeDir();
    openAt(home).trees.keep("text", "packed");
    expect(openAt(home).trees.find("text")).toBe("packed");
    expect(openAt(home, "b2").trees.find("text")).toBe(null);
  });
});
