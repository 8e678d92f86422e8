import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { compareRpmVersions } from "../../src/tasks/shared-probes/rpm-version.ts";
import { withLab } from "./lab-fixture.ts";
import {
  forget,
  installed,
  KEY_FILE,
  NODE,
  playsOn,
  prepareRpmNode,
  publishDemo,
  REPOSITORIES,
  RPM_PACKAGES,
  SOURCES,
  shown,
} from "./rpm-node.ts";

const lab = withLab({ name: "rpm", nodes: [NODE], packages: RPM_PACKAGES });
const { run, prove } = playsOn(lab);

beforeAll(() => prepareRpmNode(lab));
beforeEach(() => forget(lab));

/** A task by one of the modules that install RPMs. */
const task = (parameters: string, module = "dnf"): string =>
  `- name: Packages\n  ${module}: { ${parameters} }\n`;

/** Repositories and key in place, and these packages installed. */
const begin = async (...packages: readonly string[]): Promise<void> => {
  const names = packages.map((name) => JSON.stringify(name)).join(", ");
  const { failures } = await run(packages.length === 0 ? SOURCES : SOURCES + task(`name: [${names}]`));
  expect(failures).toEqual([]);
};

const traces = (): Promise<string> => lab.output(NODE, "cat /var/log/demo-scriptlets");

describe("a node that knows no repository", () => {
  it("gets repositories, key, package and service in one run, as check mode says", async () => {
    const site = `${SOURCES}${task("name: demo")}
- name: Service
  service: { name: demo, state: started }
`;
    const { changed } = await prove(site);
    expect(changed).toEqual(["Add the repositories", "Import the key", "Packages", "Service"]);
    expect(await installed(lab)).toEqual(["demo-2.0", "demo-common-1.0", "demo-doc-1.0"]);
    expect((await traces()).split("\n").toSorted()).toEqual([
      "",
      "demo 2.0 in",
      "demo-common 1.0 in",
      "demo-doc 1.0 in",
    ]);
    await lab.output(NODE, "systemctl is-active demo && systemctl stop demo");
  });
});

describe("versions", () => {
  it("are the pinned ones, and go up when the pin does", async () => {
    await begin();
    await prove(task("name: [demo-1.0]"));
    expect(await installed(lab)).toContain("demo-1.0");
    await prove(task("name: demo-1.1-1.noarch"));
    expect(await installed(lab)).toContain("demo-1.1");
    await prove(task('name: ["demo-1.*", "demo-common-1.0-*"]'));
    expect(await installed(lab)).toContain("demo-1.1");
    await prove(task("name: demo"));
    expect(await installed(lab)).toContain("demo-1.1");
  });

  it("go to the latest, and no further than what can be installed", async () => {
    await begin("demo-1.0");
    const { events } = await run(task("name: demo, state: latest, enablerepo: broken"));
    expect(JSON.stringify(events)).toContain("nothing provides nothing-has-this needed by demo-3.0");
    const passed = await prove(task("name: demo, state: latest, enablerepo: broken, nobest: true"));
    expect(shown(passed)).toEqual(["package demo: 1.0-1 → 2.0-1"]);
    await prove(task("name: demo, state: latest"));
  });

  it("of everything go up with the name *, or only where a vulnerability was mended", async () => {
    await begin("demo-1.0");
    const mended = await prove(task('name: "*", state: latest, security: true'));
    expect(mended.changed).toEqual(["Packages"]);
    expect(await installed(lab)).not.toContain("demo-1.0");
    await prove(task('name: "*", state: latest'));
    expect(await installed(lab)).toContain("demo-2.0");
  });

  it("go down only where that is allowed", async () => {
    await begin("demo-2.0");
    const pattern = await run(task('name: "demo-1.*"'));
    expect(pattern.failures).toEqual([expect.stringContaining("allow_downgrade is off")]);
    const refused = await run(task("name: demo-1.0"));
    expect(refused.failures).toEqual([expect.stringContaining("allow_downgrade is off")]);
    expect((await run(task("name: demo-1.0"), "--check")).failures).toEqual(refused.failures);
    expect(await installed(lab)).toContain("demo-2.0");
    await prove(task("name: demo-1.0, allow_downgrade: true"));
    expect(await installed(lab)).toContain("demo-1.0");
  });

  it("that were published since are seen with update_cache, which alone is no change", async () => {
    await begin("demo-2.0");
    await publishDemo(lab, "2.1");
    expect((await run(task("name: demo, state: latest"))).changed).toEqual([]);
    const fetched = await prove(task("name: demo, state: latest, update_cache: true"));
    expect(shown(fetched)).toEqual(["package demo: 2.0-1 → 2.1-1"]);
    await publishDemo(lab, "2.2");
    expect((await run(task("update_cache: true"))).changed).toEqual([]);
    expect(shown(await prove(task("name: demo, state: latest")))).toEqual(["package demo: 2.1-1 → 2.2-1"]);
    await lab.output(
      NODE,
      `rm ${REPOSITORIES}/main/noarch/demo-2.[12]*; createrepo_c -q ${REPOSITORIES}/main; modifyrepo_c /srv/updateinfo.xml ${REPOSITORIES}/main/repodata`,
    );
  });
});

describe("the order of versions", () => {
  it("is rpm's own", async () => {
    const versions = [
      ..."1 1.0 1.1 1.10 1.9 01.1 1.a a.1 1a 1.0rc1 1.0~rc1 1.0~ 1.0^git1 1.0^ 1.0.1 1..0 1_0 2fa 1.1.1k".split(
        " ",
      ),
      ..."1.5.18-9.el7_9.1 1.5.18-9.el7 8.2102.0-117.el9 18446744073709551617".split(" "),
    ];
    const pairs = versions.flatMap((left) => versions.map((right) => [left, right] as const));
    const script = pairs.map(([left, right]) => `print(rpm.vercmp("${left}", "${right}") .. " ")`).join(" ");
    const answers = await lab.output(NODE, `rpm --eval '%{lua: ${script}}'`);
    const named = (orders: readonly string[]) =>
      pairs.map((pair, index) => [...pair, orders[index]].join(" "));
    expect(named(pairs.map(([left, right]) => String(compareRpmVersions(left, right))))).toEqual(
      named(answers.trim().split(" ")),
    );
  });
});

describe("repositories", () => {
  it("that are off are turned on for a task, and others off", async () => {
    await begin();
    const missing = await run(task("name: demo-extra"));
    expect(missing.failures).toEqual([expect.stringContaining("Unable to find a match: demo-extra")]);
    await prove(task("name: demo-extra, enablerepo: extra"));
    await forget(lab);
    await begin();
    const without = await run(task('name: [demo], disablerepo: "*"'));
    expect(without.code).toBe(1);
    expect(await installed(lab)).toEqual([]);
    await prove(task('name: [demo-extra, demo-common], disablerepo: "*", enablerepo: "demo,extra"'));
    expect(await installed(lab)).toEqual(["demo-common-1.0", "demo-extra-1.0"]);
  });

  it("give only packages signed by a known key, unless the task says otherwise", async () => {
    await begin();
    await lab.output(NODE, "rpm -e gpg-pubkey 2>/dev/null");
    const stranger = await run(task("name: demo"));
    expect(stranger.failures.join()).toContain("you do not have any GPG public keys installed");
    expect(await installed(lab)).toEqual([]);
    await prove(`- name: Key\n  rpm_key: { key: ${KEY_FILE} }\n${task("name: demo")}`);
    const unsigned = await run(task("name: demo-plain, enablerepo: unsigned"));
    expect(unsigned.failures.join()).toMatch(/not signed/);
    await prove(task("name: demo-plain, enablerepo: unsigned, disable_gpg_check: true"));
  });
});

describe("names", () => {
  it("are packages, what packages provide, or files of packages", async () => {
    await begin();
    await prove(task("name: [/usr/share/demo/version, demo-common.noarch]"));
    await prove(task(`name: ${REPOSITORIES}/extra/noarch/demo-extra-1.0-1.noarch.rpm`));
    expect(await installed(lab)).toEqual(["demo-2.0", "demo-common-1.0", "demo-doc-1.0", "demo-extra-1.0"]);
  });

  it("that nobody has fail the task with all of them, and nothing is installed", async () => {
    await begin();
    const { failures } = await run(task("name: [demo, nosuch, neither]"));
    expect(failures).toEqual([expect.stringMatching(/nosuch[\s\S]*neither/)]);
    expect(await installed(lab)).toEqual([]);
  });
});

describe("packages", () => {
  it("go alone, or with what they brought", async () => {
    await begin("demo");
    const gone = await prove(task("name: [demo, nosuch], state: absent"));
    expect(shown(gone)).toEqual(["package demo: 2.0-1 → nothing"]);
    expect(await installed(lab)).toEqual(["demo-common-1.0", "demo-doc-1.0"]);
    const needless = await prove(task("autoremove: true"));
    expect(needless.changed).toEqual(["Packages"]);
    expect(await installed(lab)).toEqual([]);
    await begin("demo");
    await prove(task("name: demo, state: absent, autoremove: true"));
    expect(await installed(lab)).toEqual([]);
  });

  it("go by a pattern, and come without what is only recommended", async () => {
    await begin();
    await prove(task("name: demo, install_weak_deps: false, exclude: demo-2.0*"));
    expect(await installed(lab)).toEqual(["demo-1.1", "demo-common-1.0"]);
    await prove(task('name: ["demo*"], state: absent'));
    expect(await installed(lab)).toEqual([]);
  });

  it("are installed by yum and package too on a node that has only dnf", async () => {
    await begin();
    await prove(task("name: demo-1.0, use_backend: dnf", "yum"));
    await prove(task("name: demo, state: latest", "yum"));
    await prove(task("name: demo, state: absent, use: dnf", "package"));
    await prove(task("name: demo, use: dnf", "package"));
    expect(await installed(lab)).toContain("demo-2.0");
  });

  it("are Debian's for the package module, as in Ansible, where a node has apt too", async () => {
    await begin();
    const { failures } = await run(task("name: demo", "package"));
    expect(failures.join()).toMatch(/demo/);
    expect(await installed(lab)).toEqual([]);
  });
});
