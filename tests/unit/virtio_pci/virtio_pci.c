/* SPDX-License-Identifier: BSD-2-Clause */
/* The PCI transport, driven through the bus; hostile rows by id. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/virtio/virtio_pci.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/probe.h"
#include "tests/lib/proves.h"
#include "tests/lib/raw_virtio_pci.h"

enum { SLOT = 5, SIZE = 8, DATA = FAKE_HIGH + 0x8000, RUNNING = 15, NONE = 0xffff };

static struct fake_pci pci;
static struct probe probe;
static struct virtio_pci transport;
static struct raw_virtio_pci raw;
static struct raw_ring ring;

static void setup(void)
{
	fake_port_reset();
	fake_pci_init(&pci);
	probe_init(&probe, &pci.mem.mem, 64);
	virtio_pci_init(&transport, &probe.device);
	cr_assert_eq(pci_host_add(&pci.host, &transport.function, SLOT), 0);
	raw_virtio_pci_init(&raw, &pci, SLOT);
}

static void teardown(void)
{
	fake_pci_free(&pci);
}

TestSuite(virtio_pci, .init = setup, .fini = teardown);

static uint64_t read(unsigned offset, uint8_t size)
{
	return raw_common_read(&raw, offset, size);
}

static void write(unsigned offset, uint8_t size, uint64_t value)
{
	raw_common_write(&raw, offset, size, value);
}

static void start(uint16_t vector)
{
	raw_ring_init(&ring, &pci.mem, FAKE_HIGH, SIZE);
	raw_negotiate(&raw, 0);
	raw_queue(&raw, 0, &ring, vector);
	raw_driver_ok(&raw);
	cr_assert_eq(raw_status(&raw), RUNNING);
}

static void request(void)
{
	raw_desc(&ring, 0, DATA, 4, RAW_NEXT, 1);
	raw_desc(&ring, 1, DATA + 0x100, 4, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	raw_notify(&raw, 0);
}

static void expect_works(void)
{
	start(NONE);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

/* MSI-X on, vector i sends data 0x50 + i. */
static void msix_on(void)
{
	uint64_t table = raw.common + VIRTIO_PCI_MSIX;

	for (unsigned i = 0; i < 4; i++) {
		fake_pci_write(&pci, table + 16 * i, 4, 0xfee00000);
		fake_pci_write(&pci, table + 16 * i + 8, 4, 0x50 + i);
		fake_pci_write(&pci, table + 16 * i + 12, 4, 0);
	}
	fake_pci_set(&pci, SLOT, raw.msix + 2, 2, 0x8000);
}

PROVES("V14-PCI-002", "V14-PCI-003", "V14-PCI-004", "V14-PCI-005", "V14-PCI-006", "V14-PCI-007")
Test(virtio_pci, identity)
{
	cr_assert_eq(fake_pci_get(&pci, SLOT, 0, 4), 0x10441af4);
	cr_assert_geq(fake_pci_get(&pci, SLOT, 8, 1), 1, "revision");
	cr_assert_geq(fake_pci_get(&pci, SLOT, 0x2e, 2), 0x40);
}

PROVES("V14-PCI-013", "V14-PCI-028", "V14-PCI-037", "V14-PCI-050", "V14-PCI-S06", "V14-PCI-009")
Test(virtio_pci, five_capabilities)
{
	const unsigned sizes[] = {0, 16, 20, 16, 16, 20};

	for (unsigned type = 1; type <= 5; type++) {
		unsigned at = raw.cap[type];

		cr_assert_neq(at, 0, "type %u", type);
		cr_assert_eq(fake_pci_get(&pci, SLOT, at + 2, 1), sizes[type]);
		cr_assert_eq(fake_pci_get(&pci, SLOT, at + 8, 4) % 4, 0);
	}
	cr_assert_neq(raw.msix, 0);
	cr_assert_geq(fake_pci_get(&pci, SLOT, raw.cap[1] + 12, 4), 0x3c);
	cr_assert_geq(fake_pci_get(&pci, SLOT, raw.cap[2] + 12, 4),
	              (PROBE_QUEUES - 1) * raw.multiplier + 4);
	cr_assert_eq(fake_pci_get(&pci, SLOT, raw.cap[4] + 12, 4), 16);
	cr_assert_eq(fake_pci_get(&pci, SLOT, raw.msix + 2, 2), PROBE_QUEUES, "one more vector");
}

PROVES("V14-PCI-014", "V14-PCI-015", "V14-PCI-016")
Test(virtio_pci, features_in_halves)
{
	write(RAW_DEVICE_FEATURE_SELECT, 4, 0);
	cr_assert_eq(read(RAW_DEVICE_FEATURE, 4), 1 | 3u << 28);
	write(RAW_DEVICE_FEATURE_SELECT, 4, 1);
	cr_assert_eq(read(RAW_DEVICE_FEATURE, 4), 0x9cb);
	raw_negotiate(&raw, 1);
	cr_assert_eq(read(RAW_DRIVER_FEATURE, 4), 1, "select is 1: bit 32");
	write(RAW_DRIVER_FEATURE_SELECT, 4, 0);
	cr_assert_eq(read(RAW_DRIVER_FEATURE, 4), 1);
	cr_assert_eq(raw_status(&raw), 11);
}

PROVES("V14-PCI-014", "V14-PCI-015")
Test(virtio_pci, TP_028_feature_select_ffffffff)
{
	const uint32_t selects[] = {2, 3, 31, 32, 0xffffffff};

	for (unsigned i = 0; i < 5; i++) {
		write(RAW_DEVICE_FEATURE_SELECT, 4, selects[i]);
		write(RAW_DRIVER_FEATURE_SELECT, 4, selects[i]);
		cr_assert_eq(read(RAW_DEVICE_FEATURE_SELECT, 4), selects[i]);
		cr_assert_eq(read(RAW_DEVICE_FEATURE, 4), 0);
		write(RAW_DRIVER_FEATURE, 4, 0xffffffff);
		cr_assert_eq(read(RAW_DRIVER_FEATURE, 4), 0);
	}
	cr_assert_eq(probe.device.driver_features, 0);
	expect_works();
}

PROVES("V14-PCI-039", "V14-PCI-040", "V14-PCI-041")
Test(virtio_pci, a_request_and_a_line_interrupt)
{
	start(NONE);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
	cr_assert_eq(pci.lines, 1u << (SLOT & 3));
	cr_assert_eq(fake_pci_get(&pci, SLOT, 6, 2) & 8, 8);
	cr_assert_eq(fake_pci_read(&pci, raw.isr, 1), 1);
	cr_assert_eq(pci.lines, 0);
	cr_assert_eq(fake_pci_read(&pci, raw.isr, 1), 0);
	cr_assert_eq(probe.device.misuse, 0);
}

Test(virtio_pci, a_request_and_a_message)
{
	msix_on();
	start(2);
	request();
	cr_assert_eq(pci.messages, 1);
	cr_assert_eq(pci.message_data, 0x52);
	cr_assert_eq(pci.lines, 0);
	cr_assert_eq(fake_pci_read(&pci, raw.isr, 1), 0);
}

PROVES("V14-PCI-064", "V14-PCI-065")
Test(virtio_pci, no_vector_no_message)
{
	msix_on();
	start(NONE);
	request();
	virtio_config_changed(&probe.device);
	cr_assert_eq(pci.messages, 0);
}

PROVES("V14-PCI-038")
Test(virtio_pci, isr_configuration_bit_even_with_msix)
{
	msix_on();
	write(RAW_CONFIG_VECTOR, 2, 3);
	start(0);
	write(RAW_CONFIG_VECTOR, 2, 3);
	virtio_config_changed(&probe.device);
	cr_assert_eq(pci.message_data, 0x53);
	cr_assert_eq(pci.lines, 0);
	cr_assert_eq(fake_pci_read(&pci, raw.isr, 1), 2);
}

Test(virtio_pci, isr_is_one_byte_that_is_read)
{
	start(NONE);
	request();
	cr_assert_eq(fake_pci_read(&pci, raw.isr, 2), 0);
	cr_assert_eq(fake_pci_read(&pci, raw.isr, 4), 0);
	cr_assert_eq(fake_pci_read(&pci, raw.isr + 1, 1), 0);
	fake_pci_write(&pci, raw.isr, 1, 0);
	cr_assert_neq(pci.lines, 0, "none of them cleared it");
	cr_assert_eq(probe.device.misuse, 4);
	cr_assert_eq(fake_pci_read(&pci, raw.isr, 1), 1);
}

PROVES("V14-PCI-059", "V14-PCI-060", "V14-PCI-063")
Test(virtio_pci, TP_016_vector_beyond_the_table)
{
	const uint16_t vectors[] = {4, 16, 0x7ff, 0xfffe, 0xffff};

	raw_negotiate(&raw, 0);
	for (unsigned i = 0; i < 5; i++) {
		write(RAW_CONFIG_VECTOR, 2, 1);
		write(RAW_QUEUE_VECTOR, 2, 2);
		cr_assert_eq(read(RAW_CONFIG_VECTOR, 2), 1);
		cr_assert_eq(read(RAW_QUEUE_VECTOR, 2), 2);
		write(RAW_CONFIG_VECTOR, 2, vectors[i]);
		write(RAW_QUEUE_VECTOR, 2, vectors[i]);
		cr_assert_eq(read(RAW_CONFIG_VECTOR, 2), NONE);
		cr_assert_eq(read(RAW_QUEUE_VECTOR, 2), NONE);
	}
}

PROVES("V14-PCI-019", "V14-PCI-061")
Test(virtio_pci, vectors_are_forgotten_at_reset)
{
	msix_on();
	start(1);
	write(RAW_CONFIG_VECTOR, 2, 1);
	write(RAW_QUEUE_SELECT, 2, 0);
	write(RAW_STATUS, 1, 0);
	cr_assert_eq(raw_status(&raw), 0);
	cr_assert_eq(read(RAW_CONFIG_VECTOR, 2), NONE);
	cr_assert_eq(read(RAW_QUEUE_VECTOR, 2), NONE);
	cr_assert_eq(read(RAW_QUEUE_ENABLE, 2), 0);
	cr_assert_eq(read(RAW_QUEUE_SIZE, 2), 64);
	cr_assert_eq(read(RAW_QUEUE_DESC, 4), 0);
}

PROVES("V14-PCI-018", "V14-CORE-008", "V14-CORE-009")
Test(virtio_pci, status_reads_0_when_the_reset_is_done)
{
	start(NONE);
	probe.hold = true;
	request();
	write(RAW_STATUS, 1, 0);
	cr_assert_neq(raw_status(&raw), 0);
	probe_complete(&probe, 0);
	cr_assert_eq(raw_status(&raw), 0);
	cr_assert_eq(pci.lines, 0);
	cr_assert_eq(raw_used_idx(&ring), 0);
}

PROVES("V14-PCI-025")
Test(virtio_pci, a_queue_that_is_not_there_reads_0)
{
	const uint16_t queues[] = {PROBE_QUEUES, 64, 0xfffe, 0xffff};

	raw_negotiate(&raw, 0);
	cr_assert_eq(read(RAW_NUM_QUEUES, 2), PROBE_QUEUES);
	for (unsigned i = 0; i < 4; i++) {
		write(RAW_QUEUE_SELECT, 2, queues[i]);
		for (unsigned offset = RAW_QUEUE_SIZE; offset < 0x38;
		     offset += offset < 0x20 ? 2 : 4) {
			uint8_t size = offset < 0x20 ? 2 : 4;

			write(offset, size, 0x1);
			cr_assert_eq(read(offset, size), 0, "offset %x", offset);
		}
	}
	cr_assert_gt(probe.device.misuse, 0);
}

Test(virtio_pci, TP_029_admin_queue_is_not_offered)
{
	cr_assert_eq(read(0x3c, 2), 0);
	cr_assert_eq(read(0x3e, 2), 0);
	cr_assert_eq(read(0x3a, 2), 0, "queue_reset");
}

Test(virtio_pci, registers_are_fixed_while_the_queue_is_enabled)
{
	start(NONE);
	write(RAW_QUEUE_SELECT, 2, 0);
	write(RAW_QUEUE_SIZE, 2, 4);
	write(RAW_QUEUE_DESC, 4, 0x1000);
	write(RAW_QUEUE_DEVICE + 4, 4, 1);
	write(RAW_QUEUE_ENABLE, 2, 0);
	cr_assert_eq(read(RAW_QUEUE_SIZE, 2), SIZE);
	cr_assert_eq(read(RAW_QUEUE_DESC, 4), FAKE_HIGH);
	cr_assert_eq(read(RAW_QUEUE_DEVICE + 4, 4), 0);
	cr_assert_eq(read(RAW_QUEUE_ENABLE, 2), 1);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

PROVES("V14-PCI-017")
Test(virtio_pci, generation_moves_with_the_configuration)
{
	uint64_t before = read(RAW_GENERATION, 1);

	cr_assert_eq(read(RAW_GENERATION, 1), before);
	for (unsigned i = 0; i < 256; i++)
		virtio_config_changed(&probe.device);
	cr_assert_neq(read(RAW_GENERATION, 1), before);
}

/* What a read of another width gives: the first bytes of the field that begins there, else 0. */
static uint64_t part(const uint8_t width[static 0x38], unsigned offset, unsigned size)
{
	if (offset >= 0x38 || size > width[offset])
		return 0;
	return read(offset, width[offset]) & ((1ull << 8 * size) - 1);
}

/* Every width at every offset, with every bit set: nothing but legal fields changes. */
Test(virtio_pci, TP_012_widths_of_the_common_structure)
{
	static const uint8_t width[0x38] = {
	    [0x00] = 4, [0x04] = 4, [0x08] = 4, [0x0c] = 4, [0x10] = 2, [0x12] = 2, [0x14] = 1,
	    [0x15] = 1, [0x16] = 2, [0x18] = 2, [0x1a] = 2, [0x1c] = 2, [0x1e] = 2, [0x20] = 4,
	    [0x24] = 4, [0x28] = 4, [0x2c] = 4, [0x30] = 4, [0x34] = 4};
	const uint8_t sizes[] = {1, 2, 4, 8};

	raw_negotiate(&raw, 0);
	struct virtio_pci before = transport;
	for (unsigned offset = 0; offset < 0x1000; offset++) {
		for (unsigned i = 0; i < 4; i++) {
			if (offset < 0x38 && width[offset] == sizes[i])
				continue;
			write(offset, sizes[i], UINT64_MAX);
			if (offset + sizes[i] <= 0x1000)
				cr_assert_eq(read(offset, sizes[i]), part(width, offset, sizes[i]),
				             "%x/%u", offset, sizes[i]);
		}
	}
	cr_assert_eq(memcmp(&before, &transport, sizeof(before)), 0);
	cr_assert_eq(raw_status(&raw), 11);
	cr_assert_gt(probe.device.misuse, 1000);
	expect_works();
}

Test(virtio_pci, TP_023_notify_at_every_offset_and_width)
{
	const uint8_t sizes[] = {1, 2, 4, 8};
	unsigned expected = 0;

	start(NONE);
	for (unsigned offset = 0; offset < 0x1000; offset++) {
		for (unsigned i = 0; i < 4; i++) {
			fake_pci_write(&pci, raw.notify + offset, sizes[i], UINT64_MAX);
			expected += offset == 0 && (sizes[i] == 2 || sizes[i] == 4);
		}
	}
	cr_assert_eq(probe.notifies, expected, "only queue 0 is enabled");
	cr_assert_eq(fake_pci_read(&pci, raw.notify, 2), 0);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

PROVES("V14-PCI-008")
Test(virtio_pci, device_configuration_by_any_width)
{
	cr_assert_eq(fake_pci_read(&pci, raw.config, 1), 0xa0);
	cr_assert_eq(fake_pci_read(&pci, raw.config + 2, 2), 0xa3a2);
	cr_assert_eq(fake_pci_read(&pci, raw.config + 4, 4), 0xa7a6a5a4);
	cr_assert_eq(fake_pci_read(&pci, raw.config + 8, 8), 0xafaeadacabaaa9a8);
	cr_assert_eq(fake_pci_read(&pci, raw.config + 14, 4), 0xafae, "the end reads 0");
	fake_pci_write(&pci, raw.config + 8, 4, 0x01020304);
	cr_assert_eq(fake_pci_read(&pci, raw.config + 8, 4), 0x01020304);
	fake_pci_write(&pci, raw.config, 4, 0);
	cr_assert_eq(fake_pci_read(&pci, raw.config, 1), 0xa0);
}

Test(virtio_pci, TP_006_nothing_happens_while_bus_mastering_is_off)
{
	start(NONE);
	fake_pci_set(&pci, SLOT, 4, 2, 2);
	request();
	cr_assert_eq(raw_used_idx(&ring), 0);
	cr_assert_eq(probe.chains, 0);
	fake_pci_set(&pci, SLOT, 4, 2, 6);
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(virtio_pci, TP_006_no_answer_while_memory_decode_is_off)
{
	start(NONE);
	fake_pci_set(&pci, SLOT, 4, 2, 4);
	cr_assert_eq(raw_status(&raw), 0xff);
	fake_pci_write(&pci, raw.notify, 2, 0);
	cr_assert_eq(probe.notifies, 0);
}

/* --- the window --- */

static void window(uint8_t bar, uint32_t offset, uint32_t length)
{
	fake_pci_set(&pci, SLOT, raw.cap[5] + 4, 1, bar);
	fake_pci_set(&pci, SLOT, raw.cap[5] + 8, 4, offset);
	fake_pci_set(&pci, SLOT, raw.cap[5] + 12, 4, length);
}

static uint32_t window_read(void)
{
	return fake_pci_get(&pci, SLOT, raw.cap[5] + 16, 4);
}

static void window_write(uint32_t value)
{
	fake_pci_set(&pci, SLOT, raw.cap[5] + 16, 4, value);
}

PROVES("V14-PCI-051", "V14-PCI-052")
Test(virtio_pci, the_window_reaches_registers)
{
	window(0, RAW_STATUS, 1);
	window_write(VIRTIO_ACKNOWLEDGE);
	cr_assert_eq(raw_status(&raw), VIRTIO_ACKNOWLEDGE);
	cr_assert_eq(window_read(), VIRTIO_ACKNOWLEDGE);
	window(0, VIRTIO_PCI_CONFIG + 4, 4);
	cr_assert_eq(window_read(), 0xa7a6a5a4);
	window(0, RAW_NUM_QUEUES, 2);
	cr_assert_eq(window_read(), PROBE_QUEUES);
}

Test(virtio_pci, the_window_works_without_memory_decode)
{
	fake_pci_set(&pci, SLOT, 4, 2, 0);
	window(0, RAW_NUM_QUEUES, 2);
	cr_assert_eq(window_read(), PROBE_QUEUES);
}

Test(virtio_pci, TP_010_window_to_nowhere)
{
	const struct {
		uint8_t bar;
		uint32_t offset, length;
	} wrong[] = {
	    {6, 0x2000, 4},     {255, 0x2000, 4},      {1, 0x2000, 4}, {0, 0xfffffffc, 4},
	    {0, 0xffffffff, 1}, {0, 0x8000, 1},        {0, 0x2000, 0}, {0, 0x2000, 3},
	    {0, 0x2000, 8},     {0, 0x2000, 1u << 31}, {0, 0x2001, 2}, {0, 0x2002, 4},
	};

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		window(wrong[i].bar, wrong[i].offset, wrong[i].length);
		cr_assert_eq(window_read(), 0, "case %u", i);
		window_write(0xffffffff);
		cr_assert_eq(window_read(), 0, "case %u", i);
	}
	cr_assert_eq(raw_status(&raw), 0);
	cr_assert_eq(probe.notifies, 0);
}

Test(virtio_pci, TP_010_a_window_to_nowhere_forgets_what_it_showed)
{
	window(0, VIRTIO_PCI_CONFIG + 4, 4);
	cr_assert_eq(window_read(), 0xa7a6a5a4);
	window(0, VIRTIO_PCI_CONFIG + 4, 3);
	cr_assert_eq(window_read(), 0);
}

Test(virtio_pci, a_type_that_nobody_knows_is_modern)
{
	static struct virtio_pci unknown;

	probe.device.type = 14;
	virtio_pci_init_as(&unknown, &probe.device, VIRTIO_TRANSITIONAL);
	cr_assert_eq(unknown.face, VIRTIO_MODERN);
	cr_assert_eq(pci_config_get16(&unknown.function, 2), 0x104e);
}

Test(virtio_pci, TP_011_window_to_the_msix_table)
{
	window(0, VIRTIO_PCI_MSIX + 8, 4);
	window_write(0x1234);
	cr_assert_eq(window_read(), 0x1234);
	cr_assert_eq(transport.function.msix[0].data, 0x1234);
	/* configuration space cannot be reached through the BAR: every offset, no nesting */
	for (uint32_t offset = 0; offset < VIRTIO_PCI_BAR_SIZE; offset += 4) {
		window(0, offset, 4);
		window_write(raw.cap[5]);
		window_read();
	}
	cr_assert_eq(fake_pci_get(&pci, SLOT, raw.cap[5] + 3, 1), 5);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 0, 4), 0x10441af4);
	expect_works();
}

Test(virtio_pci, TP_022_msix_off_while_a_message_is_pending)
{
	msix_on();
	fake_pci_set(&pci, SLOT, raw.msix + 2, 2, 0xc000);
	start(1);
	request();
	cr_assert_eq(pci.messages, 0);
	fake_pci_set(&pci, SLOT, raw.msix + 2, 2, 0);
	cr_assert_eq(pci.lines, 1u << (SLOT & 3), "it becomes a line interrupt");
	cr_assert_eq(fake_pci_read(&pci, raw.isr, 1), 1);
	cr_assert_eq(pci.lines, 0);
}

Test(virtio_pci, what_waits_for_its_mask_is_no_line_interrupt)
{
	msix_on();
	fake_pci_set(&pci, SLOT, raw.msix + 2, 2, 0xc000);
	start(1);
	request();
	fake_pci_set(&pci, SLOT, 0x3c, 1, 5); /* any write */
	cr_assert_eq(fake_pci_read(&pci, raw.isr, 1), 0);
	fake_pci_set(&pci, SLOT, raw.msix + 2, 2, 0x8000);
	cr_assert_eq(pci.messages, 1);
}

Test(virtio_pci, msix_on_lowers_the_line)
{
	start(NONE);
	request();
	cr_assert_neq(pci.lines, 0);
	msix_on();
	cr_assert_eq(pci.lines, 0);
}

PROVES("V14-CORE-002", "V14-CORE-003")
Test(virtio_pci, ring_error_reaches_the_driver)
{
	msix_on();
	raw_ring_init(&ring, &pci.mem, FAKE_HIGH, SIZE);
	raw_negotiate(&raw, 0);
	raw_queue(&raw, 0, &ring, 1);
	write(RAW_CONFIG_VECTOR, 2, 0);
	raw_driver_ok(&raw);
	raw_offer(&ring, 0xffff);
	raw_notify(&raw, 0);
	cr_assert_eq(raw_status(&raw), RUNNING | VIRTIO_NEEDS_RESET);
	cr_assert_eq(pci.messages, 1);
	cr_assert_eq(pci.message_data, 0x50);
	cr_assert_eq(fake_pci_read(&pci, raw.isr, 1), 2);
	expect_works();
}

Test(virtio_pci, DF_007_rings_and_buffers_in_the_own_registers)
{
	raw_ring_init(&ring, &pci.mem, FAKE_HIGH, SIZE);
	raw_negotiate(&raw, 0);
	ring.used = raw.common;
	raw_queue(&raw, 0, &ring, NONE);
	cr_assert_eq(read(RAW_QUEUE_ENABLE, 2), 0);
	cr_assert(strstr(fake_port.log, "MEM_NOT_RAM"), "%s", fake_port.log);

	start(NONE);
	raw_desc(&ring, 0, raw.notify, 4, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	raw_notify(&raw, 0);
	cr_assert(strstr(fake_port.log, "MEM_NOT_RAM"), "%s", fake_port.log);
	cr_assert_eq(probe.notifies, 1);
}

Test(virtio_pci, LC_025_reset_between_kicks_and_queue_registers)
{
	start(NONE);
	for (unsigned i = 0; i < 1000; i++) {
		raw_negotiate(&raw, 0);
		request();
		write(RAW_QUEUE_DESC, 4, i * 16);
		raw_queue(&raw, 0, &ring, NONE);
		raw_driver_ok(&raw);
		raw_notify(&raw, 0);
	}
	expect_works();
}

Test(virtio_pci, reset_of_the_machine)
{
	msix_on();
	start(1);
	pci_host_reset(&pci.host);
	cr_assert_eq(raw_status(&raw), 0);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 4, 2), 2);
	raw_virtio_pci_init(&raw, &pci, SLOT);
	expect_works();
	cr_assert_neq(pci.lines, 0);
}

Test(virtio_pci, LC_028_reboot_with_work_in_flight)
{
	start(NONE);
	probe.hold = true;
	request();
	pci_host_reset(&pci.host);
	cr_assert_not(virtio_idle(&probe.device), "RAM may not be reused yet");
	probe_complete(&probe, 0);
	cr_assert(virtio_idle(&probe.device));
	cr_assert_eq(raw_used_idx(&ring), 0);
	cr_assert_eq(pci.lines, 0);
	raw_virtio_pci_init(&raw, &pci, SLOT);
	probe.hold = false;
	expect_works();
}

Test(virtio_pci, LC_031_interrupts_never_acknowledged)
{
	start(NONE);
	for (unsigned i = 0; i < 1000; i++)
		request();
	cr_assert_eq(raw_used_idx(&ring), 1000);
	cr_assert_eq(pci.line_changes, 1, "the line stays up");
	msix_on();
	for (unsigned i = 0; i < 1000; i++)
		request();
	cr_assert_eq(pci.messages, 0, "no vector");
}

Test(virtio_pci, TP_026_no_legacy_registers)
{
	for (unsigned bar = 0x10; bar < 0x28; bar += 4)
		cr_assert_eq(fake_pci_get(&pci, SLOT, bar, 4) & 1, 0, "no I/O BAR");
	fake_pci_set(&pci, SLOT, 4, 2, 7);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 4, 2), 6, "no I/O decoding");
	virtio_set_status(&probe.device, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
	cr_assert_eq(probe.device.offered >> 24 & 1, 0, "no legacy feature bits");
}

/* The memory of a transport was somebody else's before. */
Test(virtio_pci, DF_012_no_foreign_byte)
{
	static struct fake_pci fresh;
	static struct virtio_pci dirty;

	memset(&dirty, 0xe7, sizeof(dirty));
	fake_pci_init(&fresh);
	virtio_pci_init(&dirty, &probe.device);
	cr_assert_eq(pci_host_add(&fresh.host, &dirty.function, SLOT), 0);
	for (unsigned offset = 0; offset < 0x1000; offset++)
		cr_assert_neq(fake_pci_get(&fresh, SLOT, offset, 1), 0xe7);
	for (unsigned offset = 0; offset < VIRTIO_PCI_BAR_SIZE; offset++)
		for (uint8_t size = 1; size <= 4; size = (uint8_t)(size * 2))
			cr_assert_neq(fake_pci_read(&fresh, FAKE_WINDOW + offset, size) & 0xff,
			              0xe7);
	fake_pci_free(&fresh);
}

/* Any register, any width, any value, for long: afterwards a reset makes it work. */
Test(virtio_pci, random_accesses_never_hurt)
{
	uint64_t state = 1;

	start(NONE);
	for (unsigned i = 0; i < 300000; i++) {
		state = state * 6364136223846793005 + 1442695040888963407;
		uint32_t random = (uint32_t)(state >> 32);
		uint8_t size = (uint8_t)(1u << (random & 3));
		uint64_t value = random >> 2 & 1 ? UINT64_MAX >> (random >> 26) : random >> 27;
		uint64_t bar = FAKE_WINDOW + (random >> 7 & 7) * 0x1000;
		unsigned at = random >> 10 & 0x7f;

		if (random >> 3 & 1)
			fake_pci_write(&pci, bar + at, size, value);
		else if (random >> 4 & 1)
			fake_pci_read(&pci, bar + at, size);
		else if (random >> 5 & 1)
			fake_pci_set(&pci, SLOT, at * 2, size, (uint32_t)value);
		else
			raw_virtio_pci_init(&raw, &pci, SLOT);
		if (i % 1000 == 0)
			pci_host_reset(&pci.host);
	}
	cr_assert_gt(probe.device.misuse, 1000);
	pci_host_reset(&pci.host);
	raw_virtio_pci_init(&raw, &pci, SLOT);
	expect_works();
}

static void start_with(uint64_t features)
{
	raw_ring_init(&ring, &pci.mem, FAKE_HIGH, SIZE);
	raw_negotiate(&raw, features);
	raw_queue(&raw, 0, &ring, NONE);
	raw_driver_ok(&raw);
	write(RAW_QUEUE_SELECT, 2, 0);
}

PROVES("V14-PCI-021", "V14-PCI-022", "V14-PCI-024")
Test(virtio_pci, queue_reset)
{
	start_with(1ull << 40);
	cr_assert_eq(read(RAW_QUEUE_RESET, 2), 0);
	request();
	write(RAW_QUEUE_RESET, 2, 1);
	cr_assert_eq(read(RAW_QUEUE_RESET, 2), 0);
	cr_assert_eq(read(RAW_QUEUE_ENABLE, 2), 0);
	raw_ring_init(&ring, &pci.mem, FAKE_HIGH, SIZE);
	raw_queue(&raw, 0, &ring, NONE);
	cr_assert_eq(read(RAW_QUEUE_RESET, 2), 0);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
	write(RAW_QUEUE_RESET, 2, 2);
	cr_assert_eq(read(RAW_QUEUE_ENABLE, 2), 1, "1 is the only value");
}

PROVES("V14-PCI-020", "V14-PCI-023", "V14-PCI-024")
Test(virtio_pci, queue_reset_reads_1_while_it_goes_on)
{
	start_with(1ull << 40);
	probe.hold = true;
	request();
	write(RAW_QUEUE_RESET, 2, 1);
	cr_assert_eq(read(RAW_QUEUE_RESET, 2), 1);
	probe_complete(&probe, 0);
	cr_assert_eq(read(RAW_QUEUE_RESET, 2), 0);
	cr_assert_eq(read(RAW_QUEUE_ENABLE, 2), 0);
	start_with(1ull << 40);
	probe.held_count = 0;
	request();
	write(RAW_QUEUE_RESET, 2, 1);
	write(RAW_STATUS, 1, 0);
	cr_assert_eq(read(RAW_QUEUE_RESET, 2), 0, "on reset");
	probe_complete(&probe, 0);
}

Test(virtio_pci, queue_reset_does_nothing_unless_negotiated)
{
	start_with(0);
	write(RAW_QUEUE_RESET, 2, 1);
	cr_assert_eq(read(RAW_QUEUE_ENABLE, 2), 1);
	cr_assert_gt(probe.device.misuse, 0);
}

/* With either, the value written is another; the address alone names the queue. */
Test(virtio_pci, notification_data_and_config_data)
{
	start_with(1ull << 38 | 1ull << 39);
	cr_assert_eq(read(RAW_QUEUE_NOTIF_CONFIG_DATA, 2), 0);
	raw_desc(&ring, 0, DATA, 4, 0, 0);
	raw_offer(&ring, 0);
	fake_pci_write(&pci, raw.notify, 4, 0x80010000);
	cr_assert_eq(raw_used_idx(&ring), 1);
	write(RAW_QUEUE_SELECT, 2, 2);
	cr_assert_eq(read(RAW_QUEUE_NOTIF_CONFIG_DATA, 2), 2);
}

/* One capability: its BAR, and where in it the structure begins and ends. */
static void expect_inside(unsigned type, uint32_t least, uint32_t alignment)
{
	unsigned at = raw.cap[type];
	uint32_t offset = fake_pci_get(&pci, SLOT, at + 8, 4);
	uint32_t length = fake_pci_get(&pci, SLOT, at + 12, 4);
	unsigned bar = PCI_BAR0 + 4 * fake_pci_get(&pci, SLOT, at + 4, 1);
	uint32_t kept = fake_pci_get(&pci, SLOT, bar, 4), size;

	fake_pci_set(&pci, SLOT, bar, 4, 0xffffffff);
	size = ~(fake_pci_get(&pci, SLOT, bar, 4) & ~15u) + 1;
	fake_pci_set(&pci, SLOT, bar, 4, kept);
	cr_assert_eq(offset % alignment, 0);
	cr_assert_geq(length, least);
	cr_assert_leq(length, size);
	cr_assert_leq(offset, size - length);
}

PROVES("V14-PCI-009", "V14-PCI-012", "V14-PCI-042", "V14-PCI-043")
Test(virtio_pci, structures_lie_inside_their_bar)
{
	expect_inside(1, 0x3c, 4);
	expect_inside(2, 2, 4);
	expect_inside(3, 1, 1);
	expect_inside(4, sizeof(probe.config), 4);
}

PROVES("V14-PCI-033", "V14-PCI-034", "V14-PCI-035", "V14-PCI-036", "V14-PCI-029", "V14-PCI-030",
       "V14-PCI-031", "V14-PCI-032")
Test(virtio_pci, every_queue_has_a_place_for_notifications)
{
	uint32_t length = fake_pci_get(&pci, SLOT, raw.cap[2] + 12, 4);

	expect_inside(2, 4, 4);
	cr_assert_neq(raw.multiplier, 0, "each queue has its own");
	cr_assert_eq(raw.multiplier % 4, 0);
	cr_assert_eq(raw.multiplier & (raw.multiplier - 1), 0);
	for (unsigned i = 0; i < PROBE_QUEUES; i++) {
		write(RAW_QUEUE_SELECT, 2, i);
		cr_assert_geq(length, read(RAW_QUEUE_NOTIFY_OFF, 2) * raw.multiplier + 4);
	}
}

PROVES("V14-PCI-026")
Test(virtio_pci, queue_sizes_are_powers_of_two)
{
	raw_negotiate(&raw, 0);
	for (unsigned i = 0; i < PROBE_QUEUES + 1u; i++) {
		write(RAW_QUEUE_SELECT, 2, i);
		for (unsigned size = 0; size < 70; size++) {
			write(RAW_QUEUE_SIZE, 2, size);
			uint64_t now = read(RAW_QUEUE_SIZE, 2);
			cr_assert_eq(now & (now - 1), 0);
		}
	}
}

PROVES("V14-PCI-055", "V14-PCI-056", "V14-PCI-057", "V14-PCI-058", "V14-PCI-059", "V14-PCI-060",
       "V14-PCI-062")
Test(virtio_pci, any_event_to_any_vector_and_back)
{
	unsigned vectors = (fake_pci_get(&pci, SLOT, raw.msix + 2, 2) & 0x7ff) + 1;

	cr_assert_eq(vectors, PROBE_QUEUES + 1, "one an event: more would help nobody");
	raw_negotiate(&raw, 0);
	for (unsigned vector = 0; vector < vectors; vector++) {
		write(RAW_CONFIG_VECTOR, 2, vector);
		cr_assert_eq(read(RAW_CONFIG_VECTOR, 2), vector);
		for (unsigned queue = 0; queue < PROBE_QUEUES; queue++) {
			write(RAW_QUEUE_SELECT, 2, queue);
			write(RAW_QUEUE_VECTOR, 2, vector);
			cr_assert_eq(read(RAW_QUEUE_VECTOR, 2), vector);
		}
	}
	for (unsigned queue = 0; queue < PROBE_QUEUES; queue++) {
		write(RAW_QUEUE_SELECT, 2, queue);
		write(RAW_QUEUE_VECTOR, 2, NONE);
		cr_assert_eq(read(RAW_QUEUE_VECTOR, 2), NONE);
	}
	write(RAW_CONFIG_VECTOR, 2, NONE);
	cr_assert_eq(read(RAW_CONFIG_VECTOR, 2), NONE);
}

/* The same of every queue and of the configuration: MSI-X really sends by the mapping. */
PROVES("V14-PCI-058", "V14-PCI-064")
Test(virtio_pci, two_events_share_a_vector)
{
	msix_on();
	start(3);
	write(RAW_CONFIG_VECTOR, 2, 3);
	request();
	virtio_config_changed(&probe.device);
	cr_assert_eq(pci.messages, 2);
	cr_assert_eq(pci.message_data, 0x53);
	write(RAW_QUEUE_VECTOR, 2, NONE);
	write(RAW_CONFIG_VECTOR, 2, NONE);
	request();
	virtio_config_changed(&probe.device);
	cr_assert_eq(pci.messages, 2);
}

Test(virtio_pci, no_capability_is_there_that_is_not_meant)
{
	for (unsigned type = 6; type < 10; type++)
		cr_assert_eq(raw.cap[type], 0, "no shared memory, no vendor data");
}
