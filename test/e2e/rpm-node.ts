import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import type { HostResultEvent, RunEvent } from "../../src/core/event.ts";
import type { TestLab } from "./lab-fixture.ts";
import { changedTasks, recapOf, runEvents } from "./lbplay.ts";

/** Debian's packages that make a node one with a real dnf and rpm, and a place to build RPMs. */
export const RPM_PACKAGES = ["createrepo-c", "dnf", "gnupg", "rpm"] as const;

/** The node with them; `web` because that role has the fewest packages of its own. */
export const NODE = "web1";

/** Where the repositories are on the node. */
export const REPOSITORIES = "/srv/rpm";

/** The armored key that signs the repositories' packages. */
export const KEY_FILE = "/srv/RPM-GPG-KEY-demo";

interface Rpm {
  readonly repository: "main" | "extra" | "unsigned" | "broken";
  readonly name: string;
  readonly version: string;
  /** Further lines of the head, such as what it requires. */
  readonly head?: readonly string[];
}

const DEMO = ["Requires: demo-common", "Recommends: demo-doc"];

const RPMS: readonly Rpm[] = [
  { repository: "main", name: "demo", version: "1.0", head: DEMO },
  { repository: "main", name: "demo", version: "1.1", head: DEMO },
  { repository: "main", name: "demo", version: "2.0", head: DEMO },
  // Scriptlets need a shell, and rpm's database knows nothing of the one that dpkg brought.
  { repository: "main", name: "demo-common", version: "1.0", head: ["Provides: /bin/sh"] },
  { repository: "main", name: "demo-doc", version: "1.0" },
  { repository: "extra", name: "demo-extra", version: "1.0" },
  { repository: "unsigned", name: "demo-plain", version: "1.0" },
  { repository: "broken", name: "demo", version: "3.0", head: ["Requires: nothing-has-this"] },
];

/** A package with a file, a systemd unit and scriptlets that leave a trace. */
const specOf = ({ name, version, head = [] }: Rpm): string => `Name: ${name}
Version: ${version}
Release: 1
Summary: A package to try package managers with
License: MIT
BuildArch: noarch
${head.join("\n")}
%description
A package to try package managers with.
%install
mkdir -p %{buildroot}/usr/share/${name} %{buildroot}/usr/lib/systemd/system
echo ${version} > %{buildroot}/usr/share/${name}/version
printf '[Service]\\nExecStart=/bin/sleep infinity\\n' > %{buildroot}/usr/lib/systemd/system/${name}.service
%post
echo "${name} ${version} in" >> /var/log/demo-scriptlets
%postun
echo "${name} ${version} out" >> /var/log/demo-scriptlets
%files
/usr/share/${name}
/usr/lib/systemd/system/${name}.service
`;

/** Version 1.1 of demo mends a vulnerability; 2.0 only brings something new. */
const ADVISORY = `<updates><update from="demo@example.com" status="final" type="security" version="1">
<id>DEMO-1</id><title>demo</title><issued date="2024-01-01 00:00:00"/><severity>Important</severity>
<pkglist><collection><package name="demo" version="1.1" release="1" epoch="0" arch="noarch" src="demo.src.rpm">
<filename>demo-1.1-1.noarch.rpm</filename></package></collection></pkglist></update></updates>`;

/** Debian's rpm keeps its database in a home directory and finds no gpg; on EL it is as written here. */
const MACROS = ["%_dbpath /var/lib/rpm", "%__gpg /usr/bin/gpg"];

const buildScript = (rpms: readonly Rpm[]): string => {
  const builds = rpms.map((rpm) => {
    const spec = `${rpm.name}-${rpm.version}.spec`;
    return [
      `cat > ${spec} <<'SPEC'\n${specOf(rpm)}SPEC`,
      `rpmbuild -bb --quiet --define '_topdir /srv/build' --define '_rpmdir ${REPOSITORIES}/${rpm.repository}' ${spec}`,
    ].join("\n");
  });
  return [
    "set -e",
    "exec 2>/srv/build.log",
    "mkdir -p /srv/spec && cd /srv/spec",
    "export GNUPGHOME=/srv/gnupg",
    ...builds,
    ...[...new Set(rpms.map(({ repository }) => repository))].flatMap((repository) => [
      ...(repository === "unsigned"
        ? []
        : [
            `rpmsign --define '_gpg_name demo@example.com' --addsign ${REPOSITORIES}/${repository}/noarch/*.rpm >/dev/null`,
          ]),
      `createrepo_c -q ${REPOSITORIES}/${repository}`,
    ]),
    `[ ! -d ${REPOSITORIES}/main ] || modifyrepo_c /srv/updateinfo.xml ${REPOSITORIES}/main/repodata >/dev/null`,
  ].join("\n");
};

/** Makes the node one with signed repositories, of which dnf knows nothing yet. */
export const prepareRpmNode = async (lab: TestLab): Promise<void> => {
  await lab.output(
    NODE,
    [
      "set -e",
      "mkdir -p /etc/rpm /etc/yum.repos.d /srv /var/lib/rpm",
      `printf '%s\\n' ${MACROS.map((line) => `'${line}'`).join(" ")} > /etc/rpm/macros`,
      "rpm --initdb",
      "export GNUPGHOME=/srv/gnupg",
      "mkdir -m 700 $GNUPGHOME",
      "gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-generate-key 'Demo packages <demo@example.com>' rsa2048 sign never 2>/srv/build.log",
      `gpg --batch --export --armor demo@example.com > ${KEY_FILE}`,
      `cat > /srv/updateinfo.xml <<'XML'\n${ADVISORY}\nXML`,
    ].join("\n"),
  );
  await lab.output(NODE, buildScript(RPMS));
};

/** Puts another version of demo into the main repository, which a node with fresh metadata does not see yet. */
export const publishDemo = async (lab: TestLab, version: string): Promise<void> => {
  await lab.output(NODE, buildScript([{ repository: "main", name: "demo", version, head: DEMO }]));
};

/** The tasks that a node needs before it can install anything. */
export const SOURCES = `
- name: Add the repositories
  yum_repository:
    name: "{{ item.name }}"
    description: "{{ item.name }}"
    baseurl: file://${REPOSITORIES}/{{ item.directory }}
    enabled: "{{ item.enabled | default(false) }}"
    gpgcheck: true
    metadata_expire: 1d
    file: demo
  loop:
    - { name: demo, directory: main, enabled: true }
    - { name: extra, directory: extra }
    - { name: unsigned, directory: unsigned }
    - { name: broken, directory: broken }
  loop_control: { label: "{{ item.name }}" }
- name: Import the key
  rpm_key: { key: ${KEY_FILE} }
`;

/** Takes away what tests installed and set up; what was built stays. */
export const forget = async (lab: TestLab): Promise<void> => {
  await lab.output(
    NODE,
    [
      "set -e",
      'p=$(rpm -qa); [ -z "$p" ] || rpm -e --nodeps --noscripts $p 2>/dev/null',
      "rm -rf /etc/yum.repos.d/* /var/cache/dnf /var/lib/dnf /var/log/demo-scriptlets",
    ].join("\n"),
  );
};

/** What rpm has, with versions: `demo-1.0`. Keys are not among it. */
export const installed = async (lab: TestLab): Promise<readonly string[]> =>
  (await lab.output(NODE, "rpm -qa --qf '%{NAME}-%{VERSION}\\n' | grep -v '^gpg-pubkey' | sort"))
    .split("\n")
    .filter((line) => line !== "");

/** Playbooks of one test file against its node. */
export interface Plays {
  /** One run of some tasks. */
  readonly run: (tasks: string, ...words: readonly string[]) => Promise<Ended>;
  /** Check, run, run again: check says exactly what the run changes, and nothing is left for the second one. */
  readonly prove: (tasks: string, wish?: ProofWish) => Promise<Ended>;
  /** Writes a playbook of some tasks and gives its path. */
  readonly file: (tasks: string) => string;
}

/** What a proof may need beside its tasks. */
export interface ProofWish {
  /** How often the second run may ask the node; default 2. A command that is always run takes one of its own. */
  readonly trips?: number;
}

/** How a run ended. */
export interface Ended {
  readonly code: number;
  readonly events: readonly RunEvent[];
  readonly changed: readonly string[];
  /** What was said of tasks that failed. */
  readonly failures: readonly string[];
}

/** Playbooks for the lab's node, kept in a directory of their own until the tests are done. */
export const playsOn = (lab: TestLab): Plays => {
  const directory = mkdtempSync(join(tmpdir(), "lbplay-rpm-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const file = (tasks: string): string => {
    const path = join(directory, "play.yml");
    const body = tasks.replace(/^\n/, "").replace(/^(?=.)/gm, "    ");
    writeFileSync(path, `- hosts: ${NODE}\n  become: true\n  gather_facts: false\n  tasks:\n${body}\n`);
    return path;
  };
  const run: Plays["run"] = async (tasks, ...words) => {
    const { code, events, stderr } = await runEvents([file(tasks), "-i", lab.inventoryFile(), ...words]);
    if (events.length === 0) throw new Error(stderr);
    return {
      code,
      events,
      changed: changedTasks(events).map((name) => name.replace(`${NODE}: `, "")),
      failures: failuresOf(events),
    };
  };
  const prove: Plays["prove"] = async (tasks, { trips = 2 } = {}) => {
    const check = await run(tasks, "--check");
    const first = await run(tasks);
    expect({ code: first.code, failures: first.failures }).toEqual({ code: 0, failures: [] });
    expect({ check: check.changed, failures: check.failures }).toEqual({
      check: first.changed,
      failures: [],
    });
    const second = await run(tasks);
    expect({ code: second.code, changed: second.changed }).toEqual({ code: 0, changed: [] });
    expect(recapOf(second.events).roundTrips[NODE]).toBeLessThanOrEqual(trips);
    return first;
  };
  return { run, prove, file };
};

/** What went wrong; of a loop the items say it. */
const failuresOf = (events: readonly RunEvent[]): readonly string[] =>
  events.flatMap((event) =>
    event.kind === "host-result" && event.status === "failed" && event.msg !== "One or more items failed"
      ? [event.msg ?? ""]
      : [],
  );

/** The results of whole tasks. */
const resultsOf = (events: readonly RunEvent[]): readonly HostResultEvent[] =>
  events.flatMap((event) => (event.kind === "host-result" && event.item === null ? [event] : []));

/** What a run did, as it was shown: `package demo: 1.0-1 → 2.0-1`. */
export const shown = ({ events }: Ended): readonly string[] =>
  resultsOf(events)
    .flatMap(({ changes }) => changes)
    .map(({ field, before, after }) => `${field}: ${before ?? "nothing"} → ${after ?? "nothing"}`);
