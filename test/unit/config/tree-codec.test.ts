import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { packTree, unpackTree } from "../../../src/config/tree-codec.ts";
import { parseYaml } from "../../../src/config/yaml.ts";

const ROLES = new URL("../../../roles/", import.meta.url).pathname;

const parsed = (text: string) => {
  const source = { path: "x.yml", text };
  const { node, faults, keepable } = parseYaml(source, { decrypt: () => "hidden" });
  return { node, faults, keepable, source };
};

describe("a tree that is kept", () => {
  it("is the same tree afterwards, for every file of the roles", () => {
    const names = readdirSync(ROLES, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.ya?ml$/.test(name),
    );
    expect(names.length).toBeGreaterThan(50);
    for (const name of names) {
      const { node, keepable, source } = parsed(readFileSync(`${ROLES}${name}`, "utf8"));
      if (node === null) continue;
      expect(keepable, name).toBe(true);
      expect(unpackTree(packTree(node), source), name).toEqual(node);
    }
  });

  it.each([
    "[1, -0, 1.0, 1e3, .inf, -.inf, 0.5, 0o17, 0x1f, 123456789012345678901234567890, 1:30]",
    "{1: a, 2.5: b, true: c, ~: d, '1': e, x: ~}",
    "- 'yes'\n- yes\n- \"a\\tb\"\n- |\n  {{ two }}\n  lines\n- >-\n  folded\n  {{ x }}\n- !unsafe '{{ y }}'\n- !!str 12\n- 2001-12-14\n- ''\n-\n",
    "a: &x {b: 1}\n",
  ])("is the same for %j", (text) => {
    const { node, source } = parsed(text);
    if (node === null) throw new Error("there is no tree");
    expect(unpackTree(packTree(node), source)).toEqual(node);
  });

  it("is not kept where it has aliases, something encrypted or a mistake", () => {
    for (const text of [
      "a: &x 1\nb: *x\n",
      "a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  00\n",
      "a: 1\na: 2\n",
      "a: [\n",
    ])
      expect(parsed(text).keepable, text).toBe(false);
  });

  it("is none where the text is something else", () => {
    for (const text of ["", "null", "{}", "[]", '["x"]', '["s",[1,1,1],"a",1,["?"]]', '["m",[1,1,1]'])
      expect(unpackTree(text, { path: "x", text: "" }), text).toBe(null);
  });
});
