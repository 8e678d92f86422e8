import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runProgram } from "../../../src/cli/program.ts";
import { recordIo } from "../cli/io.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const scenarios = readdirSync(`${ROOT}playbooks/scenarios`)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.replace(/\.yaml$/, ""));

const pairs = [
  { playbook: "playbooks/site.yaml", inventory: "inventory/example" },
  ...scenarios.map((name) => ({
    playbook: `playbooks/scenarios/${name}.yaml`,
    inventory: `inventory/scenarios/${name}`,
  })),
];

const program = async (...words: readonly string[]) => {
  const { io, stdout, stderr } = recordIo(ROOT);
  return { code: await runProgram(words, io), stdout: stdout(), stderr: stderr() };
};

describe.each(pairs)("$inventory", ({ playbook, inventory }) => {
  test("fits its playbook", async () => {
    const { code, stderr } = await program("run", playbook, "-i", inventory, "--syntax-check");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("names a pair, servers and the address that clients use, of documentation's networks", async () => {
    const { stdout } = await program("inventory", "-i", inventory);
    const listed = JSON.parse(stdout);
    expect(listed.lb.hosts).toEqual(["lb1", "lb2"]);
    expect(listed.web.hosts.length).toBeGreaterThan(1);
    const vars = Object.values<Readonly<Record<string, unknown>>>(listed._meta.hostvars);
    for (const { ansible_host } of vars) expect(ansible_host).toMatch(/^192\.0\.2\.\d+$/);
    expect(listed._meta.hostvars.lb1.lb_vip).toContain("192.0.2.100");
  });
});

test("each scenario has an inventory, and each inventory a scenario", () => {
  expect(readdirSync(`${ROOT}inventory/scenarios`).toSorted()).toEqual(scenarios.toSorted());
});
