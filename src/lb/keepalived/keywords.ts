import { parseVersion, type Version } from "../version.ts";

/** A keyword of a block, and since when keepalived knows it; null: since before 1.3. */
export interface Keyword {
  readonly name: string;
  readonly since: Version | null;
}

/** The newest keepalived whose keywords are here. */
export const NEWEST_KNOWN: Version = [2, 4, 3];

/** What may stand in a block, by the names of the blocks around it: `vrrp_instance/authentication`; empty: the file itself. */
export const keywordsOf = (block: string): ReadonlyMap<string, Keyword> | null => TABLE.get(block) ?? null;

/** The names of all blocks whose content is keywords. */
export const keywordBlocks = (): readonly string[] => [...TABLE.keys()];

/** From the sources of keepalived 1.2.13 to 2.4.3; `@2.0.0` is the first version that has it. LVS blocks are one. */
const KEYWORDS: Readonly<Record<string, string>> = {
  "": `
    SSL bfd_instance@2.0.0 child_wait_time@2.0.0 garp_group global_defs instance
    interface_up_down_delays@2.2.3 linkbeat_interfaces@2.0.13 linkbeat_use_polling
    namespace_with_ipsets@1.3.0 net_namespace net_namespace_ipvs@2.1.0 static_ipaddress static_routes
    static_rules track_file@2.1.0 track_group@2.0.3 use_pid_dir virtual_server virtual_server_group
    vrrp_instance vrrp_script vrrp_sync_group vrrp_track_file@2.0.0 vrrp_track_process@2.0.11
  `,
  global_defs: `
    bfd_cpu_affinity@2.0.17 bfd_no_swap@2.0.0 bfd_priority@2.0.0 bfd_process_name@2.0.16
    bfd_rlimit_rtime@2.0.0 bfd_rlimit_rttime@2.1.0 bfd_rt_priority@2.0.0 checker_cpu_affinity@2.0.17
    checker_log_all_failures@2.0.11 checker_no_swap checker_priority checker_process_name@2.2.0
    checker_rlimit_rtime@2.0.0 checker_rlimit_rttime@2.1.0 checker_rt_priority@2.0.0
    config_save_dir@2.2.3 data_use_instance@2.2.3 dbus_no_interface_name@2.3.0 dbus_service_name@1.3.7
    default_interface disable_local_igmp@2.2.0 dynamic_interfaces@2.0.0 enable_dbus@1.3.0
    enable_script_security@1.3.0 enable_snmp_checker enable_snmp_keepalived enable_snmp_rfc
    enable_snmp_rfcv2 enable_snmp_rfcv3 enable_snmp_vrrp@2.0.0 enable_traps
    fifo_write_vrrp_states_on_reload@2.2.5 include_check@2.2.0 iproute_etc_dir@2.3.2
    iproute_usr_dir@2.3.2 json_dump_file@2.3.3 json_version@2.2.8 log_unknown_vrids@2.0.16 lvs_flush
    lvs_flush_on_stop@2.2.0 lvs_flush_onstop@2.0.15 lvs_netlink_cmd_rcv_bufs@2.0.0
    lvs_netlink_cmd_rcv_bufs_force@2.0.0 lvs_netlink_monitor_rcv_bufs@2.0.0
    lvs_netlink_monitor_rcv_bufs_force@2.0.0 lvs_notify_fifo@1.3.6 lvs_notify_fifo_script@1.3.6
    lvs_process_name@2.0.16 lvs_sync_daemon lvs_timeouts max_auto_priority@2.1.0
    min_auto_priority_delay@2.1.0 nftables@2.0.11 nftables_counters@2.0.11 nftables_ifindex@2.0.11
    nftables_ipvs@2.2.2 nftables_ipvs_priority@2.2.2 nftables_ipvs_start_fwmark@2.2.2
    nftables_priority@2.0.11 no_checker_emails@2.0.0 no_email_faults@2.0.0 notification_email
    notification_email_from notify_fifo@1.3.6 notify_fifo_script@1.3.6 plugin_dir
    process_monitor_rcv_bufs@2.0.11 process_monitor_rcv_bufs_force@2.0.11 process_name@2.0.16
    process_names@2.0.16 random_seed@2.0.15 reload_check_config@2.2.0 reload_file@2.2.0
    reload_repeat@2.1.0 reload_time_file@2.1.0 router_id rs_init_notifies@2.0.0 script_user@1.3.0
    shutdown_script@2.1.0 shutdown_script_timeout@2.1.0 smtp_alert@2.0.0 smtp_alert_checker@2.0.0
    smtp_alert_vrrp@2.0.0 smtp_connect_timeout smtp_helo_name smtp_server
    snmp_rs_stats_update_interval@2.3.0 snmp_socket snmp_vs_stats_update_interval@2.3.0
    startup_script@2.1.0 startup_script_timeout@2.1.0 state_dump_file@2.3.3 stats_dump_file@2.3.3
    tmp_config_directory@2.2.0 umask@2.0.9 use_symlink_paths@2.3.0 v3_checksum_as_v2@2.2.8
    vmac_addr_prefix@2.2.0 vmac_prefix@2.2.0 vrrp_check_unicast_src vrrp_cpu_affinity@2.0.17
    vrrp_delay_after_boot@2.4.0 vrrp_down_timer_adverts@2.2.3 vrrp_garp_extra_if@2.2.3
    vrrp_garp_interval vrrp_garp_lower_prio_delay vrrp_garp_lower_prio_repeat vrrp_garp_master_delay
    vrrp_garp_master_refresh vrrp_garp_master_refresh_repeat vrrp_garp_master_repeat vrrp_gna_interval
    vrrp_higher_prio_send_advert@1.3.5 vrrp_ipsets vrrp_iptables vrrp_lower_prio_no_advert
    vrrp_mcast_group4 vrrp_mcast_group6 vrrp_min_garp@2.0.12 vrrp_netlink_cmd_rcv_bufs@2.0.0
    vrrp_netlink_cmd_rcv_bufs_force@2.0.0 vrrp_netlink_monitor_rcv_bufs@2.0.0
    vrrp_netlink_monitor_rcv_bufs_force@2.0.0 vrrp_no_swap vrrp_notify_fifo@1.3.6
    vrrp_notify_fifo_script@1.3.6 vrrp_notify_priority_changes@2.0.16 vrrp_owner_ignore_adverts@2.3.3
    vrrp_priority vrrp_process_name@2.0.16 vrrp_rlimit_rtime@2.0.0 vrrp_rlimit_rttime@2.1.0
    vrrp_rt_priority@2.0.0 vrrp_rx_bufs_multiplier@2.0.3 vrrp_rx_bufs_policy@2.0.3
    vrrp_skip_check_adv_addr vrrp_startup_delay@2.0.14 vrrp_strict vrrp_version
    vrrp_vmac_garp_intvl@2.2.0
  `,
  vrrp_instance: `
    accept advert_int auth_hmac@2.4.0 authentication check_unicast_src@2.1.0 debug dont_track_primary
    down_timer_adverts@2.2.3 garp_extra_if@2.2.3 garp_lower_prio_delay garp_lower_prio_repeat
    garp_master_delay garp_master_refresh garp_master_refresh_repeat garp_master_repeat
    higher_prio_send_advert@1.3.5 interface kernel_rx_buf_size@2.0.3 linkbeat_use_polling@2.0.0
    lower_prio_no_advert lvs_sync_daemon_interface mcast_dst_ip@2.2.5 mcast_src_ip native_ipv6
    no_accept@1.3.0 no_virtual_ipaddress@2.2.8 nopreempt notify notify_backup notify_deleted@2.1.0
    notify_fault notify_master notify_master_rx_lower_pri@2.0.6 notify_priority_changes@2.0.16
    notify_stop old_unicast_checksum@1.3.7 owner_ignore_adverts@2.3.3 preempt preempt_delay priority
    promote_secondaries@1.3.0 skip_check_adv_addr smtp_alert state strict_mode
    thread_timer_expired@2.3.2 timer_expired_backup@2.2.8 track_bfd@2.0.0 track_file@2.0.0
    track_interface track_process@2.0.11 track_script track_src_ip@2.0.0 unicast_fault_no_peer@2.2.5
    unicast_peer unicast_src_ip unicast_ttl@2.1.0 use_ipvlan@2.0.17 use_vmac use_vmac_addr@2.2.0
    v3_checksum_as_v2@2.2.8 version virtual_ipaddress virtual_ipaddress_excluded virtual_router_id
    virtual_routes virtual_rules vmac_garp_intvl@2.2.0 vmac_xmit_base vrf@2.2.5
  `,
  "vrrp_instance/authentication": "auth_pass auth_type",
  "vrrp_instance/auth_hmac": "active_key@2.4.0 anti_replay@2.4.0 key@2.4.0 mode@2.4.0 time_window@2.4.0",
  vrrp_sync_group: `
    global_tracking group notify notify_backup notify_fault notify_master notify_priority_changes@2.2.0
    notify_stop@2.0.0 smtp_alert sync_group_tracking_weight@2.0.0 track_bfd@2.0.0 track_file@2.0.0
    track_interface@2.0.0 track_process@2.0.11 track_script@2.0.0
  `,
  vrrp_script: "fall init_fail@1.3.2 interval rise script timeout user@1.3.0 weight",
  track_file: "file@2.1.0 init_file@2.1.0 weight@2.1.0",
  vrrp_track_file: "file@2.0.0 init_file@2.0.0 weight@2.0.0",
  vrrp_track_process: `
    delay@2.0.11 fork_delay@2.0.16 full_command@2.0.11 param_match@2.0.16 process@2.0.11 quorum@2.0.11
    quorum_max@2.0.16 terminate_delay@2.0.16 weight@2.0.11
  `,
  garp_group: "garp_interval gna_interval interface interfaces",
  track_group: "group@2.0.3",
  bfd_instance: `
    checker@2.0.0 hoplimit@2.0.0 idle_tx@2.0.0 max_hops@2.0.0 min_rx@2.0.0 min_tx@2.0.0 multihop@2.2.8
    multiplier@2.0.0 neighbor_ip@2.0.0 neighbour_ip@2.0.0 passive@2.0.0 source_ip@2.0.0 ttl@2.0.0
    vrrp@2.0.0 weight@2.0.0
  `,
  virtual_server: `
    BFD_CHECK@2.0.0 DNS_CHECK@1.3.0 FILE_CHECK@2.1.0 HTTP_GET MISC_CHECK PING_CHECK@2.1.0 SMTP_CHECK
    SSL_GET TCP_CHECK UDP_CHECK@2.1.0 alpha bind_if@1.3.7 bind_port bindto ca certificate connect_ip
    connect_port connect_timeout delay_before_retry delay_loop digest enable_sni@1.4.3
    fast_recovery@2.0.17 flag-1@1.3.0 flag-2@1.3.0 flag-3@1.3.0 fwmark ha_suspend hashed@1.3.0 helo_name
    host http_protocol@2.0.17 hysteresis inhibit_on_failure ip_family key lb_algo lb_kind
    log_all_failures@2.0.11 lthreshold lvs_method lvs_sched max_reply_length@2.2.0 mh-fallback@2.0.20
    mh-port@2.0.20 min_reply_length@2.2.0 misc_dynamic misc_path misc_timeout name@1.3.0 nat_mask
    nb_get_retry notify_down notify_up omega ops password path payload@2.2.0 persistence_engine
    persistence_granularity persistence_timeout protocol quorum quorum_down quorum_up real_server
    regex@2.0.7 regex_max_offset@2.0.7 regex_min_offset@2.0.7 regex_no_match@2.0.7 regex_options@2.0.7
    regex_stack@2.0.7 require_reply@2.1.0 retry sh-fallback@1.3.0 sh-port@1.3.0 smtp_alert@2.0.0
    snmp_name@2.2.3 sorry_server sorry_server_inhibit sorry_server_lvs_method@1.3.6 status_code
    tls_compliant@2.2.8 track_file@2.1.0 type@1.3.0 url user@1.3.0 uthreshold virtualhost warmup weight
  `,
};

const TABLE: ReadonlyMap<string, ReadonlyMap<string, Keyword>> = new Map(
  Object.entries(KEYWORDS).map(([block, words]) => [
    block,
    new Map(
      words
        .trim()
        .split(/\s+/)
        .map((word): [string, Keyword] => {
          const [name = "", version] = word.split("@");
          return [name, { name, since: version === undefined ? null : parseVersion(version) }];
        }),
    ),
  ]),
);
