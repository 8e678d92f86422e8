import { spawn, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Json } from "../../../src/core/value.ts";
import { haproxy } from "../../../src/tasks/haproxy/haproxy.ts";
import { applyHere, planHere, SHELLS, testDirectory } from "../../unit/tasks/local-node.ts";

const able = spawnSync("haproxy", ["-v"]).status === 0;

const fromMaps = (_: string, value: unknown): unknown => (value instanceof Map ? [...value] : value);

/** A HAProxy that serves nobody; its socket. */
const running = async (): Promise<string> => {
  const directory = testDirectory();
  const socket = join(directory, "sock");
  const config = `global
    stats socket ${socket} level admin
defaults
    mode tcp
    timeout connect 1s
    timeout client 1s
    timeout server 1s
frontend in
    bind unix@${directory}/in
    default_backend app
backend app
    server web1 127.0.0.1:1 weight 100
    server web2 127.0.0.1:1 check inter 100ms fall 1
    server web3 127.0.0.1:1 check inter 100ms fall 1
backend api
    server web1 127.0.0.1:1 disabled
`;
  writeFileSync(join(directory, "haproxy.cfg"), config);
  const daemon = spawn("haproxy", ["-db", "-f", join(directory, "haproxy.cfg")], { stdio: "ignore" });
  onTestFinished(() => void daemon.kill());
  await expect.poll(() => existsSync(socket), { timeout: 30_000 }).toBe(true);
  return socket;
};

// Each step starts perl or python a few times: the shell that can the least is enough.
describe.each(SHELLS.slice(-1).map((words) => [words.join(" "), words] as const))(
  "under %s",
  (_name, shell) => {
    test.skipIf(!able)("Servers go and come back, in one backend or in all.", async () => {
      const socket = await running();
      const apply = (params: Readonly<Record<string, Json>>) => {
        const applied = applyHere(haproxy, { socket, host: "web1", ...params }, [], shell);
        expect(applied.error).toBeNull();
        return [
          applied.second.kind,
          applied.first.kind === "changes" ? applied.first.changes.map(({ view }) => view.field) : [],
        ];
      };
      expect(apply({ state: "enabled", backend: "app" })).toEqual(["converged", []]);
      expect(apply({ state: "enabled", wait: true, wait_interval: 0 })).toEqual(["converged", ["api/web1"]]);
      expect(apply({ state: "drain", backend: "app", wait: true, wait_interval: 0 })).toEqual([
        "converged",
        ["app/web1"],
      ]);
      expect(apply({ state: "disabled", drain: true, wait: true, wait_interval: 0 })).toEqual([
        "converged",
        ["app/web1", "api/web1"],
      ]);
      expect(apply({ state: "disabled", shutdown_sessions: true })).toEqual(["converged", []]);
      expect(apply({ state: "enabled", weight: "50%", backend: "app" })).toEqual([
        "converged",
        ["app/web1", "weight of app/web1"],
      ]);
      expect(apply({ host: "web2", state: "disabled", health: true, agent: true })).toEqual([
        "converged",
        ["health check of app/web2", "app/web2"],
      ]);
      expect(apply({ host: "web9", state: "disabled" })).toEqual(["converged", []]);
      const lost = { socket, host: "web9", state: "disabled", backend: "app", fail_on_not_found: true };
      expect(planHere(haproxy, lost, [], shell).plan).toEqual({
        kind: "blocked",
        reason: "The specified backend 'app/web9' was not found!",
      });
      // Nothing listens at the server: it is down, which a drained one is not.
      const down = { socket, host: "web3", state: "drain", wait: true, wait_interval: 0, wait_retries: 3 };
      const seen = () => JSON.stringify(planHere(haproxy, down, [], shell).values.state_after, fromMaps);
      await expect.poll(seen, { timeout: 30_000 }).toContain('"DOWN');
      expect(applyHere(haproxy, down, [], shell).error).toContain(
        "server app/web3 not status 'DRAIN' after 3 retries. Aborting.",
      );
    });

    test("Without HAProxy there is nobody to talk to.", () => {
      const { plan } = planHere(
        haproxy,
        { host: "web1", state: "enabled", socket: "/nonexistent" },
        [],
        shell,
      );
      expect(plan).toMatchObject({
        kind: "blocked",
        reason: expect.stringContaining("no socket /nonexistent"),
      });
    });
  },
);
