import { describeContract } from "../unit/transport/contract.ts";
import { startSshd } from "./sshd.ts";

describeContract("ssh to OpenSSH's server", () => startSshd());

describeContract("openssh to OpenSSH's server", async () => {
  const { address, stop } = await startSshd();
  return { address: { ...address, connection: "openssh" }, stop };
});
