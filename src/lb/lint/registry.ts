import type { Rule } from "./rule.ts";
import { firewall } from "./rules/firewall.ts";
import { haproxyHeaders } from "./rules/haproxy-headers.ts";
import { haproxyHost } from "./rules/haproxy-host.ts";
import { haproxyLimits } from "./rules/haproxy-limits.ts";
import { haproxyListening } from "./rules/haproxy-listening.ts";
import { haproxyManagement } from "./rules/haproxy-management.ts";
import { haproxyModes } from "./rules/haproxy-modes.ts";
import { haproxyPersistence } from "./rules/haproxy-persistence.ts";
import { haproxyRetries } from "./rules/haproxy-retries.ts";
import { haproxyRouting } from "./rules/haproxy-routing.ts";
import { haproxyServerTls } from "./rules/haproxy-server-tls.ts";
import { haproxyServers } from "./rules/haproxy-servers.ts";
import { haproxySyntax } from "./rules/haproxy-syntax.ts";
import { haproxyTimeouts } from "./rules/haproxy-timeouts.ts";
import { haproxyVersions } from "./rules/haproxy-versions.ts";
import { keepalivedAddressRules } from "./rules/keepalived-addresses.ts";
import { keepalivedInstanceRules } from "./rules/keepalived-instance.ts";
import { keepalivedProtocolRules } from "./rules/keepalived-protocol.ts";
import { keepalivedScriptRules } from "./rules/keepalived-scripts.ts";
import { keepalivedServiceRules } from "./rules/keepalived-service.ts";
import { keepalivedSyntaxRules } from "./rules/keepalived-syntax.ts";
import { keepalivedTrackerRules } from "./rules/keepalived-trackers.ts";
import { kernel } from "./rules/kernel.ts";
import { logRotation } from "./rules/log-rotation.ts";
import { logging } from "./rules/logging.ts";
import { network } from "./rules/network.ts";
import { pairHaproxy } from "./rules/pair-haproxy.ts";
import { pairNodes } from "./rules/pair-nodes.ts";
import { selinux } from "./rules/selinux.ts";
import { system } from "./rules/system.ts";
import { tlsCertificates } from "./rules/tls-certificates.ts";
import { tlsFiles } from "./rules/tls-files.ts";
import { vrrpFailoverRules } from "./rules/vrrp-failover.ts";
import { vrrpOutageRules } from "./rules/vrrp-outage.ts";
import { vrrpPeerRules } from "./rules/vrrp-peers.ts";
import { vrrpPriorityRules } from "./rules/vrrp-priorities.ts";
import { vrrpSegmentRules } from "./rules/vrrp-segment.ts";
import { vrrpWireRules } from "./rules/vrrp-wire.ts";

/** Every rule of lint. */
export const rules: readonly Rule[] = [
  ...vrrpWireRules,
  ...vrrpPeerRules,
  ...vrrpSegmentRules,
  ...vrrpPriorityRules,
  ...vrrpFailoverRules,
  ...vrrpOutageRules,
  ...keepalivedInstanceRules,
  ...keepalivedAddressRules,
  ...keepalivedProtocolRules,
  ...keepalivedTrackerRules,
  ...keepalivedScriptRules,
  ...keepalivedSyntaxRules,
  ...keepalivedServiceRules,
  ...haproxyHeaders,
  ...haproxyHost,
  ...haproxyLimits,
  ...haproxyListening,
  ...haproxyManagement,
  ...haproxyModes,
  ...haproxyPersistence,
  ...haproxyRetries,
  ...haproxyRouting,
  ...haproxyServerTls,
  ...haproxyServers,
  ...haproxySyntax,
  ...haproxyTimeouts,
  ...haproxyVersions,
  ...pairHaproxy,
  ...pairNodes,
  ...tlsFiles,
  ...firewall,
  ...kernel,
  ...logRotation,
  ...logging,
  ...network,
  ...selinux,
  ...system,
  ...tlsCertificates,
];
