import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { temporaryDirectory } from "../../unit/engine/local-session.ts";
import { type Ran, results, runPlaybook } from "../../unit/engine/playbook-run.ts";

const role = new URL("../../../roles/macos_logging/", import.meta.url);

/** The role's files, as a playbook's own role. */
const roleFiles = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ["defaults", "tasks", "handlers", "meta"].map((part) => [
      `roles/macos_logging/${part}/main.yml`,
      readFileSync(new URL(`${part}/main.yml`, role), "utf8"),
    ]),
  );

/** The shape of com.apple.syslogd.plist of macOS 10.12, in text. */
const PLIST = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
\t<key>Label</key>
\t<string>com.apple.syslogd</string>
\t<key>ProgramArguments</key>
\t<array>
\t\t<string>/usr/sbin/syslogd</string>
\t</array>
\t<key>Sockets</key>
\t<dict>
\t\t<key>BSDSystemLogger</key>
\t\t<dict>
\t\t\t<key>SockPathMode</key>
\t\t\t<integer>438</integer>
\t\t\t<key>SockPathName</key>
\t\t\t<string>/var/run/syslog</string>
\t\t\t<key>SockType</key>
\t\t\t<string>dgram</string>
\t\t</dict>
\t</dict>
</dict>
</plist>
`;

const LISTENER = `\t\t<key>NetworkListener</key>
\t\t<dict>
\t\t\t<key>SockServiceName</key>
\t\t\t<string>syslog</string>
\t\t\t<key>SockType</key>
\t\t\t<string>dgram</string>
\t\t</dict>
`;

interface Mac {
  readonly version: string | null;
  readonly integrity: "enabled" | "disabled" | null;
  readonly plist?: string;
}

/** Stands in for Apple's commands; plutil turns a "binary" list into the text that follows its first line. */
const appleCommands = (directory: string, { version, integrity }: Mac): string => {
  const bin = join(directory, "bin");
  mkdirSync(bin);
  const command = (name: string, script: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  if (version !== null) command("sw_vers", `echo ${version}`);
  if (integrity !== null) command("csrutil", `echo 'System Integrity Protection status: ${integrity}.'`);
  command("plutil", 'if [ "$1" = -convert ]; then sed -i 1d "$3"; else [ -s "$2" ]; fi');
  command("launchctl", `echo "$*" >>${directory}/launchctl`);
  return bin;
};

/** A Mac of the test's own making, and a way to run the role on it. */
const mac = (made: Mac) => {
  const directory = temporaryDirectory();
  const bin = appleCommands(directory, made);
  vi.stubEnv("PATH", `${bin}:${process.env.PATH}`);
  const plist = join(directory, "syslogd.plist");
  writeFileSync(plist, made.plist ?? PLIST);
  writeFileSync(join(directory, "syslog.conf"), "install.*\t/var/log/install.log\n");
  const playbook = `
- hosts: all
  gather_facts: false
  vars: { macos_logging_plist: "@/syslogd.plist", macos_logging_syslog_conf: "@/syslog.conf" }
  roles: [macos_logging]
`;
  return {
    directory,
    read: (name: string): string => readFileSync(join(directory, name), "utf8"),
    run: (mode: "apply" | "check" = "apply"): Promise<Ran> =>
      runPlaybook({ playbook, files: roleFiles(), directory, settings: { mode } }),
  };
};

afterEach(() => vi.unstubAllEnvs());

const failure = ({ events }: Ran): string | null =>
  results(events).find(({ status }) => status === "failed")?.msg ?? null;

it("a listener is added to the sockets, once, and everything else stays as it was", async () => {
  const { run, read } = mac({ version: "10.12.6", integrity: "disabled" });
  const check = await run("check");
  expect({ plist: read("syslogd.plist"), changed: check.recap.a?.changed }).toEqual({
    plist: PLIST,
    changed: 3,
  });
  const first = await run();
  expect(failure(first)).toBeNull();
  expect(read("syslogd.plist")).toBe(
    PLIST.replace("<key>Sockets</key>\n\t<dict>\n", (found) => found + LISTENER),
  );
  expect(read("syslogd.plist.old")).toBe(PLIST);
  expect(read("syslog.conf")).toBe(
    "install.*\t/var/log/install.log\nlocal2.*\t\t\t\t\t\t/var/log/haproxy.log\n",
  );
  expect(read("launchctl").replaceAll(/\S*\//g, "")).toBe("unload syslogd.plist\nload syslogd.plist\n");
  const second = await run();
  expect(second.recap.a).toMatchObject({ changed: 0, failed: 0 });
  expect(read("launchctl").split("\n")).toHaveLength(3);
});

it("a list in binary form is turned into text first", async () => {
  const { run, read } = mac({ version: "10.10", integrity: null, plist: `bplist00\n${PLIST}` });
  expect(failure(await run())).toBeNull();
  expect(read("syslogd.plist")).toContain(LISTENER);
  expect((await run()).recap.a).toMatchObject({ changed: 0 });
});

it.each([
  {
    version: "14.5",
    integrity: "enabled",
    message: /^This is macOS 14\.5\..*read-only and sealed.*log stdout/,
  },
  { version: "10.15.7", integrity: "disabled", message: /^This is macOS 10\.15\.7\./ },
  { version: null, integrity: null, message: /^This is no macOS\./ },
  { version: "10.14.6", integrity: "enabled", message: /csrutil disable/ },
] as const)(
  "macOS $version, its integrity protection $integrity, is refused with what to do",
  async ({ message, ...made }) => {
    const { run, read, directory } = mac(made);
    expect(failure(await run())).toMatch(message);
    expect(read("syslogd.plist")).toBe(PLIST);
    expect(readdirSync(directory)).not.toContain("syslogd.plist.old");
  },
);

it("a property list without sockets is left as it is, and said so", async () => {
  const plist = PLIST.replace("<key>Sockets</key>", "<key>Other</key>");
  const { run, read, directory } = mac({ version: "10.13", integrity: null, plist });
  expect(failure(await run())).toMatch(/has no Sockets/);
  expect(read("syslogd.plist")).toBe(plist);
  expect(readdirSync(directory)).not.toContain("launchctl");
});
