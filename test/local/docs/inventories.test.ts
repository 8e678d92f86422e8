import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runProgram } from "../../../src/cli/program.ts";
import { recordIo } from "../../unit/cli/io.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const scenarios = readdirSync(`${ROOT}playbooks/scenarios`)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.replace(/\.yaml$/, ""));

const pairs = [
  { playbook: "playbooks/site.yaml", inventory: "inventory/example" },
  { playbook: "playbooks/site.yaml", inventory: "inventory/centos7" },
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
  test("fits its playbook", { timeout: 120_000 }, async () => {
    const { code, stderr } = await program("run", playbook, "-i", inventory, "--syntax-check");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("names a pair, servers and the address that clients use, of documentation's networks", async () => {
    const { stdout } = await program("inventory", "-i", inventory);
    const listed = JSON.parse(stdout);
    expect(listed.lb.hosts).toEqual(["lb1", "lb2"]);
    const vars = Object.values<Readonly<Record<string, unknown>>>(listed._meta.hostvars);
    // Servers that lbplay does not log in to are no hosts.
    const others: readonly { readonly address: string }[] = listed._meta.hostvars.lb1.lb_servers ?? [];
    expect((listed.web?.hosts ?? others).length).toBeGreaterThan(1);
    const addresses = [...vars.map((host) => host.ansible_host), ...others.map(({ address }) => address)];
    for (const address of addresses) expect(address).toMatch(/^192\.0\.2\.\d+$/);
    expect(listed._meta.hostvars.lb1.lb_vip).toContain("192.0.2.100");
  });
});

test("each scenario has an inventory, and each inventory a scenario", () => {
  expect(readdirSync(`${ROOT}inventory/scenarios`).toSorted()).toEqual(scenarios.toSorted());
});
