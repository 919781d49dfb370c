/* SPDX-License-Identifier: BSD-2-Clause */
/* Transitional and legacy functions through their ports (VIRTIO 1.4, 4.1.4.10), driven as old
 * drivers did; hostile rows by id. */
#include <criterion/criterion.h>

#include "guest-devices/virtio/virtio_pci.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/probe.h"
#include "tests/lib/proves.h"
#include "tests/lib/raw_legacy.h"
#include "tests/lib/raw_virtio_pci.h"

enum { SLOT = 5, QUEUE = 64, DATA = FAKE_HIGH + 0x8000, ALIGN = 4096 };
enum { HOST_FEATURES = 0, GUEST_FEATURES = 4, PFN = 8, QSIZE = 12, QSEL = 14, NOTIFY = 16 };
enum {
	STATUS = 18,
	ISR = 19,
	CONFIG = 20,
	CONFIG_VECTOR = 20,
	QUEUE_VECTOR = 22,
	CONFIG_MSIX = 24
};
enum { ACK = 1, DRV = 2, DOK = 4, FOK = 8 };

static struct fake_pci pci;
static struct probe probe;
static struct virtio_pci transport;
static struct raw_virtio_pci raw;
static struct raw_ring ring;
static uint16_t ports;

static void plug(enum virtio_face face)
{
	fake_port_reset();
	fake_pci_init(&pci);
	probe_init(&probe, &pci.mem.mem, QUEUE);
	virtio_pci_init_as(&transport, &probe.device, face);
	cr_assert_eq(pci_host_add(&pci.host, &transport.function, SLOT), 0);
	raw_virtio_pci_init(&raw, &pci, SLOT);
	fake_pci_set(&pci, SLOT, PCI_COMMAND, 2, 7);
	ports = (uint16_t)(fake_pci_get(&pci, SLOT, PCI_BAR0, 4) & ~3u);
}

static void setup(void)
{
	plug(VIRTIO_TRANSITIONAL);
}

static void teardown(void)
{
	fake_pci_free(&pci);
}

TestSuite(pci_legacy, .init = setup, .fini = teardown);

static uint32_t in(unsigned offset, uint8_t size)
{
	return (uint32_t)fake_pci_in(&pci, (uint16_t)(ports + offset), size);
}

static void out(unsigned offset, uint8_t size, uint32_t value)
{
	fake_pci_out(&pci, (uint16_t)(ports + offset), size, value);
}

static void attach(unsigned queue)
{
	out(QSEL, 2, queue);
	raw_legacy_ring_init(&ring, &pci.mem, FAKE_HIGH, (uint16_t)in(QSIZE, 2), ALIGN);
	out(PFN, 4, FAKE_HIGH >> 12);
}

static void begin(uint32_t features)
{
	out(STATUS, 1, 0);
	out(STATUS, 1, ACK);
	out(STATUS, 1, ACK | DRV);
	out(GUEST_FEATURES, 4, features);
}

static void start(void)
{
	begin(0);
	attach(0);
	out(STATUS, 1, ACK | DRV | DOK);
}

static void request(void)
{
	raw_desc(&ring, 0, DATA, 4, RAW_NEXT, 1);
	raw_desc(&ring, 1, DATA + 0x100, 4, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	out(NOTIFY, 2, 0);
}

static void expect_works(void)
{
	start();
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

PROVES("V14-PCI-L01", "V14-PCI-L02", "V14-PCI-L03", "V14-PCI-L04", "V14-PCI-L08", "V14-PCI-003")
Test(pci_legacy, identity_of_a_transitional_function)
{
	cr_assert_eq(fake_pci_get(&pci, SLOT, 0, 4), 0x10051af4);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 8, 1), 0);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 0x2e, 2), 4);
	cr_assert_eq(fake_pci_get(&pci, SLOT, PCI_BAR0, 4) & 3, 1, "ports");
	fake_pci_set(&pci, SLOT, PCI_BAR0, 4, 0xffffffff);
	cr_assert_eq(fake_pci_get(&pci, SLOT, PCI_BAR0, 4), 0xffffffc1, "24 and 16 bytes in 64");
}

/* L02: guests are little-endian, and so are the fields that the driver here writes and reads. */
PROVES("V14-CORE-L04", "V14-CORE-L06", "V14-SPLIT-L01", "V14-SPLIT-L02")
Test(pci_legacy, a_request_and_a_line_interrupt)
{
	expect_works();
	cr_assert(virtio_legacy(&probe.device));
	cr_assert_eq(in(STATUS, 1), ACK | DRV | DOK);
	cr_assert_neq(pci.lines, 0);
	cr_assert_eq(in(ISR, 1), 1);
	cr_assert_eq(pci.lines, 0);
	cr_assert_eq(in(ISR, 1), 0);
	cr_assert_eq(in(PFN, 4), FAKE_HIGH >> 12);
	cr_assert_eq(probe.negotiations, 1);
	cr_assert_eq(probe.device.misuse, 0);
}

PROVES("V14-CORE-L11", "V14-CORE-L12", "V14-PCI-L07")
Test(pci_legacy, features)
{
	cr_assert_eq(in(HOST_FEATURES, 4), 1 | 1u << 27 | 1u << 28 | 1u << 29);
	cr_assert_eq(probe.device.offered & 1u << 27, 0, "not to other drivers");
	begin(0xffffffff);
	cr_assert_eq(probe.device.features, in(HOST_FEATURES, 4),
	             "what was not offered is dropped");
	cr_assert_not(virtio_has(&probe.device, VIRTIO_F_VERSION_1));
}

PROVES("V14-CORE-L07")
Test(pci_legacy, configuration_is_written_before_anything_else)
{
	cr_assert_eq(in(CONFIG + 8, 1), 0xa8);
	cr_assert_not(virtio_legacy(&probe.device), "others may read it too");
	out(CONFIG + 8, 1, 0x42);
	cr_assert_eq(probe.config[8], 0x42);
	cr_assert_eq(in(CONFIG + 8, 1), 0x42);
	cr_assert(virtio_legacy(&probe.device));
}

PROVES("V14-CORE-L08")
Test(pci_legacy, the_device_is_used_before_driver_ok)
{
	out(STATUS, 1, ACK);
	out(STATUS, 1, ACK | DRV);
	attach(0);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1, "even before features were written");
	cr_assert_eq(probe.queue_interrupts + pci.line_changes, 1);
	out(STATUS, 1, ACK | DRV | DOK);
	cr_assert_eq(probe.starts, 1);
	request();
	cr_assert_eq(raw_used_idx(&ring), 2);
}

Test(pci_legacy, early_use_of_a_device_that_was_given_up)
{
	out(STATUS, 1, ACK);
	attach(0);
	out(STATUS, 1, ACK | VIRTIO_FAILED);
	request();
	cr_assert_eq(probe.starts + probe.notifies, 0);
	cr_assert_eq(raw_used_idx(&ring), 0);
}

Test(pci_legacy, features_after_the_queue)
{
	out(STATUS, 1, ACK);
	out(STATUS, 1, ACK | DRV);
	attach(0);
	out(GUEST_FEATURES, 4, 1u << 29);
	out(STATUS, 1, ACK | DRV | DOK);
	raw_set_used_event(&ring, 1);
	request();
	cr_assert_eq(in(ISR, 1), 0, "EVENT_IDX is in force");
	request();
	cr_assert_eq(in(ISR, 1), 1);
	out(GUEST_FEATURES, 4, 0);
	cr_assert(virtio_has(&probe.device, VIRTIO_F_EVENT_IDX), "and stays from now on");
}

PROVES("V14-PCI-L05", "V14-PCI-L06")
Test(pci_legacy, configuration_by_any_width_and_where_msix_puts_it)
{
	for (unsigned i = 0; i < 16; i++)
		cr_assert_eq(in(CONFIG + i, 1), 0xa0 + i);
	cr_assert_eq(in(CONFIG + 4, 2), 0xa5a4);
	cr_assert_eq(in(CONFIG + 3, 4), 0xa6a5a4a3);
	fake_pci_set(&pci, SLOT, raw.msix + 2, 2, 0x8000);
	cr_assert_eq(in(CONFIG_MSIX, 4), 0xa3a2a1a0);
	cr_assert_eq(in(CONFIG_VECTOR, 2), 0xffff);
	fake_pci_set(&pci, SLOT, raw.msix + 2, 2, 0);
	cr_assert_eq(in(CONFIG, 4), 0xa3a2a1a0, "they move back");
}

Test(pci_legacy, msix)
{
	uint64_t table = (fake_pci_get(&pci, SLOT, PCI_BAR0 + 8, 4) & ~15ull) + VIRTIO_PCI_MSIX;

	begin(0);
	fake_pci_write(&pci, table + 16, 4, 0xfee00000);
	fake_pci_write(&pci, table + 24, 4, 0x51);
	fake_pci_write(&pci, table + 28, 4, 0);
	fake_pci_set(&pci, SLOT, raw.msix + 2, 2, 0x8000);
	attach(0);
	out(QUEUE_VECTOR, 2, 1);
	cr_assert_eq(in(QUEUE_VECTOR, 2), 1);
	out(CONFIG_VECTOR, 2, 0);
	cr_assert_eq(in(CONFIG_VECTOR, 2), 0);
	out(STATUS, 1, ACK | DRV | DOK);
	request();
	cr_assert_eq(pci.messages, 1);
	cr_assert_eq(pci.message_data, 0x51);
	out(QUEUE_VECTOR, 2, 200);
	cr_assert_eq(in(QUEUE_VECTOR, 2), 0xffff);
}

PROVES("V14-CORE-L03", "V14-CORE-L13", "V14-CORE-L14")
Test(pci_legacy, one_driver_after_the_other)
{
	for (unsigned i = 0; i < 3; i++) {
		expect_works();
		raw_ring_init(&ring, &pci.mem, FAKE_HIGH, 8);
		raw_negotiate(&raw, 0);
		cr_assert_not(virtio_legacy(&probe.device));
		raw_queue(&raw, 0, &ring, 0xffff);
		raw_driver_ok(&raw);
		cr_assert_eq(raw_status(&raw), ACK | DRV | DOK | FOK);
		raw_desc(&ring, 0, DATA, 4, 0, 0);
		raw_offer(&ring, 0);
		raw_notify(&raw, 0);
		cr_assert_eq(raw_used_idx(&ring), 1);
	}
}

Test(pci_legacy, two_drivers_at_once)
{
	/* a modern one is there: the ports do nothing */
	raw_negotiate(&raw, 0);
	out(GUEST_FEATURES, 4, 1);
	out(PFN, 4, FAKE_HIGH >> 12);
	out(STATUS, 1, ACK | DRV | DOK | FOK);
	cr_assert_eq(raw_status(&raw), ACK | DRV | FOK);
	cr_assert_eq(probe.device.features, VIRTIO_F_VERSION_1);
	cr_assert_eq(in(PFN, 4), 0);
	/* a legacy one is there: it does not become modern */
	start();
	raw_common_write(&raw, RAW_DRIVER_FEATURE_SELECT, 4, 1);
	raw_common_write(&raw, RAW_DRIVER_FEATURE, 4, 1);
	cr_assert_eq(probe.device.driver_features, 0);
	raw_common_write(&raw, RAW_STATUS, 1, ACK | DRV | DOK | FOK);
	cr_assert_eq(raw_status(&raw), ACK | DRV | DOK);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

static void expect_pfn_refused(uint32_t pfn)
{
	begin(0);
	out(QSEL, 2, 0);
	out(PFN, 4, pfn);
	cr_assert_eq(in(PFN, 4), 0, "%x", pfn);
	out(STATUS, 1, ACK | DRV | DOK);
	out(NOTIFY, 2, 0);
	cr_assert_eq(probe.notifies, 0);
	cr_assert_eq(pci.mem.register_accesses, 0);
}

Test(pci_legacy, TP_026_pages_that_are_no_memory)
{
	expect_pfn_refused(0xffffffff);
	expect_pfn_refused(0x80000000);
	expect_pfn_refused(FAKE_REGISTERS >> 12);
	expect_pfn_refused(FAKE_ROM >> 12);
	expect_pfn_refused((FAKE_HIGH_END >> 12) - 1);
	expect_works();
}

Test(pci_legacy, TP_026_queues_that_are_not_there)
{
	static const uint16_t queues[] = {PROBE_QUEUES, 0x7fff, 0xffff};

	begin(0);
	for (unsigned i = 0; i < 3; i++) {
		out(QSEL, 2, queues[i]);
		cr_assert_eq(in(QSEL, 2), queues[i]);
		cr_assert_eq(in(QSIZE, 2), 0);
		out(PFN, 4, FAKE_HIGH >> 12);
		cr_assert_eq(in(PFN, 4), 0);
		out(NOTIFY, 2, queues[i]);
	}
	cr_assert_eq(probe.notifies, 0);
	expect_works();
}

Test(pci_legacy, TP_026_status_and_page_while_the_queue_is_in_use)
{
	start();
	out(PFN, 4, (FAKE_HIGH >> 12) + 16);
	cr_assert_eq(in(PFN, 4), FAKE_HIGH >> 12, "fixed while in use");
	out(STATUS, 1, ACK);
	cr_assert_eq(in(STATUS, 1), ACK | DRV | DOK);
	out(STATUS, 1, FOK | ACK | DRV | DOK);
	cr_assert_eq(in(STATUS, 1), ACK | DRV | DOK, "no FEATURES_OK here");
	out(QSIZE, 2, 8);
	cr_assert_eq(in(QSIZE, 2), QUEUE, "read-only");
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(pci_legacy, page_0_stops_the_queue_when_its_requests_are_through)
{
	start();
	probe.hold = true;
	request();
	out(PFN, 4, 0);
	cr_assert_neq(in(PFN, 4), 0);
	probe_complete(&probe, 0);
	cr_assert_eq(in(PFN, 4), 0);
	probe.hold = false;
	attach(0);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(pci_legacy, LC_022_nothing_is_taken_while_a_reset_goes_on)
{
	start();
	probe.hold = true;
	request();
	out(STATUS, 1, 0);
	cr_assert_neq(in(STATUS, 1), 0);
	out(GUEST_FEATURES, 4, 1);
	out(PFN, 4, FAKE_HIGH >> 12);
	out(STATUS, 1, ACK);
	cr_assert_not(virtio_legacy(&probe.device));
	cr_assert_eq(probe.device.features, 0);
	cr_assert_eq(in(PFN, 4), 0);
	probe_complete(&probe, 0);
	cr_assert_eq(in(STATUS, 1), 0);
	cr_assert_eq(raw_used_idx(&ring), 0);
	probe.hold = false;
	expect_works();
}

Test(pci_legacy, widths_of_the_header)
{
	static const uint8_t right[20] = {
	    [0] = 4, [4] = 4, [8] = 4, [12] = 2, [14] = 2, [16] = 2, [18] = 1, [19] = 1};
	static const uint8_t sizes[] = {1, 2, 4};

	start();
	for (unsigned offset = 0; offset < 20; offset++) {
		for (unsigned i = 0; i < 3; i++) {
			uint64_t before = probe.device.misuse;

			if (right[offset] == sizes[i])
				continue;
			cr_assert_eq(in(offset, sizes[i]), 0, "%u by %u", offset, sizes[i]);
			out(offset, sizes[i], 0);
			cr_assert_eq(probe.device.misuse, before + 2);
		}
	}
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

/* String instructions arrive here one access at a time; none of them costs more than another. */
Test(pci_legacy, TP_027_a_million_accesses_of_one_register)
{
	start();
	for (unsigned i = 0; i < 1000000; i++)
		out(NOTIFY, 2, i % 2 ? 0 : 0xffff);
	for (unsigned i = 0; i < 1000; i++)
		cr_assert_eq(in(ISR, 1), 0);
	cr_assert_eq(probe.chains, 0);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(pci_legacy, ports_are_decoded_only_when_asked_for)
{
	fake_pci_set(&pci, SLOT, PCI_COMMAND, 2, 6);
	cr_assert_eq(in(STATUS, 1), 0xff);
	fake_pci_set(&pci, SLOT, PCI_COMMAND, 2, 7);
	cr_assert_eq(in(STATUS, 1), 0);
	fake_pci_set(&pci, SLOT, PCI_BAR0, 4, 0xcf8);
	cr_assert_eq(fake_pci_in(&pci, 0xcf8 + STATUS, 1), 0xff, "not outside its window");
}

Test(pci_legacy, a_legacy_function_shows_nothing_modern)
{
	teardown();
	plug(VIRTIO_LEGACY);
	for (unsigned type = 0; type < 10; type++)
		cr_assert_eq(raw.cap[type], 0);
	cr_assert_neq(raw.msix, 0);
	uint64_t bar = fake_pci_get(&pci, SLOT, PCI_BAR0 + 8, 4) & ~15ull;
	for (unsigned page = 0; page < VIRTIO_PCI_BAR_SIZE; page += 0x1000)
		if (page != VIRTIO_PCI_MSIX)
			cr_assert_eq(fake_pci_read(&pci, bar + page + 0x12, 2), 0);
	fake_pci_write(&pci, bar + VIRTIO_PCI_MSIX + 8, 4, 0x51);
	cr_assert_eq(fake_pci_read(&pci, bar + VIRTIO_PCI_MSIX + 8, 4), 0x51);
	expect_works();
}

Test(pci_legacy, a_type_without_a_transitional_id_is_modern)
{
	teardown();
	fake_pci_init(&pci);
	probe_init(&probe, &pci.mem.mem, QUEUE);
	probe.device.type = 19;
	virtio_pci_init_as(&transport, &probe.device, VIRTIO_LEGACY);
	cr_assert_eq(pci_host_add(&pci.host, &transport.function, SLOT), 0);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 0, 4), 0x10531af4);
	cr_assert_eq(fake_pci_get(&pci, SLOT, PCI_BAR0, 4) & 1, 0);
}

Test(pci_legacy, no_room_for_ports)
{
	pci.host.ports_next = pci.host.ports_end;
	cr_assert_neq(pci_host_add(&pci.host, &transport.function, SLOT + 1), 0);
}
