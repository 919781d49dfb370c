/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How lwIP is built: no threads, the callback interface, IPv4 only, all memory static (about
 * 150 KiB) and of fixed size. It serves the hypervisor's own address; packets of guests pass by it.
 * The same options hold in the hosted build.
 */
#pragma once

#define NO_SYS                     1
#define SYS_LIGHTWEIGHT_PROT       0
#define LWIP_NETCONN               0
#define LWIP_SOCKET                0
#define LWIP_STATS                 0
#define LWIP_NETIF_HOSTNAME        1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_LINK_CALLBACK   0
#define LWIP_SINGLE_NETIF          1

#define LWIP_IPV4 1
#define LWIP_IPV6 0
#define LWIP_ARP  1
#define LWIP_ICMP 1
#define LWIP_UDP  1
#define LWIP_TCP  0
#define LWIP_RAW  0
#define LWIP_IGMP 0
#define LWIP_DHCP 1
#define LWIP_DNS  1 /* for the DHCP client, which stores the server's address there */

#define DNS_TABLE_SIZE        1
#define DNS_MAX_NAME_LENGTH   64
#define LWIP_DNS_SECURE       0
#define DHCP_DOES_ARP_CHECK   1
#define LWIP_BROADCAST_PING   0
#define LWIP_MULTICAST_PING   0
#define IP_FORWARD            0
#define IP_REASSEMBLY         0 /* nothing the hypervisor itself talks needs fragments */
#define IP_FRAG               0
#define IP_OPTIONS_ALLOWED    0
#define ETHARP_TRUST_IP_MAC   0
#define ARP_TABLE_SIZE        16
#define ARP_QUEUEING          1
#define ARP_QUEUE_LEN         4
#define LWIP_CHKSUM_ALGORITHM 2

#define MEM_ALIGNMENT        8
#define MEM_LIBC_MALLOC      0
#define MEMP_MEM_MALLOC      0
#define MEM_SIZE             (64 * 1024)
#define MEMP_NUM_UDP_PCB     264 /* 16 DNS questions of each of 16 guests, DHCP */
#define MEMP_NUM_ARP_QUEUE   32
#define MEMP_NUM_PBUF        32
#define MEMP_NUM_SYS_TIMEOUT 8
#define PBUF_POOL_SIZE       32
#define PBUF_POOL_BUFSIZE    1536

/* lwIP's own choice of ports stays below those of the NAT (nat.h). */
#define UDP_LOCAL_PORT_RANGE_START        0x2000
#define UDP_LOCAL_PORT_RANGE_END          0x3fff
#define UDP_ENSURE_LOCAL_PORT_RANGE(port) ((u16_t)(((port)&0x1fff) + 0x2000))

#define LWIP_NO_UNISTD_H   1
#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_CTYPE_H    1
