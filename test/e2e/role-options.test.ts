import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SITE_PACKAGES, withLab } from "./lab-fixture.ts";
import { changedTasks, runEvents } from "./lbplay.ts";

// Options of the roles that the site leaves at their defaults.

const lab = withLab({ name: "options", nodes: ["lb1"], packages: [...SITE_PACKAGES, "socat"] });

/** Runs roles with variables on the node: how it ended, and the results that failed. */
const attempt = async (roles: readonly string[], vars: string) => {
  const directory = await mkdtemp(join(tmpdir(), "lbplay-options-"));
  try {
    const play = join(directory, "play.yaml");
    await writeFile(play, `- hosts: lb1\n  become: true\n  roles: [${roles}]\n  vars:\n${vars}`);
    const { code, stderr, events } = await runEvents([play, "-i", lab.inventoryFile()]);
    const failed = events.filter((event) => event.kind === "host-result" && event.status === "failed");
    return { code, stderr, failed, changed: changedTasks(events) };
  } finally {
    await rm(directory, { recursive: true });
  }
};

/** Runs roles, which has to succeed; the names of the tasks that changed something. */
const run = async (roles: readonly string[], vars: string): Promise<readonly string[]> => {
  const { changed, ...ended } = await attempt(roles, vars);
  expect(ended).toEqual({ code: 0, stderr: "", failed: [] });
  return changed;
};

test("Warnings get a file of their own, other senders are refused, and both files are rotated.", async () => {
  const vars = `    logging_facility: local0
    logging_file: /var/log/haproxy.log
    logging_warning_file: /var/log/haproxy_warn.log
    logging_allowed_senders: [127.0.0.1]
`;
  await run(["logging"], vars);
  const log = (priority: string, text: string): Promise<string> =>
    lab.output("lb1", `logger -n 127.0.0.1 -P 514 -d -t haproxy -p ${priority} ${text}`);
  await log("local0.info", "all-is-well");
  await log("local1.warning", "look-at-this");
  const lines = async (text: string): Promise<readonly string[]> =>
    (
      await lab.exec(
        "lb1",
        `grep -rl ${text} /var/log --include=haproxy* --include=syslog --include=messages`,
      )
    ).stdout
      .split("\n")
      .filter((file) => file !== "");
  await expect.poll(() => lines("all-is-well")).toEqual(["/var/log/haproxy.log"]);
  await expect.poll(() => lines("look-at-this")).toEqual(["/var/log/haproxy_warn.log"]);

  await lab.output("lb1", "logrotate -f /etc/logrotate.d/haproxy");
  await log("local0.info", "after-rotation");
  await expect.poll(() => lines("after-rotation")).toEqual(["/var/log/haproxy.log"]);
  expect(await lab.output("lb1", "ls /var/log/haproxy*.log.1")).toBe(
    "/var/log/haproxy.log.1\n/var/log/haproxy_warn.log.1\n",
  );
  expect(await run(["logging"], vars)).toEqual([]);
});

const HAPROXY = `    haproxy_keep_server_state: true
    haproxy_files:
      - dest: /etc/haproxy/errors/503.http
        content: "HTTP/1.0 503 Service Unavailable\\r\\nCache-Control: no-cache\\r\\nConnection: close\\r\\n\\r\\nback soon\\n"
    haproxy_backends:
      - name: app
        servers: [{ name: a, address: 127.0.0.1, port: 9 }, { name: b, address: 127.0.0.1, port: 9, check: false }]
    haproxy_frontends:
      - name: www
        binds: [{ address: 127.0.0.1, port: 80 }]
        errorfiles: { "503": /etc/haproxy/errors/503.http }
        rate_limit: { limit: RATE, period: 1m }
        use_backends: [{ backend: app, paths: [/api] }]
        http_request: ["return status 200 content-type text/plain string front unless { path_reg ^/api(/|$) }"]
`;

test("A reload keeps what is known of servers, and clients get pages and limits.", async () => {
  const vars = HAPROXY.replace("RATE", "1000");
  await run(["haproxy"], vars);
  const servers = (): Promise<string> =>
    lab.output(
      "lb1",
      "echo 'show servers state app' | socat - /run/haproxy/admin.sock | awk '/ b /{print $6, $7}'",
    );
  await lab.output("lb1", "echo 'set server app/b state maint' | socat - /run/haproxy/admin.sock");
  const away = await servers();
  expect(away).not.toBe("2 0\n");
  expect(await run(["haproxy"], vars)).toEqual([]);

  expect(await run(["haproxy"], HAPROXY.replace("RATE", "30"))).not.toEqual([]);
  expect(await servers()).toBe(away);

  const ask = (path: string): Promise<string> => lab.output("lb1", `curl -s http://127.0.0.1${path}`);
  expect([await ask("/apis"), await ask("/api")]).toEqual(["front", "back soon\n"]);
  const statuses = await lab.output(
    "lb1",
    "for i in $(seq 40); do curl -s -o /dev/null -w '%{http_code}\\n' http://127.0.0.1/; done | sort -u",
  );
  expect(statuses).toBe("200\n429\n");
  expect(await lab.output("lb1", "systemctl show -p LimitNOFILE haproxy")).toBe("LimitNOFILE=524288\n");
});

const ON_PORT = (port: number): string => `    haproxy_frontends:
      - name: www
        binds: [{ address: 127.0.0.1, port: ${port} }]
        http_request: ["return status 200 content-type text/plain string port-${port}"]
`;

test("A reload that HAProxy refuses fails the run, the old configuration serves on, and the next run reloads.", async () => {
  const ask = (port: number): Promise<string> =>
    lab.output("lb1", `curl -s http://127.0.0.1:${port}/ || true`);
  await run(["haproxy"], ON_PORT(8081));
  // Ages are whole seconds: the worker has to be older than the file that it does not get.
  await lab.output(
    "lb1",
    "sleep 3; systemd-run -q --unit squatter socat TCP-LISTEN:8082,bind=127.0.0.1,fork EXEC:/bin/cat",
  );
  const refused = await attempt(["haproxy"], ON_PORT(8082));
  expect(refused.code).toBe(1);
  expect(JSON.stringify(refused.failed)).toMatch(
    /See that HAProxy works with it.*did not take the new configuration.*cannot bind/,
  );
  expect(await ask(8081)).toBe("port-8081");

  await lab.output("lb1", "systemctl stop squatter");
  expect(await run(["haproxy"], ON_PORT(8082))).toEqual([]);
  expect([await ask(8082), await ask(8081)]).toEqual(["port-8082", ""]);
  expect(await run(["haproxy"], ON_PORT(8082))).toEqual([]);
});
