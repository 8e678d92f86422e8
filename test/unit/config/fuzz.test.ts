import fc from "fast-check";
import { expect, test } from "vitest";
import { readPythonLiteral } from "../../../src/core/python-literal.ts";
import { mistakesOf } from "./site.ts";

const key = fc.constantFrom(
  "hosts",
  "tasks",
  "roles",
  "vars",
  "handlers",
  "block",
  "rescue",
  "always",
  "name",
  "when",
  "tags",
  "loop",
  "with_items",
  "loop_control",
  "register",
  "notify",
  "listen",
  "command",
  "copy",
  "set_fact",
  "include_tasks",
  "import_tasks",
  "include_role",
  "import_role",
  "include_vars",
  "meta",
  "args",
  "action",
  "local_action",
  "become",
  "environment",
  "apply",
  "file",
  "module",
  "src",
  "dest",
  "serial",
  "vars_files",
  "vars_prompt",
  "import_playbook",
  "constructor",
  "__proto__",
  "toString",
  "nonsense",
);
const leaf = fc.constantFrom<unknown>(
  null,
  true,
  0,
  1.5,
  "all",
  "lb1",
  "x",
  "{{ x }}",
  "{{ x",
  "{% if %}",
  "a=b c",
  "'",
  "flush_handlers",
  "site.yml",
  "r",
  "",
  "copy src=a",
  "[",
  "1:2",
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 4 }),
  ),
}));

test("Whatever the playbook, it is read or its mistakes are told; nothing crashes or hangs.", {
  timeout: 120_000,
}, () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          tree,
          fc.dictionary(key, tree).map((play) => ({ hosts: "all", ...play })),
        ),
        { maxLength: 3 },
      ),
      tree,
      (plays, role) => {
        const mistakes = mistakesOf({
          "site.yml": JSON.stringify(plays),
          "roles/r/tasks/main.yml": JSON.stringify(role),
          x: JSON.stringify(role),
        });
        for (const { code } of mistakes) expect(code).toMatch(/^E_[A-Z_]+$/);
      },
    ),
    { numRuns: 300 },
  );
});

test("Whatever the inventory, it is read or its mistakes are told.", () => {
  const piece = fc.constantFrom(
    "lb",
    "1",
    "[",
    "]",
    ":",
    "children",
    "vars",
    "\n",
    "\n[g]\n",
    "\n[g:vars]\n",
    "\n[all:children]\n",
    "=",
    " ",
    "'",
    '"',
    "[1:3]",
    "[a:c]",
    "#",
    ";",
    "{{ x }}",
    "(",
    "{",
    "\\",
    ",",
    "---\n",
    "all:\n",
    "  hosts:\n",
    "    h:\n",
    "0x",
    "é",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const mistakes = mistakesOf({ hosts: pieces.join(""), "site.yml": "- hosts: all\n" });
      for (const { code } of mistakes) expect(code).toMatch(/^E_[A-Z_]+$/);
    }),
    { numRuns: 500 },
  );
});

test("Whatever the text, it is a Python literal or none.", () => {
  const piece = fc.constantFrom(
    "1",
    "0",
    ".",
    "e",
    "-",
    "'",
    '"',
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    ",",
    ":",
    " ",
    "\\",
    "x",
    "u",
    "None",
    "True",
    "b'",
    "\n",
    "#",
    "_",
    "'''",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => {
      readPythonLiteral(pieces.join(""));
    }),
    { numRuns: 5000 },
  );
});
