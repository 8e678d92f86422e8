import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../engine/local-session.ts";
import { results, runPlaybook } from "../engine/playbook-run.ts";

const role = new URL("../../../roles/pound/", import.meta.url);

/** The role's configuration for some variables, on a distribution. */
const render = async (variables: string, family = "Debian"): Promise<string> => {
  const directory = temporaryDirectory();
  const { events } = await runPlaybook({
    directory,
    playbook: `
- hosts: all
  gather_facts: false
  vars: { ansible_facts: { os_family: ${family} } }
  vars_files: [defaults.yml, wanted.yml]
  tasks:
    - template: { src: pound.cfg.j2, dest: "@/pound.cfg" }
`,
    files: {
      "defaults.yml": readFileSync(new URL("defaults/main.yml", role), "utf8"),
      "wanted.yml": variables,
      "templates/pound.cfg.j2": readFileSync(new URL("templates/pound.cfg.j2", role), "utf8"),
    },
  });
  expect(results(events).filter(({ status }) => status === "failed")).toEqual([]);
  return readFileSync(join(directory, "pound.cfg"), "utf8");
};

it("ends TLS on the virtual address and tells HAProxy so, as nobody else can", async () => {
  expect(
    await render(
      "pound_https: [{ address: 192.0.2.100, certificate: /etc/pound/site.pem }]\npound_ciphers: ''",
    ),
  ).toBe(
    `# Managed by lbplay (role pound); edits are overwritten.
User "www-data"
Group "www-data"
LogLevel 1
LogFacility daemon
Alive 5
TimeOut 60

ListenHTTPS
    Address 192.0.2.100
    Port 443
    Cert "/etc/pound/site.pem"
    Disable TLSv1_1
    # A client's own claim must not get through.
    HeadRemove "X-Forwarded-Proto"
    AddHeader "X-Forwarded-Proto: https"
    Service
        BackEnd
            Address 127.0.0.1
            Port 8080
        End
    End
End
`,
  );
});

it("has several listeners and backends, and lines of one's own in both places", async () => {
  expect(
    await render(
      `
pound_user: ""
pound_group: ""
pound_https:
  - { address: 192.0.2.100, port: 8443, certificate: /a.pem }
  - { address: "2001:db8::1", certificate: /b.pem }
pound_backends: [{ address: 127.0.0.1 }, { address: 127.0.0.2, port: 81 }]
pound_disable_up_to: ""
pound_ciphers: HIGH
pound_listener_raw: ["MaxRequest 65536"]
pound_raw: ["Control \\"/run/pound.sock\\""]
`,
      "RedHat",
    ),
  ).toBe(`# Managed by lbplay (role pound); edits are overwritten.
LogLevel 1
LogFacility daemon
Alive 5
TimeOut 60
${['192.0.2.100\n    Port 8443\n    Cert "/a.pem"', '2001:db8::1\n    Port 443\n    Cert "/b.pem"']
  .map(
    (listener) => `
ListenHTTPS
    Address ${listener}
    Ciphers "HIGH"
    # A client's own claim must not get through.
    HeadRemove "X-Forwarded-Proto"
    AddHeader "X-Forwarded-Proto: https"
    MaxRequest 65536
    Service
        BackEnd
            Address 127.0.0.1
            Port 80
        End
        BackEnd
            Address 127.0.0.2
            Port 81
        End
    End
End
`,
  )
  .join("")}Control "/run/pound.sock"
`);
});
