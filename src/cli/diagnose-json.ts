import type { Json } from "../core/value.ts";
import type { Examined } from "../lb/diagnose/cause.ts";
import { heldBy, stateOf } from "../lb/live/node.ts";
import type { DiagnosedPair } from "./diagnose-text.ts";

/** What `lbplay diagnose --output json` prints of a pair. */
export const diagnosisJson = ({ name, addresses, nodes, here, diagnosis }: DiagnosedPair): Json => ({
  pair: name,
  well: diagnosis.well,
  symptoms: diagnosis.symptoms.map(({ node, severity, kind, message, advice }) => ({
    kind,
    node,
    severity,
    message,
    advice,
  })),
  causes: diagnosis.causes.map(({ kind, nodes: about, confidence, message, evidence, advice }) => ({
    kind,
    nodes: [...about],
    confidence,
    message,
    evidence: [...evidence],
    advice,
  })),
  unseen: [...diagnosis.unseen],
  nodes: nodes.map((node) => nodeJson(node, addresses)),
  from_here: here.map(({ address, ports, mac }) => ({
    address,
    mac,
    ports: ports.map(({ port, error }) => ({ port, error })),
  })),
});

const nodeJson = ({ live, symptoms }: Examined, addresses: readonly string[]): Json => {
  const state = stateOf(live);
  if (state === null) return { name: live.name, reached: false };
  return {
    name: live.name,
    reached: true,
    has: [...heldBy(live, addresses)],
    vrrp: state.keepalived.instances.map(({ name, state: now }) => ({ instance: name, state: now })),
    adverts_seen_by: symptoms?.wire.by ?? null,
    adverts: (symptoms?.wire.adverts ?? []).map((advert) => ({
      source: advert.source,
      destination: advert.destination,
      interface: advert.dev,
      mac: advert.mac,
      sent: advert.sent,
      version: advert.version,
      virtual_router_id: advert.virtualRouterId,
      priority: advert.priority,
      authentication: advert.authentication,
      interval_ms: advert.advertMs,
      addresses: advert.addresses === null ? null : [...advert.addresses],
      count: advert.count,
    })),
    checks: (symptoms?.checks ?? []).map(({ name, code, user }) => ({ name, exit_code: code, user })),
    logs: (symptoms?.logs ?? []).map(({ target, facility, arrived }) => ({
      target,
      facility,
      arrived: arrived === null ? null : [...arrived],
    })),
  };
};
