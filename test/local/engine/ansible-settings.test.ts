import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { runProgram } from "../../../src/cli/program.ts";
import { recordIo } from "../../unit/cli/io.ts";
import { temporaryDirectory } from "../../unit/engine/local-session.ts";

const PLAY = `- hosts: all
  gather_facts: false
  tasks:
    - fail: { msg: no }
      when: inventory_hostname == 'b'
`;

const HOSTS = "[all]\na ansible_connection=local\nb ansible_connection=local\n";

const site = (files: Readonly<Record<string, string>>): string => {
  const cwd = temporaryDirectory();
  for (const [name, text] of Object.entries({ "site.yml": PLAY, hosts: HOSTS, ...files })) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text.replaceAll("@", cwd));
  }
  chmodSync(cwd, 0o755);
  return cwd;
};

const lbplay = async (cwd: string, line: string, env: Readonly<Record<string, string>> = {}) => {
  const own = { PATH: process.env.PATH, HOME: cwd, LBPLAY_STATE_DIR: join(cwd, "state"), ...env };
  const recorded = recordIo(cwd, { env: own, now: Date.now });
  const code = await runProgram(line.split(" "), recorded.io);
  return { code, stdout: recorded.stdout(), stderr: recorded.stderr() };
};

describe("ansible.cfg", () => {
  test("gives the inventory, and a file of those who failed, which --limit takes.", async () => {
    const cwd = site({ "ansible.cfg": "[defaults]\ninventory = ./hosts\nretry_files_enabled = True\n" });
    expect(await lbplay(cwd, "run site.yml")).toMatchObject({
      code: 1,
      stderr: `to retry: --limit @${cwd}/site.retry\n`,
    });
    expect(readFileSync(join(cwd, "site.retry"), "utf8")).toBe("b\n");
    const { stdout } = await lbplay(cwd, "run site.yml --list-hosts --limit @site.retry");
    expect(stdout).toContain("hosts (1):\n      b\n");
  });

  test("of ANSIBLE_CONFIG goes before that of the directory, the environment before both.", async () => {
    const cwd = site({
      "ansible.cfg": "[defaults]\ninventory = nowhere\n",
      "elsewhere/ansible.cfg": "[defaults]\ninventory = ../hosts ; a comment\n",
      other: "[all]\nc\n",
    });
    const hosts = async (env: Readonly<Record<string, string>>): Promise<readonly string[]> => {
      const { stdout } = await lbplay(cwd, "inventory --graph", env);
      return stdout.match(/\b[abc]$/gm) ?? [];
    };
    expect(await hosts({ ANSIBLE_CONFIG: join(cwd, "elsewhere") })).toEqual(["a", "b"]);
    expect(await hosts({ ANSIBLE_INVENTORY: "other" })).toEqual(["c"]);
    expect((await lbplay(cwd, "inventory --graph")).stderr).toContain("there is no inventory nowhere");
  });

  test("of a directory that everybody may write to is passed over, and that is said.", async () => {
    const cwd = site({ "ansible.cfg": "[defaults]\ninventory = nowhere\n" });
    chmodSync(cwd, 0o777);
    const { code, stderr } = await lbplay(cwd, "inventory --graph -i hosts");
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `notice: ${cwd}/ansible.cfg is passed over: anybody may write to its directory; name it in ANSIBLE_CONFIG if it is yours\n`,
    });
  });

  test("that says what is not obeyed is told of once; looks do not matter.", async () => {
    const cwd = site({
      "ansible.cfg": `[defaults]
nocows = 1
stdout_callback = yaml
interpreter_python = auto
jinja2_native = True
error_on_undefined_vars = False
[ssh_connection]
pipelining = True
ssh_args = -C -o ControlMaster=auto -o ControlPersist=60s
`,
    });
    const { stderr } = await lbplay(cwd, "inventory --graph -i hosts");
    expect(stderr).toBe(
      `notice: ${cwd}/ansible.cfg says what lbplay does not obey: error_on_undefined_vars, jinja2_native\n`,
    );
  });

  test("with what cannot be is refused, with the place.", async () => {
    const cwd = site({
      "ansible.cfg":
        "[defaults]\nhash_behaviour = merge\nstrategy = debug\nforks = many\nfact_caching = redis\n",
    });
    const { code, stderr } = await lbplay(cwd, "inventory --graph -i hosts");
    expect(code).toBe(2);
    for (const [line, word] of [
      [2, "hash_behaviour=merge"],
      [3, "strategy=debug"],
      [4, "forks: expected a whole number"],
      [5, "fact_caching=redis"],
    ])
      expect(stderr).toContain(`ansible.cfg:${line}:1: error: ${word}`);
    expect((await lbplay(cwd, "doc ping")).code).toBe(0);
  });

  test("gathers facts as gathering says, once where it is smart.", async () => {
    const two = "- hosts: a\n  tasks: [{ debug: { msg: x } }]\n";
    const cwd = site({ "site.yml": `${two}${two}` });
    const gathered = async (gathering: string): Promise<number> => {
      const { stdout } = await lbplay(cwd, "run site.yml -i hosts", { ANSIBLE_GATHERING: gathering });
      return (stdout.match(/^TASK \[Gathering Facts\]/gm) ?? []).length;
    };
    expect([await gathered("implicit"), await gathered("explicit"), await gathered("smart")]).toEqual([
      2, 0, 1,
    ]);
  });
});

const FACTS = `- hosts: a
  gather_facts: false
  tasks:
    - set_fact: { kept: [1, two], cacheable: true }
    - set_fact: { lost: 1 }
`;

const SHOW = `- hosts: a
  gather_facts: false
  tasks:
    - copy:
        dest: "@/out"
        content: "{{ kept | default('-') }} {{ ansible_facts.kept | default('-') }} {{ lost | default('-') }}"
`;

const CACHE =
  "[defaults]\nfact_caching = jsonfile\nfact_caching_connection = cache\nfact_caching_prefix = of_\n";

const ansible = (cwd: string, playbook: string): void => {
  execFileSync("ansible-playbook", [playbook, "-i", "hosts"], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ANSIBLE_LOCAL_TEMP: join(cwd, "tmp") },
  });
};

const hasAnsible = existsSync("/usr/bin/ansible-playbook");

describe("facts that are cached in files", () => {
  test("are there in the next run, and gone after clear_facts.", async () => {
    const clear = "- hosts: a\n  gather_facts: false\n  tasks: [{ meta: clear_facts }]\n";
    const cwd = site({ "ansible.cfg": CACHE, "site.yml": FACTS, "show.yml": SHOW, "clear.yml": clear });
    await lbplay(cwd, "run site.yml -i hosts");
    await lbplay(cwd, "run show.yml -i hosts");
    expect(readFileSync(join(cwd, "out"), "utf8")).toBe("[1, 'two'] [1, 'two'] -");
    expect(readdirSync(join(cwd, "cache"))).toEqual(["of_a"]);
    await lbplay(cwd, "run clear.yml -i hosts");
    expect(readdirSync(join(cwd, "cache"))).toEqual([]);
  });

  test.skipIf(!hasAnsible)(
    "are understood by Ansible, and its by lbplay.",
    { timeout: 120_000 },
    async () => {
      const cwd = site({ "ansible.cfg": CACHE, "site.yml": FACTS, "show.yml": SHOW });
      await lbplay(cwd, "run site.yml -i hosts");
      ansible(cwd, "show.yml");
      expect(readFileSync(join(cwd, "out"), "utf8")).toBe("[1, 'two'] [1, 'two'] -");
      const other = site({ "ansible.cfg": CACHE, "site.yml": FACTS, "show.yml": SHOW });
      ansible(other, "site.yml");
      await lbplay(other, "run show.yml -i hosts");
      expect(readFileSync(join(other, "out"), "utf8")).toBe("[1, 'two'] [1, 'two'] -");
      expect(readdirSync(join(other, "cache"))).toEqual(readdirSync(join(cwd, "cache")));
    },
  );
});
