/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts from the board's devices to the list registers, and back. */
#include "tests/unit/virt_board/fixture.h"

enum {
	GICD_CTLR = 0x000,
	GICD_IGROUPR = 0x080,
	GICD_ISENABLER = 0x100,
	GICD_ICACTIVER = 0x380,
	GICD_ITARGETSR = 0x800,
	GICR_WAKER = 0x014,
	GICR_SGI = 0x10000,
	UARTDR = 0x00,
	UARTIMSC = 0x38,
	TIMER = 27,
	UART = 32 + VIRT_UART_SPI,
};

TestSuite(virt_irq, .init = fixture_reset);

/* What Linux does at its start: everything in group 1 and enabled. */
static void enable_all(void)
{
	guest_write(VIRT_GICR + GICR_WAKER, 4, 0);
	guest_write(VIRT_GICR + GICR_SGI + GICD_IGROUPR, 4, ~0u);
	guest_write(VIRT_GICR + GICR_SGI + GICD_ISENABLER, 4, ~0u);
	for (unsigned i = 1; i < GIC_INTIDS / 32; i++) {
		guest_write(VIRT_GICD + GICD_IGROUPR + 4 * i, 4, ~0u);
		guest_write(VIRT_GICD + GICD_ISENABLER + 4 * i, 4, ~0u);
	}
	guest_write(VIRT_GICD + GICD_CTLR, 4, 0x13);
}

/* The list register with that INTID; NULL: it is not listed. */
static uint64_t *listed(struct vcpu *vcpu, uint32_t intid)
{
	for (unsigned i = 0; i < vcpu->list.count; i++) {
		if (vcpu->list.lr[i] && (uint32_t)vcpu->list.lr[i] == intid)
			return &vcpu->list.lr[i];
	}
	return NULL;
}

static uint64_t *expect_pending(struct vcpu *vcpu, uint32_t intid)
{
	uint64_t *lr = listed(vcpu, intid);

	cr_assert_not_null(lr, "INTID %u", intid);
	cr_assert_eq(*lr & (GIC_LR_PENDING | GIC_LR_ACTIVE), GIC_LR_PENDING);
	return lr;
}

/* ---- the virtual timer ---- */

static void timer_fires(struct vcpu *vcpu)
{
	enable_all();
	vcpu->timer_fired = true;
}

static void timer_is_taken(struct vcpu *vcpu)
{
	uint64_t *lr = expect_pending(vcpu, TIMER);

	cr_assert(*lr & GIC_LR_HW, "the guest's end of it is the physical one's");
	cr_assert_eq(*lr >> 32 & 0x3ff, TIMER);
	*lr ^= GIC_LR_PENDING | GIC_LR_ACTIVE;
}

static void timer_is_ended(struct vcpu *vcpu)
{
	uint64_t *lr = listed(vcpu, TIMER);

	cr_assert_not_null(lr);
	cr_assert_eq(*lr & (GIC_LR_PENDING | GIC_LR_ACTIVE), GIC_LR_ACTIVE);
	*lr &= ~GIC_LR_ACTIVE;
}

static void timer_is_gone(struct vcpu *vcpu)
{
	cr_assert_null(listed(vcpu, TIMER));
	cr_assert_eq(vcpu->timer_releases, 0);
}

Test(virt_irq, the_timer_is_backed_by_hardware)
{
	static guest_step *const steps[] = {timer_fires, timer_is_taken, timer_is_ended,
	                                    timer_is_gone};

	cr_assert_eq(RUN_STEPS(ALPHA, steps), STOP_POWER_OFF);
}

static void end_by_register(struct vcpu *vcpu)
{
	cr_assert_not_null(listed(vcpu, TIMER));
	guest_write(VIRT_GICR + GICR_SGI + GICD_ICACTIVER, 4, 1u << TIMER);
}

static void timer_was_released(struct vcpu *vcpu)
{
	cr_assert_null(listed(vcpu, TIMER));
	cr_assert_eq(vcpu->timer_releases, 1);
}

Test(virt_irq, a_timer_interrupt_that_is_ended_otherwise_is_ended_physically)
{
	static guest_step *const steps[] = {timer_fires, timer_is_taken, end_by_register,
	                                    timer_was_released};

	cr_assert_eq(RUN_STEPS(ALPHA, steps), STOP_POWER_OFF);
}

/* ---- a device's line ---- */

static void uart_sends(struct vcpu *vcpu)
{
	(void)vcpu;
	enable_all();
	guest_write(VIRT_UART + UARTIMSC, 4, 0x20);
	guest_write(VIRT_UART + UARTDR, 4, 'x');
}

static void uart_is_served(struct vcpu *vcpu)
{
	uint64_t *lr = expect_pending(vcpu, UART);

	cr_assert(*lr & GIC_LR_GROUP1);
	guest_write(VIRT_UART + UARTIMSC, 4, 0);
	*lr &= ~GIC_LR_PENDING;
}

static void uart_is_silent(struct vcpu *vcpu)
{
	cr_assert_null(listed(vcpu, UART));
}

Test(virt_irq, a_line_is_listed_while_it_is_up)
{
	static guest_step *const steps[] = {uart_sends, uart_is_served, uart_is_silent};

	cr_assert_eq(RUN_STEPS(ALPHA, steps), STOP_POWER_OFF);
}

static void uart_is_ended_while_up(struct vcpu *vcpu)
{
	*expect_pending(vcpu, UART) &= ~GIC_LR_PENDING;
}

Test(virt_irq, a_line_that_stays_up_comes_again)
{
	static guest_step *const steps[] = {uart_sends, uart_is_ended_while_up, uart_is_served,
	                                    uart_is_silent};

	cr_assert_eq(RUN_STEPS(ALPHA, steps), STOP_POWER_OFF);
}

/* ---- messages, and interrupts of CPUs ---- */

static void messages_come(struct vcpu *vcpu)
{
	const struct msi_target *msi = &vms[0].board->pci.msi;

	(void)vcpu;
	enable_all();
	msi_send(msi, VIRT_GICD + GICD_SETSPI_NSR, GIC_MSI_FIRST + 7);
	msi_send(msi, VIRT_GICD + GICD_SETSPI_NSR + 4, GIC_MSI_FIRST + 8);
	msi_send(msi, VIRT_GICD + GICD_SETSPI_NSR, 5);
}

static void message_is_there(struct vcpu *vcpu)
{
	expect_pending(vcpu, GIC_MSI_FIRST + 7);
	cr_assert_null(listed(vcpu, GIC_MSI_FIRST + 8), "not the address for messages");
	cr_assert_null(listed(vcpu, 5), "not an SPI");
}

Test(virt_irq, a_message_is_an_spi)
{
	static guest_step *const steps[] = {messages_come, message_is_there};

	cr_assert_eq(RUN_STEPS(ALPHA, steps), STOP_POWER_OFF);
}

static unsigned sgi_runs;

static void send_sgi(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	if (sgi_runs++ == 0) {
		enable_all();
		*exit = (struct vcpu_exit){.kind = EXIT_IPI, .ipi = 9ull << 24 | 1};
	} else {
		expect_pending(vcpu, 9);
		power_off(vcpu, exit);
	}
}

Test(virt_irq, a_cpu_interrupts_itself)
{
	hosted_vcpu_run = send_sgi;
	cr_assert_eq(run(ALPHA), STOP_POWER_OFF);
	cr_assert_eq(sgi_runs, 2);
}

/* ---- GICv2 ---- */

static void v2_is_there(struct vcpu *vcpu)
{
	uint64_t value;

	(void)vcpu;
	cr_assert_eq(stage2_lookup(vms[0].stage2, VIRT_GICC), HOSTED_GICV);
	cr_assert_eq(stage2_lookup(vms[0].stage2, VIRT_GICC + 0x1000), HOSTED_GICV + 0x1000);
	cr_assert_eq(stage2_lookup(vms[0].stage2, VIRT_GICC + 0x2000), ~0ull);
	cr_assert_not(guest_read(VIRT_GICR, 4, &value));
	cr_assert(guest_read(VIRT_V2M + 0x008, 4, &value));
	cr_assert_eq(value, GIC_MSI_FIRST << 16 | GIC_MSI_COUNT);
	for (unsigned i = 1; i < GIC_INTIDS / 32; i++)
		guest_write(VIRT_GICD + GICD_ISENABLER + 4 * i, 4, ~0u);
	for (unsigned i = GIC_PRIVATE; i < GIC_INTIDS; i += 4)
		guest_write(VIRT_GICD + GICD_ITARGETSR + i, 4, 0x01010101);
	guest_write(VIRT_GICD + GICD_CTLR, 4, 3);
	msi_send(&vms[0].board->pci.msi, VIRT_V2M + 0x40, GIC_MSI_FIRST + 7);
}

static void v2_message_is_there(struct vcpu *vcpu)
{
	expect_pending(vcpu, GIC_MSI_FIRST + 7);
}

Test(virt_irq, gic_v2_has_its_cpu_interface_mapped_and_takes_messages)
{
	static guest_step *const steps[] = {v2_is_there, v2_message_is_there};

	hosted_gic_version = 2;
	cr_assert_eq(RUN_STEPS(ALPHA, steps), STOP_POWER_OFF);
}
