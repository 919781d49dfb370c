/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/net_stack/world.h"

struct fake_guest guests[2];
struct fake_nic nic;

static const uint8_t host_mac[6] = {2, 0, 0, 0, 0, 1}, router_mac[6] = {2, 0, 0, 0, 0, 2};

static size_t gather(uint8_t *to, const struct blk_span *spans, unsigned count)
{
	size_t size = 0;
	for (unsigned i = 0; i < count; i++) {
		cr_assert_leq(size + spans[i].size, 2048u);
		memcpy(to + size, spans[i].data, spans[i].size);
		size += spans[i].size;
	}
	return size;
}

/* ---- guests ---- */

static void lock(void *context)
{
	struct fake_guest *guest = context;
	cr_assert(!guest->locked);
	guest->locked = true;
}

static void unlock(void *context)
{
	struct fake_guest *guest = context;
	cr_assert(guest->locked);
	guest->locked = false;
}

static bool guest_receive(struct net_end *end, const struct net_packet *packet)
{
	struct fake_guest *guest = (struct fake_guest *)end;
	cr_assert(guest->locked, "the guest's lock is held");
	if (guest->full)
		return false;
	struct kept *kept = &guest->frames[guest->count++ % KEPT];
	kept->size = gather(kept->data, packet->spans, packet->span_count);
	cr_assert_eq(kept->size, packet->size);
	return true;
}

static void guest_ready(struct net_end *end)
{
	struct fake_guest *guest = (struct fake_guest *)end;
	cr_assert(guest->locked);
	guest->ready++;
}

uint32_t guest_address(unsigned guest)
{
	return IP(10, 77, guest, 2);
}

uint32_t gateway_address(unsigned guest)
{
	return IP(10, 77, guest, 1);
}

bool guest_sends_offload(unsigned guest, const uint8_t *frame, size_t size,
                         const struct net_offload *offload)
{
	struct blk_span spans[2] = {{(void *)frame, size / 2},
	                            {(void *)(frame + size / 2), size - size / 2}};
	struct net_packet packet = {.spans = spans, .span_count = 2, .size = size};
	if (offload)
		packet.offload = *offload;
	guests[guest].locked = true;
	bool taken = net_send(&guests[guest].end, &packet) == NET_SENT;
	guests[guest].locked = false;
	return taken;
}

bool guest_sends(unsigned guest, const uint8_t *frame, size_t size)
{
	return guest_sends_offload(guest, frame, size, NULL);
}

bool guest_sends_packet(unsigned guest, const struct test_packet *packet)
{
	uint8_t frame[2048];
	struct test_packet copy = *packet;
	memcpy(copy.from_mac, (uint8_t[]){0x52, 0x56, 0, 0, (uint8_t)guest, 2}, 6);
	memcpy(copy.to_mac, (uint8_t[]){0x52, 0x56, 0, 0, (uint8_t)guest, 1}, 6);
	if (copy.to == UINT32_MAX)
		memset(copy.to_mac, 0xff, 6);
	return guest_sends(guest, frame, test_frame(frame, &copy));
}

static void plug_in(unsigned number)
{
	static const struct forward_config forward = {.host_port = 8080, .guest_port = 80};
	struct fake_guest *guest = &guests[number];
	guest->number = number;
	guest->end = (struct net_end){.receive = guest_receive, .peer_ready = guest_ready};
	guest->port = net_port_open(&(struct net_port_config){.guest = number,
	                                                      .name = number ? "beta" : "alpha",
	                                                      .forwards = &forward,
	                                                      .forward_count = number == 0,
	                                                      .lock = lock,
	                                                      .unlock = unlock,
	                                                      .context = guest});
	cr_assert_not_null(guest->port);
	net_cable_join(&guest->end, guest->port);
}

/* ---- the wire ---- */

static bool nic_send(struct host_nic *self, const struct blk_span *spans, unsigned count)
{
	struct fake_nic *fake = (struct fake_nic *)self;
	if (fake->full)
		return false;
	struct kept *kept = &fake->out[fake->sent++ % KEPT];
	kept->size = gather(kept->data, spans, count);
	cr_assert_leq(kept->size, 1514u);
	return true;
}

static unsigned nic_room(struct host_nic *self)
{
	return ((struct fake_nic *)self)->full ? 0 : 1000;
}

static bool nic_poll(struct host_nic *self, unsigned budget)
{
	struct fake_nic *fake = (struct fake_nic *)self;
	unsigned done = 0;
	for (; done < fake->queued && done < budget; done++)
		self->received(self, fake->in[done].data, fake->in[done].size);
	fake->queued -= done;
	memmove(fake->in, fake->in + done, fake->queued * sizeof(fake->in[0]));
	return fake->queued > 0;
}

void wire_sends(const uint8_t *frame, size_t size)
{
	if (nic.queued == KEPT)
		settle();
	struct kept *kept = &nic.in[nic.queued++];
	kept->size = size;
	memcpy(kept->data, frame, size);
}

void wire_sends_packet(const struct test_packet *packet)
{
	uint8_t frame[2048];
	struct test_packet copy = *packet;
	memcpy(copy.from_mac, router_mac, 6);
	memcpy(copy.to_mac, host_mac, 6);
	wire_sends(frame, test_frame(frame, &copy));
}

/* The router says hello, so that its MAC address is known. */
static void router_arp(void)
{
	uint8_t arp[42] = {0};
	memcpy(arp, host_mac, 6);
	memcpy(arp + 6, router_mac, 6);
	memcpy(arp + 12, (uint8_t[]){8, 6, 0, 1, 8, 0, 6, 4, 0, 1}, 10);
	memcpy(arp + 22, router_mac, 6);
	test_put32(arp + 28, ROUTER);
	test_put32(arp + 38, HOST);
	wire_sends(arp, sizeof(arp));
	settle();
}

/* ---- the whole ---- */

void settle(void)
{
	for (unsigned i = 0; i < 1000 && net_poll(); i++)
		;
	net_poll();
}

void pass(uint64_t ns)
{
	for (uint64_t end = hosted_time.now_ns + ns; hosted_time.now_ns < end;) {
		hosted_time.now_ns += SECOND / 10;
		settle();
	}
}

static void start(const struct ipv4_config *config, bool with_nic)
{
	hosted_reset();
	hosted_time.now_ns = SECOND;
	nic.nic = (struct host_nic){.send = nic_send, .room = nic_room, .poll = nic_poll};
	memcpy(nic.nic.mac, host_mac, 6);
	net_start(with_nic ? &nic.nic : NULL, config);
	plug_in(0);
	plug_in(1);
	settle();
}

void world_static(void)
{
	start(&(struct ipv4_config){.address = HOST, .gateway = ROUTER, .prefix = 24}, true);
	router_arp();
}

void world_dhcp(void)
{
	start(&(struct ipv4_config){.dhcp = true}, true);
}

void world_no_uplink(void)
{
	start(&(struct ipv4_config){.dhcp = true}, false);
}

const struct kept *at_guest(unsigned guest)
{
	settle();
	cr_assert_gt(guests[guest].count, 0);
	return &guests[guest].frames[(guests[guest].count - 1) % KEPT];
}

const struct kept *on_wire(void)
{
	settle();
	cr_assert_gt(nic.sent, 0);
	return &nic.out[(nic.sent - 1) % KEPT];
}

uint64_t counter(const char *name)
{
	struct net_stat stats[64];
	size_t count = net_stats(stats, 64);
	for (size_t i = 0; i < count; i++)
		if (!strcmp(stats[i].name, name))
			return stats[i].value;
	cr_assert_fail("no counter of that name");
	return 0;
}
