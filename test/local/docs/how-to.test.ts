import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseCommandLine } from "../../../src/cli/args.ts";
import { readDrillFile } from "../../../src/cli/drill-file.ts";
import { paramsOf, syntaxOf, withShownRoles } from "../../unit/docs/example-site.ts";
import { blocksOf, fileOf, filesOf, HOW_TOS, settingsOf } from "../../unit/docs/pages.ts";
import { renderExample } from "../../unit/docs/render-example.ts";
import { ROLES, specOf } from "../../unit/lb/argument-specs.ts";

// Examples rot unless something reads them: each file of a page is read by lbplay, each set of variables rendered by
// what renders on real nodes, and each command line understood.

const VARIABLES = new Set([
  ...ROLES.flatMap((role) => Object.keys(specOf(role).options)),
  "lb_vip",
  "lbplay_pair",
]);

const isDrill = ({ path }: { readonly path: string }): boolean => path === "drill.yaml";

const shownRoles = withShownRoles();

describe.each(HOW_TOS)("docs/%s", { timeout: 120_000 }, (page) => {
  const files = filesOf(page);

  test("has blocks of known kinds, and each file says where it belongs", () => {
    const unknown = blocksOf(page).filter(
      (block) => !["sh", "json", "text"].includes(block.language) && fileOf(block) === null,
    );
    expect(unknown.map(({ line, language }) => `${page}:${line} ${language}`)).toEqual([]);
  });

  test("has command lines that lbplay understands", () => {
    const lines = blocksOf(page)
      .filter(({ language }) => language === "sh")
      .flatMap(({ text }) => text.split("\n"))
      .filter((line) => line.startsWith("lbplay "));
    for (const line of lines) {
      const words = line
        .replace(/ +[>|#].*$/, "")
        .split(" ")
        .slice(1);
      expect([
        "run",
        "inventory",
        "status",
        "switchover",
        "maintenance",
        "lint",
        "predict",
        "explain",
        "diagnose",
        "drift",
        "drill",
        "lab",
        "vault",
        "recap",
        "doc",
      ]).toContain(parseCommandLine(words).kind);
    }
  });

  test("has JSON that is JSON", () => {
    for (const { text } of blocksOf(page).filter(({ language }) => language === "json"))
      for (const line of text.trim().split("\n"))
        expect(Object.keys(JSON.parse(line) as object)).toEqual(
          expect.arrayContaining([expect.stringMatching(/^(kind|pairs)$/)]),
        );
  });

  test.each(files.filter(isDrill))("$path at line $line is a drill file", ({ path, text }) => {
    const cwd = mkdtempSync(join(tmpdir(), "lbplay-docs-"));
    try {
      writeFileSync(join(cwd, path), text);
      expect(readDrillFile(path, cwd).faults.length).toBeGreaterThan(0);
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });

  const yaml = files.filter((file) => file.language === "yaml" && !isDrill(file));
  test.each(yaml)("$path at line $line is read by lbplay without a complaint", async (example) => {
    expect(await syntaxOf(example, files)).toEqual({ code: 0, stderr: "" });
  });

  const variables = settingsOf(page);
  test.each(variables)("$path at line $line sets variables that exist", ({ text }) => {
    const names = Object.keys(parse(text, { version: "1.1" }));
    expect(names.filter((name) => !VARIABLES.has(name) && !name.startsWith("ansible_"))).toEqual([]);
  });

  test.each(variables)("$path at line $line can be rendered", async (example) => {
    const rendered = await renderExample(example, files, shownRoles());
    expect(rendered.flatMap(({ refused }) => refused)).toEqual([]);
    expect(rendered.length).toBeGreaterThan(0);
  });
});

test("an example with a mistake is found out", { timeout: 120_000 }, async () => {
  const [page = ""] = HOW_TOS;
  const wrong = { page, line: 1, language: "yaml", path: "group_vars/lb.yml", meantFor: null };
  const misspelt = { ...wrong, text: "haproxy_frontends: [{ name: a, bind: [] }]\n" };
  await expect(renderExample(misspelt, [], shownRoles())).rejects.toThrow(/bind/);
  const nowhere = {
    ...wrong,
    text: "haproxy_frontends: [{ name: a, binds: [{ address: '*', port: 80 }], default_backend: nowhere }]\n",
  };
  const refused = (await renderExample(nowhere, [], shownRoles())).flatMap((one) => one.refused);
  expect(refused.join("\n")).toContain("nowhere");
  const unsaid = { ...wrong, text: "firewall_backend: pf\n" };
  await expect(renderExample(unsaid, [], shownRoles())).rejects.toThrow(/firewall_backend/);
  const unread = { ...wrong, path: "site.yaml", text: "- hosts: lb\n  tasks: [{ sysctll: {} }]\n" };
  expect((await syntaxOf(unread, [])).stderr).toContain("sysctll");
  expect(Object.keys(await paramsOf({ ...wrong, text: "lb_vip: 192.0.2.9\n" }, [], shownRoles()))).toEqual([
    "lb1",
    "lb2",
  ]);
});
