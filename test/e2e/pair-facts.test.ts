import { expect, it } from "vitest";
import { rules } from "../../src/lb/lint/registry.ts";
import { SITE_PACKAGES, withLab } from "./lab-fixture.ts";
import { lbplay } from "./lbplay.ts";
import { pairOnNodes } from "./pair-on-nodes.ts";

const lab = withLab({ name: "pair-facts", nodes: ["lb1", "lb2", "web1", "web2"], packages: SITE_PACKAGES });

const holders = async (): Promise<readonly string[]> => {
  const held = await Promise.all(
    ["lb1", "lb2"].map(async (node) => {
      const { stdout } = await lab.exec(node, `ip -o addr show to ${lab.vip()}`);
      return stdout === "" ? [] : [node];
    }),
  );
  return held.flat();
};

it("A pair that the site made tells all that rules ask, and no rule finds anything wrong.", {
  timeout: 600_000,
}, async () => {
  const site = await lbplay([
    "run",
    "playbooks/site.yaml",
    "-i",
    "inventory/lab",
    "-i",
    lab.inventoryFile(),
    "--limit",
    "lb",
  ]);
  expect({ code: site.code, stderr: site.stderr }).toEqual({ code: 0, stderr: "" });
  await expect.poll(holders, { timeout: 60_000 }).toHaveLength(1);

  const pair = await pairOnNodes(lab);
  const silent = pair.nodes.map(({ facts }) =>
    Object.entries(facts ?? {}).flatMap(([member, fact]) => (fact === null ? [member] : [])),
  );
  // Debian has no SELinux, the nodes no tool for a firewall or to listen with, and a container cannot tell its cloud.
  const unknowable = ["selinux", "cloud", "firewall", "vrrp"];
  expect(silent.map((members) => members.filter((member) => !unknowable.includes(member)))).toEqual([[], []]);
  const wrong = rules.flatMap((rule) =>
    rule
      .check(pair, { now: Date.now() })
      .map(({ nodes, message }) => `${rule.id} ${nodes.join(", ")}: ${message}`),
  );
  expect(wrong).toEqual([]);
});
