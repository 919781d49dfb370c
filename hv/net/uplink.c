/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/net/uplink.h"

#include <string.h>

#include <arch/log.h>
#include <arch/time.h>

#include "hv/net/parse.h"

#include <lwip/dhcp.h>
#include <lwip/dns.h>
#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>

#define SPANS            8
#define DHCP_PATIENCE_NS 10000000000ull

static struct netif netif;
static struct host_nic *host_nic;
static bool by_dhcp, complained;

u32_t sys_now(void)
{
	return (u32_t)(time_ns() / 1000000);
}

/* ---- lwIP's driver interface ---- */

static err_t link_output(struct netif *to, struct pbuf *p)
{
	struct blk_span spans[SPANS];
	unsigned count = 0;
	(void)to;
	for (; p && count < SPANS; p = p->next)
		spans[count++] = (struct blk_span){p->payload, p->len};
	if (p)
		return ERR_BUF;
	return host_nic->send(host_nic, spans, count) ? ERR_OK : ERR_IF;
}

static err_t init_netif(struct netif *n)
{
	n->name[0] = 'e';
	n->name[1] = 'n';
	n->output = etharp_output;
	n->linkoutput = link_output;
	n->mtu = ETHER_FRAME_MAX - ETHER_HEADER;
	n->hwaddr_len = 6;
	memcpy(n->hwaddr, host_nic->mac, 6);
	n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
	return ERR_OK;
}

static void log_address(struct netif *n)
{
	char address[16], gateway[16], dns[16];
	if (ip4_addr_isany_val(*netif_ip4_addr(n)))
		return;
	ip4_addr_t server = {.addr = lwip_htonl(uplink_dns())};
	ip4addr_ntoa_r(netif_ip4_addr(n), address, sizeof(address));
	ip4addr_ntoa_r(netif_ip4_gw(n), gateway, sizeof(gateway));
	ip4addr_ntoa_r(&server, dns, sizeof(dns));
	log_info("uplink: address %s, gateway %s, DNS server %s", address, gateway, dns);
	complained = true;
}

static uint32_t mask_of(unsigned prefix)
{
	return prefix ? UINT32_MAX << (32 - prefix) : 0;
}

void uplink_start(struct host_nic *nic, const struct ipv4_config *config)
{
	host_nic = nic;
	complained = false;
	if (!nic) {
		log_warn("uplink: no network card; guests reach nobody outside");
		return;
	}
	lwip_init();
	by_dhcp = config->dhcp;
	ip4_addr_t address = {0}, mask = {0}, gateway = {0};
	if (!by_dhcp) {
		address.addr = lwip_htonl(config->address);
		mask.addr = lwip_htonl(mask_of(config->prefix));
		gateway.addr = lwip_htonl(config->gateway);
	}
	netif_add(&netif, &address, &mask, &gateway, NULL, init_netif, ethernet_input);
	netif_set_hostname(&netif, "vireo");
	netif_set_status_callback(&netif, log_address);
	netif_set_default(&netif);
	netif_set_link_up(&netif);
	netif_set_up(&netif);
	if (by_dhcp)
		dhcp_start(&netif);
}

void uplink_input(const uint8_t *frame, size_t size)
{
	if (size > ETHER_FRAME_MAX)
		return;
	struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)size, PBUF_POOL);
	if (!p)
		return;
	pbuf_take(p, frame, (u16_t)size);
	if (netif.input(p, &netif) != ERR_OK)
		pbuf_free(p);
}

void uplink_timers(void)
{
	if (!host_nic)
		return;
	sys_check_timeouts();
	if (by_dhcp && !complained && time_ns() > DHCP_PATIENCE_NS) {
		complained = true;
		log_warn("uplink: no DHCP server has answered yet; still asking");
	}
}

uint64_t uplink_deadline(void)
{
	if (!host_nic)
		return UINT64_MAX;
	return time_ns() + sys_timeouts_sleeptime() * 1000000ull;
}

/* ---- addresses and routes ---- */

uint32_t uplink_address(void)
{
	return host_nic ? lwip_ntohl(netif_ip4_addr(&netif)->addr) : 0;
}

uint32_t uplink_netmask(void)
{
	return host_nic ? lwip_ntohl(netif_ip4_netmask(&netif)->addr) : 0;
}

uint32_t uplink_dns(void)
{
	if (!uplink_address())
		return 0;
	uint32_t server = by_dhcp ? lwip_ntohl(ip_2_ip4(dns_getserver(0))->addr) : 0;
	return server ? server : lwip_ntohl(netif_ip4_gw(&netif)->addr);
}

bool uplink_route(struct uplink_route *route, uint32_t destination)
{
	uint32_t address = uplink_address(), mask = uplink_netmask();
	if (!address)
		return false;
	bool direct = ((destination ^ address) & mask) == 0;
	route->next_hop = direct ? destination : lwip_ntohl(netif_ip4_gw(&netif)->addr);
	if (!route->next_hop)
		return false;
	ip4_addr_t hop = {.addr = lwip_htonl(route->next_hop)};
	struct eth_addr *mac;
	const ip4_addr_t *found;
	route->resolved = etharp_find_addr(&netif, &hop, &mac, &found) >= 0;
	if (route->resolved)
		memcpy(route->mac, mac->addr, 6);
	memcpy(route->own_mac, host_nic->mac, 6);
	return true;
}

/* The frame without its Ethernet header, into lwIP's queue for an unknown MAC address. */
static void send_later(const struct uplink_route *route, const struct blk_span *spans,
                       unsigned count)
{
	size_t size = 0, at = 0;
	for (unsigned i = 0; i < count; i++)
		size += spans[i].size;
	struct pbuf *p = pbuf_alloc(PBUF_LINK, (u16_t)(size - ETHER_HEADER), PBUF_RAM);
	if (!p)
		return;
	for (unsigned i = 0; i < count; i++) {
		size_t skip = i == 0 ? ETHER_HEADER : 0;
		pbuf_take_at(p, (uint8_t *)spans[i].data + skip, (u16_t)(spans[i].size - skip),
		             (u16_t)at);
		at += spans[i].size - skip;
	}
	ip4_addr_t hop = {.addr = lwip_htonl(route->next_hop)};
	etharp_query(&netif, &hop, p);
	pbuf_free(p);
}

void uplink_send(const struct uplink_route *route, const struct blk_span *spans, unsigned count)
{
	if (!route->resolved) {
		send_later(route, spans, count);
		return;
	}
	uint8_t *ethernet = spans[0].data;
	memcpy(ethernet, route->mac, 6);
	memcpy(ethernet + 6, route->own_mac, 6);
	if (!host_nic->send(host_nic, spans, count))
		host_nic->drops++;
}
