import { describe, expect, it } from "vitest";
import { withLab } from "./lab-fixture.ts";
import { failures, rolePlays } from "./role-run.ts";

// With rsyslog, as a node has that is moved to syslog-ng.
const lab = withLab({
  name: "roles-syslog-ng",
  nodes: ["lb1"],
  packages: ["haproxy", "rsyslog", "logrotate"],
});
const plays = rolePlays(lab);

const play = (vars: Readonly<Record<string, unknown>>): string => `
- hosts: lb
  become: true
  vars: ${JSON.stringify(vars)}
  roles: [syslog_ng]
  tasks:
    - name: Configure HAProxy
      haproxy_config:
        global:
          logs:
            - { address: "127.0.0.1:514", facility: local0 }
            - { address: "127.0.0.1:514", facility: local1, level: notice }
        raw:
          - frontend answers
          - "    mode http"
          - "    option httplog"
          - "    log global"
          - "    bind :8080"
          - '    http-request return status 200 content-type text/plain string "x"'
    - name: Run HAProxy
      service: { name: haproxy, state: restarted }
      changed_when: false
`;

/** One file for both facilities, as the walkthrough has it, and one for what is worse than usual. */
const TWO_FILES = {
  syslog_ng_files: [
    { path: "/var/log/haproxy.log", facilities: ["local0"] },
    { path: "/var/log/haproxy_warn.log", facilities: ["local0", "local1"], severity: "warning" },
  ],
};

const log = async (file: string): Promise<string> => (await lab.exec("lb1", `cat ${file}`)).stdout;

const send = (facility: string, severity: string, text: string): Promise<string> =>
  lab.output(
    "lb1",
    `logger --udp --server 127.0.0.1 --port 514 -p ${facility}.${severity} -t haproxy ${text}`,
  );

describe("HAProxy's log through syslog-ng", () => {
  it("takes rsyslog's place and converges", async () => {
    const changed = await plays.converge(play({}));
    expect(changed).toContain("lb1: syslog_ng : Remove rsyslog (Debian)");
    expect((await lab.exec("lb1", "command -v rsyslogd")).code).toBe(127);
    expect(await lab.output("lb1", "systemctl is-active syslog-ng")).toBe("active\n");
    expect(await lab.output("lb1", "ss -Hlun sport = :514")).toMatch(/127\.0\.0\.1:514/);
  });

  it("has each request in its file, which others may not read", async () => {
    await lab.output("lb1", "curl -fsS http://127.0.0.1:8080/found-in-the-log");
    await expect
      .poll(() => log("/var/log/haproxy.log"), { timeout: 10_000 })
      .toMatch(/ haproxy\[\d+\]: .*"GET \/found-in-the-log HTTP\/1\.1"/);
    expect(await lab.output("lb1", "stat -c '%a %U %G' /var/log/haproxy.log")).toBe("640 root adm\n");
  });

  it("has lines in two files by facility and severity", async () => {
    await plays.converge(play(TWO_FILES));
    await send("local0", "info", "usual");
    await send("local0", "err", "bad");
    await send("local1", "warning", "odd");
    await send("local1", "info", "nowhere");
    await send("local5", "err", "elsewhere");
    await expect.poll(() => log("/var/log/haproxy_warn.log"), { timeout: 10_000 }).toMatch(/odd/);
    const words = (text: string): readonly string[] =>
      ["usual", "bad", "odd", "nowhere", "elsewhere"].filter((word) => text.includes(` ${word}`));
    expect({
      all: words(await log("/var/log/haproxy.log")),
      worse: words(await log("/var/log/haproxy_warn.log")),
    }).toEqual({ all: ["usual", "bad"], worse: ["bad", "odd"] });
  });

  it("goes on in a fresh file after rotation", async () => {
    await lab.output("lb1", "logrotate -f /etc/logrotate.d/haproxy");
    expect(await lab.output("lb1", "ls /var/log | grep ^haproxy.log")).toContain("haproxy.log.1\n");
    // Rotation has syslog-ng reload, which takes its time: what comes meanwhile may go to the old file, or be lost.
    const sent = async (text: string): Promise<string> => {
      await send("local0", "info", text);
      return log("/var/log/haproxy.log");
    };
    await expect.poll(() => sent("rotated"), { timeout: 60_000, interval: 500 }).toMatch(/ rotated/);
    await expect.poll(() => sent("afterwards"), { timeout: 10_000, interval: 500 }).toMatch(/ afterwards/);
    expect(await log("/var/log/haproxy.log.1")).not.toMatch(/ afterwards/);
  });

  it("is refused where a file is described wrongly, before anything is touched", async () => {
    const refused = await plays.run(play({ syslog_ng_files: [{ path: "/x", facilities: ["locale0"] }] }));
    expect(refused.code).toBe(2);
    expect(failures(refused).join("\n")).toContain("local0");
  });
});
