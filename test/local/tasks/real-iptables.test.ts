import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { iptables } from "../../../src/tasks/iptables/iptables.ts";
import { applyHere, planHere, SHELLS } from "../../unit/tasks/local-node.ts";

const able = process.getuid?.() === 0 && spawnSync("iptables", ["--version"]).status === 0;

/** Words that run a shell in a network of its own, whose firewall is nobody else's. */
const apart = async (shell: readonly string[]): Promise<readonly string[]> => {
  const holder = spawn("unshare", ["-n", "sh", "-c", "echo ready; exec cat"]);
  onTestFinished(() => void holder.stdin.end());
  await once(holder.stdout, "data");
  return ["nsenter", "-t", String(holder.pid), "-n", ...shell];
};

describe.each(SHELLS.map((words) => [words.join(" "), words] as const))("under %s", (_name, shell) => {
  test.skipIf(!able)("Rules, chains and policies come and go.", async () => {
    const words = await apart(shell);
    const listed = (): string =>
      execFileSync(words[0] ?? "", [...words.slice(1, 4), "iptables", "-S"], { encoding: "utf8" });
    const apply = (params: Readonly<Record<string, string | boolean | readonly string[]>>): string => {
      const { error, second } = applyHere(iptables, params, [], words);
      expect(error).toBeNull();
      return second.kind;
    };
    const vrrp = {
      chain: "INPUT",
      protocol: "vrrp",
      source: "!192.0.2.11",
      jump: "DROP",
      comment: "not ours",
    };
    expect(apply(vrrp)).toBe("converged");
    expect(planHere(iptables, vrrp, [], words).plan.kind).toBe("converged");
    const web = {
      chain: "WEB",
      protocol: "tcp",
      destination_ports: ["80", "443"],
      jump: "ACCEPT",
      wait: "5",
    };
    expect(planHere(iptables, web, [], words).plan).toEqual({
      kind: "blocked",
      reason: "there is no chain WEB in the table filter",
    });
    expect(apply({ ...web, chain_management: true, ctstate: ["NEW"] })).toBe("converged");
    expect(apply({ chain: "INPUT", jump: "WEB", action: "insert", rule_num: "1" })).toBe("converged");
    expect(apply({ chain: "INPUT", policy: "DROP" })).toBe("converged");
    expect(apply({ chain: "INPUT", log_prefix: "dropped: ", limit: "5/minute", set_counters: "1 2" })).toBe(
      "converged",
    );
    expect(
      listed()
        .split("\n")
        .filter((line) => line.includes("INPUT") || line.includes("WEB")),
    ).toEqual([
      "-P INPUT DROP",
      "-N WEB",
      "-A INPUT -j WEB",
      '-A INPUT ! -s 192.0.2.11/32 -p vrrp -m comment --comment "not ours" -j DROP',
      '-A INPUT -m limit --limit 5/min -j LOG --log-prefix "dropped: "',
      "-A WEB -p tcp -m multiport --dports 80,443 -m conntrack --ctstate NEW -j ACCEPT",
    ]);
    expect(planHere(iptables, { chain: "INPUT", jump: "NOWHERE" }, [], words).plan).toMatchObject({
      kind: "blocked",
      reason: expect.stringContaining("NOWHERE"),
    });
    expect(apply({ ...vrrp, state: "absent" })).toBe("converged");
    expect(apply({ ...vrrp, state: "absent" })).toBe("converged");
    expect(apply({ flush: true })).toBe("changes");
    expect(apply({ chain: "WEB", state: "absent", chain_management: true })).toBe("converged");
    expect(listed()).not.toContain("-A ");
  });
});
