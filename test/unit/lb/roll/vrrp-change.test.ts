import { expect, test } from "vitest";
import { keepalivedConfig } from "../../../../src/lb/keepalived/read-config.ts";
import { vrrpChange } from "../../../../src/lb/roll/vrrp-change.ts";

const BASE = `
global_defs {
    router_id lb1
}
vrrp_script chk {
    script "/usr/bin/killall -0 haproxy"
    weight 2
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 101
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass secret12
    }
    virtual_ipaddress {
        192.0.2.10/32
    }
    track_script {
        chk
    }
}
`;

const config = (text: string) => keepalivedConfig([{ path: "keepalived.conf", text }]);

const changed = (...edits: readonly (readonly [string | RegExp, string])[]) => {
  const text = edits.reduce((all, [from, to]) => {
    const next = all.replace(from, to);
    expect(next).not.toBe(all);
    return next;
  }, BASE);
  return vrrpChange(config(BASE), config(text));
};

test("comments and indents change nothing", () => {
  expect(changed([/^ {4}/gm, "\t"], ["state BACKUP", "state BACKUP ! comment"]).change).toBe("none");
});

test.each([
  ["a priority", ["priority 101", "priority 150"]],
  ["a script's weight", ["weight 2", "weight -20"]],
  ["what is behind the eighth character of a password", ["secret12", "secret12345"]],
  [
    "an excluded address",
    ["    track_script", "    virtual_ipaddress_excluded {\n 192.0.2.11/32\n }\n    track_script"],
  ],
] as const)("%s is taken over by a reload, and the other node does not notice", (_, [from, to]) => {
  expect(changed([from, to]).change).toBe("reload");
});

test.each([
  ["the version", ["    router_id lb1", "    router_id lb1\n    vrrp_version 3"]],
  ["the addresses", ["192.0.2.10/32", "192.0.2.10/32\n 192.0.2.11/32"]],
  ["the password", ["secret12", "other"]],
  ["no password any more", [/ {4}authentication \{[^}]*\}\n/, ""]],
  ["the interval of version 2", ["advert_int 1", "advert_int 2"]],
] as const)("%s is seen on the wire", (_, [from, to]) => {
  const verdict = changed([from, to]);
  expect(verdict.change).toBe("wire");
  expect(verdict.reasons.join()).toContain("VI_1");
});

test.each([
  ["the router id", ["virtual_router_id 51", "virtual_router_id 52"]],
  ["unicast", ["    advert_int 1", "    advert_int 1\n    unicast_peer {\n 192.0.2.2\n }"]],
  ["the interface", ["interface eth0", "interface eth1"]],
] as const)("%s begins the instance anew", (_, [from, to]) => {
  expect(changed([from, to]).change).toBe("reinit");
});

test("what counts only at the start needs one", () => {
  expect(changed(["    router_id lb1", "    router_id lb1\n    net_namespace lb"]).change).toBe("restart");
});

test("an instance by another name is the same one on the wire", () => {
  expect(changed(["vrrp_instance VI_1", "vrrp_instance web"]).change).toBe("reload");
});

test("a whole second stays one in version 2, whatever is written", () => {
  expect(changed(["advert_int 1", "advert_int 1.2"]).change).toBe("reload");
});

test("the interval of version 3 travels with the adverts", () => {
  const three = BASE.replace("    router_id lb1", "    router_id lb1\n    vrrp_version 3");
  expect(vrrpChange(config(three), config(three.replace("advert_int 1", "advert_int 0.2"))).change).toBe(
    "reload",
  );
});
