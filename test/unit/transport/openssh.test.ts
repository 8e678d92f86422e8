import { describe, expect, it } from "vitest";
import { logFault } from "../../../src/transport/openssh-fault.ts";

describe("what ssh writes to standard error", () => {
  it.each([
    ["ssh: connect to host lb1 port 22: Connection refused", "refused"],
    ["ssh: connect to host lb1 port 22: No route to host", "refused"],
    ["ssh: connect to host lb1 port 22: Connection timed out", "timeout"],
    ["Connection timed out during banner exchange", "timeout"],
    ["ssh: Could not resolve hostname lb1: Name or service not known", "unresolved"],
    ["root@lb1: Permission denied (publickey,password).", "authentication"],
    ["Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures", "authentication"],
    ["/root/.ssh/config: line 3: Bad configuration option: prot", "unsupported"],
    ["kex_exchange_identification: Connection closed by remote host", "lost"],
  ])("becomes a fault with that line: %s", (line, fault) => {
    const error = logFault(
      { label: "root@lb1" },
      `Warning: Permanently added 'lb1' to the list.\r\n${line}\r\n`,
    );
    expect(error.fault).toBe(fault);
    expect(error.message).toBe(fault === "lost" ? `root@lb1: ssh ended: ${line}` : `root@lb1: ${line}`);
    expect(error.hint).not.toBeNull();
  });

  it("gathers the fingerprint and the line of a changed key", () => {
    const log = [
      "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@",
      "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @",
      "The fingerprint for the ED25519 key sent by the remote host is",
      "SHA256:abc.",
      "Offending ED25519 key in /root/.ssh/known_hosts:7",
      "Host key verification failed.",
    ].join("\r\n");
    expect(logFault({ label: "lb1" }, log).message).toBe(
      "lb1: the host key has changed (SHA256:abc) (Offending ED25519 key in /root/.ssh/known_hosts:7)",
    );
  });

  it("has words for silence", () => {
    expect(logFault({ label: "lb1" }, "").message).toBe("lb1: ssh ended: it gave no reason");
  });
});
