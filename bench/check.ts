import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { timed } from "./compare/command.ts";
import { table, takeTurns } from "./compare/turns.ts";

// What checking a long playbook costs, against Ansible's own check, which looks at fewer things:
// npm run bench -- check [--tasks 2000] [--rounds 5]

const { values } = parseArgs({
  options: { tasks: { type: "string", default: "2000" }, rounds: { type: "string", default: "5" } },
});

const task = (index: number): string =>
  `    - name: task ${index}
      copy:
        content: "{{ text }} ${index}"
        dest: /etc/file${index}
        mode: "0644"
      when: wanted | default(true)
`;

const playbook = (tasks: number): string =>
  `- hosts: all\n  vars: { text: x }\n  tasks:\n${Array.from({ length: tasks }, (_, index) => task(index)).join("")}`;

const directory = await mkdtemp(join(tmpdir(), "lbplay-bench-"));
try {
  await writeFile(join(directory, "long.yml"), playbook(Number(values.tasks)));
  await writeFile(join(directory, "short.yml"), playbook(1));
  const lbplay = [process.execPath, resolve("dist/lbplay.js"), "run"];
  const check = (name: string, program: readonly string[], file: string) => ({
    name,
    run: async () =>
      (await timed([...program, file, "-i", "node1,", "--syntax-check"], { cwd: directory })).milliseconds,
  });
  const figures = await takeTurns(
    [
      check(`ansible-playbook, ${values.tasks} tasks`, ["ansible-playbook"], "long.yml"),
      check(`lbplay, ${values.tasks} tasks`, lbplay, "long.yml"),
      check("ansible-playbook, 1 task", ["ansible-playbook"], "short.yml"),
      check("lbplay, 1 task", lbplay, "short.yml"),
    ],
    Number(values.rounds),
  );
  process.stdout.write(table(figures));
} finally {
  await rm(directory, { recursive: true });
}
