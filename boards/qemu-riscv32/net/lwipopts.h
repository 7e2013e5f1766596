// SPDX-License-Identifier: Apache-2.0
// lwIP as this board needs it: IPv4, UDP, TCP, DHCP, DNS, raw API, no thread, bounded pools. What is not here is lwIP's
// default. No fragments in or out: CoAP keeps its messages below a path's MTU (RFC 7252, 4.6).

#ifndef PINHOLE_LWIPOPTS_H
#define PINHOLE_LWIPOPTS_H

#include <stdint.h>

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_STATS 0
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_LINK_CALLBACK 1

/* Datagrams that wait for the gateway's hardware address: one for each account, not only the last. */
#define ARP_QUEUEING 1
#define ARP_QUEUE_LEN 4
#define MEMP_NUM_ARP_QUEUE 8

#define LWIP_IPV6 0
#define LWIP_ICMP 1
#define LWIP_RAW 0
#define IP_REASSEMBLY 0
#define IP_FRAG 0
#define LWIP_DHCP 1
/* Asking around whether anybody has the address would cost a second of each start. */
#define DHCP_DOES_ARP_CHECK 0
#define LWIP_DHCP_DOES_ACD_CHECK 0
#define LWIP_DNS 1
#define DNS_TABLE_SIZE 4
#define DNS_MAX_NAME_LENGTH 128

/* Sockets of four accounts, each with a probe beside it, and those of DNS and DHCP. */
#define MEMP_NUM_UDP_PCB 10
#define MEMP_NUM_TCP_PCB 4
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define LWIP_TCP 1
#define TCP_MSS 1024
#define TCP_WND (4 * TCP_MSS)
#define TCP_SND_BUF (4 * TCP_MSS)
#define MEMP_NUM_TCP_SEG 16
#define TCP_LISTEN_BACKLOG 0

/* Received frames go into the pool, what is sent into the heap. */
#define MEM_ALIGNMENT 4
#define MEM_SIZE (12 * 1024)
#define PBUF_POOL_SIZE 20
#define PBUF_POOL_BUFSIZE 512

/* Nobody may guess port, query number or sequence number: randomness of the chip (net.h). */
uint32_t netRandom(void);
#define LWIP_RAND() netRandom()

#endif
