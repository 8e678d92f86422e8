/** A keepalived.conf as tutorials have it: VRRP 2, adverts each second, a script that adds to the priority. */
export const tutorialKeepalived = (priority: number, address: string): string => `vrrp_script chk_haproxy {
  script "killall -0 haproxy"
  interval 2
  weight 2
}
vrrp_instance VI_1 {
  interface host0
  state ${priority === 101 ? "MASTER" : "BACKUP"}
  virtual_router_id 51
  priority ${priority}
  virtual_ipaddress {
    ${address}/24 dev host0
  }
  track_script {
    chk_haproxy
  }
}
`;

/** A haproxy.cfg as tutorials have it. */
export const tutorialHaproxy = (servers: readonly string[]): string => `global
    daemon
    maxconn 256
    stats socket /var/run/haproxy.sock mode 600 level admin
defaults
    mode http
    timeout connect 5s
    timeout client 50s
    timeout server 50s
frontend http-in
    bind *:80
    default_backend servers
backend servers
    option httpchk GET /
${servers.map((address, index) => `    server www${index + 1} ${address}:80 check`).join("\n")}
`;
