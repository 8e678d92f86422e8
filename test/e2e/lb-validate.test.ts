import { expect, test } from "vitest";
import { atLeast } from "../../src/lb/version.ts";
import { withShownRoles } from "../unit/docs/example-site.ts";
import { HOW_TOS, filesOf as pageFiles, settingsOf } from "../unit/docs/pages.ts";
import { renderExample } from "../unit/docs/render-example.ts";
import { type RenderCase, renderCases } from "../unit/lb/render-case.ts";
import { SITE_PACKAGES, withLab } from "./lab-fixture.ts";

// Every file that the renderers are known to make is put before the daemon that would read it.

const lab = withLab({ name: "lbvalid", nodes: ["lb1"], packages: SITE_PACKAGES });

const shownRoles = withShownRoles();

/** The daemons of Debian 12. */
const HAPROXY = [2, 6, 12] as const;
const KEEPALIVED = [2, 2, 7] as const;

const filesOf = (folder: string): readonly (RenderCase & { readonly file: string })[] =>
  renderCases(folder).flatMap((one) => (one.file === null ? [] : [{ ...one, file: one.file }]));

/** The output and exit code of a check, which has the file as its standard input's copy at $f. */
const check = async (file: string, command: string): Promise<{ code: number; said: string }> => {
  const script = `f=$(mktemp)\ncat > "$f" <<'END-OF-FILE'\n${file}END-OF-FILE\n${command} 2>&1`;
  const { code, stdout } = await lab.exec("lb1", script);
  return { code, said: stdout };
};

test.each(filesOf("haproxy").filter(({ version }) => version.join() === HAPROXY.join()))(
  "haproxy accepts $name without a warning",
  async ({ file }) => {
    await lab.output("lb1", CERTIFICATE);
    const { code, said } = await check(file, 'haproxy -c -dD -V -f "$f"');
    expect({ code, complaints: said.split("\n").filter((line) => /WARNING|ALERT|DIAG/.test(line)) }).toEqual({
      code: 0,
      complaints: [],
    });
  },
);

const CERTIFICATE = `mkdir -p /etc/haproxy/certs && cd /etc/haproxy/certs && [ -s site.pem ] || {
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=lab.example -keyout k -out c 2>/dev/null && cat c k > site.pem &&
mkdir -p more && cp site.pem more && echo '/etc/haproxy/certs/site.pem www.example.com' > list.txt; }`;

/** The interfaces that the cases speak of. */
const INTERFACES = `for i in eth0 eth1 bond0; do
ip link show $i >/dev/null 2>&1 || { ip link add $i type veth peer name $i-peer && ip link set $i up && ip link set $i-peer up; }
done
ip addr show eth0 | grep -q 192.0.2.11 || ip addr add 192.0.2.11/24 dev eth0`;

test.each(filesOf("keepalived").filter(({ version }) => atLeast(KEEPALIVED, version)))(
  "keepalived accepts $name without a word",
  async ({ file }) => {
    await lab.output("lb1", INTERFACES);
    // Their scripts are other people's; keepalived 2.2.7 ends itself when it checks one of another user than root.
    const own = file
      .replaceAll(/\/usr\/local\/bin\/[a-z-]+/g, "/bin/true")
      .replace("user nobody", "user root");
    expect(await check(own, 'keepalived -t -f "$f"')).toEqual({ code: 0, said: "" });
  },
);

/** Lays down what an example's configuration names and leaves to its reader: certificates, authorities, pages. */
const namedFiles = (file: string): string => {
  const pem = "/etc/haproxy/certs/site.pem";
  const paths = [...file.matchAll(/ (?:crt|ca-file) (\/etc\/haproxy\/\S+\.pem)/g)].map(
    ([, path = ""]) => path,
  );
  const pages = [...file.matchAll(/^ *errorfile \d+ (\S+)$/gm)].map(([, path = ""]) => path);
  return [
    // The bundle's parts and a list, which a bind that names the directory would take for bundles too.
    "rm -f /etc/haproxy/certs/c /etc/haproxy/certs/k /etc/haproxy/certs/list.txt",
    ...paths.map((path) => `[ -s ${path} ] || { mkdir -p "$(dirname ${path})" && cp ${pem} ${path}; }`),
    ...pages.map((path) => `[ -s ${path} ] || printf 'HTTP/1.0 503 x\\r\\n\\r\\n' > ${path}`),
  ].join("\n");
};

test.each(HOW_TOS.filter((page) => settingsOf(page).length > 0))(
  "the daemons accept the examples of docs/%s",
  async (page) => {
    await lab.output("lb1", `${CERTIFICATE}\n${INTERFACES}`);
    for (const example of settingsOf(page)) {
      for (const { host, daemon, version, file } of await renderExample(
        example,
        pageFiles(page),
        shownRoles(),
      )) {
        if (host !== "lb1" || (daemon === "haproxy" && version.join() !== HAPROXY.join())) continue;
        await lab.output("lb1", namedFiles(file));
        const { code, said } = await check(
          file,
          daemon === "haproxy" ? 'haproxy -c -dD -V -f "$f"' : 'keepalived -t -f "$f"',
        );
        const complaints =
          daemon === "haproxy" ? said.split("\n").filter((line) => /WARNING|ALERT|DIAG/.test(line)) : [said];
        expect({
          line: example.line,
          daemon,
          code,
          complaints: complaints.filter((text) => text !== ""),
        }).toEqual({
          line: example.line,
          daemon,
          code: 0,
          complaints: [],
        });
      }
    }
  },
);

test("the checks can fail: each daemon refuses a file with a typing mistake", async () => {
  await lab.output("lb1", INTERFACES);
  const haproxy = await check("defaults\n    mod http\n", 'haproxy -c -f "$f"');
  const keepalived = await check("global_defs {\n    vrrp_versoin 3\n}\n", 'keepalived -t -f "$f"');
  expect([haproxy.code, keepalived.code]).toEqual([1, 5]);
});
