import { describeContract } from "../../unit/transport/contract.ts";
import { startServer, testAddress } from "../../unit/transport/nodes.ts";

// The same over OpenSSH's server and client is an e2e test.

describeContract("local", async () => ({
  address: testAddress({ connection: "local", port: null }),
  stop: async () => {},
}));

describeContract("ssh to a server in this process", () => startServer());
