import { describe, expect, it } from "vitest";
import { withLab } from "./lab-fixture.ts";
import { failures, rolePlays } from "./role-run.ts";

const lab = withLab({ name: "roles-pound", nodes: ["lb1"] });
const plays = rolePlays(lab);

const play = (vars: Readonly<Record<string, unknown>>): string => `
- hosts: lb
  become: true
  vars: ${JSON.stringify({
    pound_https: [{ address: "0.0.0.0", certificate: "/etc/pound/site.pem" }],
    ...vars,
  })}
  roles: [pound]
`;

/** Everything that a package or a role would leave. */
const traces = (): Promise<string> =>
  lab.output("lb1", "dpkg-query -W | sha256sum; ls -d /etc/pound* 2>/dev/null || true");

describe("Pound on Debian 12, which has no package of it", () => {
  it("is refused before anything is touched, in check mode too, with what to do instead", async () => {
    expect(await lab.output("lb1", "apt-get update -qq; apt-cache policy pound")).toBe("");
    const before = await traces();
    for (const words of [[], ["--check"]]) {
      const refused = await plays.run(play({}), ...words);
      expect(refused.code).toBe(1);
      const said = failures(refused).join("\n");
      expect(said).toMatch(/Debian 12(\.\d+)? has no package of Pound that this role can configure/);
      for (const way of ["a bind with tls: true", "Debian 13 or newer", "pound_install to none"])
        expect(said).toContain(way);
    }
    expect(await traces()).toBe(before);
  });

  it("is refused where nothing says which certificate to present", async () => {
    const refused = await plays.run(play({ pound_install: "none", pound_https: [{ address: "0.0.0.0" }] }));
    expect(refused.code).toBe(2);
    expect(failures(refused).join("\n")).toContain("certificate");
  });
});
