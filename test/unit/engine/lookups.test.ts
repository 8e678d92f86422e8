import { describe, expect, it } from "vitest";
import { recap, results, runPlaybook } from "./playbook-run.ts";

const messagesOf = async (
  expressions: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<readonly (string | null)[]> => {
  const tasks = expressions.map(
    (text) => `    - debug: { msg: "{{ ${text} }}" }\n      ignore_errors: true\n`,
  );
  const { events, directory } = await runPlaybook({
    playbook: `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.join("")}`,
    files,
  });
  const shown = (text: string | null): string | null => text?.replaceAll(directory, "@") ?? null;
  return results(events).map(({ msg, result, status }) =>
    status === "failed" ? shown(msg) : shown(JSON.stringify((result as { readonly msg: unknown }).msg)),
  );
};

describe("lookups", () => {
  it("fail with a sentence where the controller's files or the expression are no good", async () => {
    expect(
      await messagesOf([
        "lookup('varnames', '[')",
        "lookup('file', '@')",
        "lookup('password', '@/site.yml/no')",
        "lookup('password', '/dev/null encrypt=sha512_crypt')",
      ]),
    ).toEqual([
      expect.stringMatching(/^the lookup varnames: /),
      expect.stringMatching(/directory/),
      expect.stringMatching(/^the lookup password: E(NOTDIR|EXIST)/),
      expect.stringMatching(/^the lookup password does not know encrypt; it knows length and chars/),
    ]);
  });

  it("find files by patterns as a shell does", async () => {
    const files = { "d/a[1].txt": "", "d/b2.txt": "", "d/c.txt": "" };
    expect(
      await messagesOf(
        [
          "query('fileglob', '@/d/[bc]*.txt')",
          "query('fileglob', '@/d/[!b]*')",
          "query('fileglob', '@/d/[')",
        ],
        files,
      ),
    ).toEqual(['["@/d/b2.txt","@/d/c.txt"]', '["@/d/a[1].txt","@/d/c.txt"]', "[]"]);
  });

  it("make passwords of the characters and the length that are asked for", async () => {
    expect(
      await messagesOf([
        "lookup('password', '/dev/null length=40 chars=digits') is match('^[0-9]{40}$')",
        "lookup('password', '/dev/null', length=200, chars=['octdigits', 'x']) is match('^[0-7x]{200}$')",
      ]),
    ).toEqual(["true", "true"]);
  });

  it("take all that a program prints", async () => {
    expect(await messagesOf(["lookup('pipe', 'seq 1 300000') | length"])).toEqual(['"1988894"']);
  });
});

describe("a command that kills its own shell", () => {
  it("costs its host, not the run", async () => {
    const { recap: figures } = await runPlaybook({
      hosts: ["a", "b"],
      playbook: `
- hosts: all
  gather_facts: false
  tasks:
    - shell: kill -9 $PPID
      when: inventory_hostname == "a"
    - ping:
`,
    });
    expect(figures).toEqual({ a: recap({ unreachable: 1 }), b: recap({ ok: 1, skipped: 1 }) });
  });
});
