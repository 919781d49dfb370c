/* SPDX-License-Identifier: BSD-2-Clause */
/* Start-up with a device made of variables, which answers what a test tells it. */
#include <criterion/criterion.h>
#include <string.h>

#include <arch/err.h>

#include "arch/hosted/hosted.h"
#include "guest-devices/virtio/virtio.h"
#include "hv/drivers/virtio.h"

static struct {
	uint8_t status, stuck; /* bits that never clear */
	uint8_t refused;       /* bits that never set */
	uint64_t offered, accepted;
	unsigned size, reads;
	int enable;
	bool generation_moves;
	uint8_t generation;
	uint8_t order[32]; /* each status written */
	unsigned writes;
} fake;

static uint8_t status(struct virtio_port *port)
{
	(void)port;
	fake.reads++;
	return fake.status;
}

static void set_status(struct virtio_port *port, uint8_t value)
{
	(void)port;
	if (fake.writes < sizeof(fake.order))
		fake.order[fake.writes++] = value;
	fake.status = (uint8_t)((value & ~fake.refused) | fake.stuck);
}

static uint64_t features(struct virtio_port *port)
{
	(void)port;
	return fake.offered;
}

static void set_features(struct virtio_port *port, uint64_t value)
{
	(void)port;
	fake.accepted = value;
}

static unsigned queue_size(struct virtio_port *port, unsigned queue)
{
	(void)port;
	(void)queue;
	return fake.size;
}

static int queue_enable(struct virtio_port *port, unsigned queue, const struct ring *ring)
{
	(void)port;
	(void)queue;
	(void)ring;
	return fake.enable;
}

static uint32_t config_read(struct virtio_port *port, unsigned offset, unsigned size)
{
	(void)port;
	(void)size;
	return offset ? 0x11111111 : 0x22222222;
}

static uint32_t generation(struct virtio_port *port)
{
	(void)port;
	fake.reads++;
	return fake.generation_moves ? fake.generation++ : 0;
}

static const struct virtio_port_ops operations = {
    .status = status,
    .set_status = set_status,
    .features = features,
    .set_features = set_features,
    .queue_size = queue_size,
    .queue_enable = queue_enable,
    .config_read = config_read,
    .generation = generation,
};

static struct virtio_port port;

static void set_up(void)
{
	hosted_reset();
	memset(&fake, 0, sizeof(fake));
	fake.offered = VIRTIO_F_VERSION_1 | RING_FEATURES | 0xff;
	port = (struct virtio_port){.ops = &operations, .name = "fake"};
}

TestSuite(driver_start, .init = set_up);

Test(driver_start, steps_are_in_order)
{
	const uint8_t order[] = {0, 1, 3, 11, 15};

	cr_assert_eq(virtio_port_begin(&port, 3, 1), 0);
	cr_assert_eq(virtio_port_go(&port), 0);
	cr_assert_eq(fake.writes, 5);
	cr_assert_arr_eq(fake.order, order, 5);
	cr_assert_eq(fake.accepted, VIRTIO_F_VERSION_1 | 3, "nothing unasked for");
}

Test(driver_start, reset_that_never_ends)
{
	fake.stuck = VIRTIO_DRIVER;
	cr_assert_eq(virtio_port_begin(&port, 0, 0), ERR_IO);
	cr_assert(hosted_log_has("fake: it does not come out of reset; the device is not used"));
	cr_assert_leq(hosted_time.now_ns, 1100000000u, "a second");
	cr_assert_leq(fake.reads, 20000);
	cr_assert(fake.status & VIRTIO_FAILED);
}

Test(driver_start, legacy_device)
{
	fake.offered = 0xff;
	cr_assert_eq(virtio_port_begin(&port, 0xff, 0), ERR_UNSUPPORTED);
	cr_assert(hosted_log_has("lacks features 0x100000000"));
	cr_assert(fake.status & VIRTIO_FAILED);
}

Test(driver_start, features_refused)
{
	fake.refused = VIRTIO_FEATURES_OK;
	cr_assert_eq(virtio_port_begin(&port, 0, 0), ERR_UNSUPPORTED);
	cr_assert(hosted_log_has("refuses the features that it offered"));
	cr_assert_eq(port.features, 0);
}

Test(driver_start, breaks_at_driver_ok)
{
	cr_assert_eq(virtio_port_begin(&port, 0, 0), 0);
	fake.stuck = VIRTIO_NEEDS_RESET;
	cr_assert_eq(virtio_port_go(&port), ERR_IO);
}

Test(driver_start, queues_of_odd_sizes)
{
	static _Alignas(RING_ALIGN) uint8_t memory[65536];
	static struct ring ring;

	cr_assert_eq(virtio_port_begin(&port, 0, 0), 0);
	fake.size = 0;
	cr_assert_eq(virtio_port_queue(&port, 0, &ring, memory, 64), ERR_NOT_FOUND);
	fake.size = 1;
	cr_assert_eq(virtio_port_queue(&port, 0, &ring, memory, 64), 0);
	cr_assert_eq(ring.size, 1);
	fake.size = 33;
	cr_assert_eq(virtio_port_queue(&port, 0, &ring, memory, 64), 0);
	cr_assert_eq(ring.size, 32);
	fake.size = 0xffff;
	cr_assert_eq(virtio_port_queue(&port, 0, &ring, memory, 64), 0);
	cr_assert_eq(ring.size, 64);
	fake.enable = ERR_INVALID;
	cr_assert_eq(virtio_port_queue(&port, 0, &ring, memory, 64), ERR_IO);
	cr_assert(hosted_log_has("refuses a queue"));
}

Test(driver_start, configuration_that_never_holds_still)
{
	cr_assert_eq(virtio_port_config(&port, 0, 8), 0x1111111122222222ull);
	cr_assert_eq(fake.reads, 2);
	fake.generation_moves = true;
	virtio_port_config(&port, 0, 8);
	cr_assert_leq(fake.reads, 50);
}
