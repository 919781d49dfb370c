/* SPDX-License-Identifier: BSD-2-Clause */
/* Building a PC, and its power-on state. */
#include "hv/machine/pc/pc.h"

#include <arch/err.h>
#include <arch/irq_vector.h>
#include <arch/log.h>

const size_t board_size = sizeof(struct board);

int board_layout(struct vm *vm)
{
	struct guest_mem *mem = &vm->mem;
	uint64_t bytes = vm->config->memory;
	uint64_t low = bytes < PC_LOW_RAM ? bytes : PC_LOW_RAM;
	int err = 0;

	mem->slots[0] = (struct guest_mem_slot){.address = 0, .size = low};
	mem->count = 1;
	if (vm->config->firmware[0])
		err = pc_layout_rom(vm);
	if (bytes > low)
		mem->slots[mem->count++] =
		    (struct guest_mem_slot){.address = PC_HIGH_RAM, .size = bytes - low};
	return err;
}

/* ---- what devices tell the guest ---- */

static void guest_power_off(void *context)
{
	struct board *board = context;

	vm_ask(board->vm, VM_REQUEST_STOP, "powered off by the guest");
}

static void guest_reset(void *context)
{
	struct board *board = context;

	vm_ask(board->vm, VM_REQUEST_RESET, "by the guest");
}

static void pic_output(void *context)
{
	struct board *board = context;

	vm_wake(&board->vm->vcpus[0]);
}

/* Interrupts sent to a vCPU that cannot take any must not keep its CPU busy. */
static void lapic_kick(void *context)
{
	struct vm_vcpu *v = context;

	if (!(v->vm->board->deaf & 1u << v->index))
		vm_wake(v);
}

static void lapic_nmi(void *context)
{
	struct vm_vcpu *v = context;

	v->vm->board->nmis |= 1u << v->index;
	v->vm->board->deaf &= ~(1u << v->index);
	vm_wake(v);
}

/* The first CPU would go back to firmware, which would reset the machine. */
static void lapic_init_cpu(void *context)
{
	struct vm_vcpu *v = context;

	v->vm->board->nmis &= ~(1u << v->index);
	v->vm->board->deaf &= ~(1u << v->index);
	if (v->index == 0)
		vm_ask(v->vm, VM_REQUEST_RESET, "INIT of its first CPU");
	else
		vm_stop_vcpu(v);
}

/* One that is on does not mind. */
static void lapic_startup(void *context, uint8_t vector)
{
	struct vm_vcpu *v = context;

	vm_start_vcpu(v->vm, v->index, (uint64_t)vector << 12, 0);
}

static const struct lapic_events lapic_events = {
    .kick = lapic_kick, .nmi = lapic_nmi, .init = lapic_init_cpu, .startup = lapic_startup};
static const struct acpi_pm_events pm_events = {guest_power_off, guest_reset};

/* The CPU holds the task priority (CR8); the local APIC's register is the same thing. */
static void lapic_window_access(void *context, struct bus_access *access)
{
	struct board *board = context;
	struct vm_vcpu *v = board->vm->accessing;
	struct lapic *lapic = &board->lapics[v->index];

	lapic_set_task_priority(lapic, vcpu_task_priority(v->vcpu));
	lapic->region.access(lapic->region.context, access);
	vcpu_set_task_priority(v->vcpu, lapic_task_priority(lapic));
}

/* ---- construction ---- */

static int create_irqchip(struct board *board)
{
	struct vm *vm = board->vm;

	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		const struct lapic_config config = {
		    .group = &board->group,
		    .id = (uint8_t)i,
		    .virtual_wire = i == 0,
		    .events = &lapic_events,
		    .context = &vm->vcpus[i],
		    .timer_scope = &vm->vcpus[i],
		};

		if (lapic_init(&board->lapics[i], &config))
			return ERR_NO_MEMORY;
	}
	board->lapic_window = (struct bus_region){.start = LAPIC_BASE,
	                                          .size = LAPIC_SIZE,
	                                          .access = lapic_window_access,
	                                          .context = board,
	                                          .name = "lapic"};
	ioapic_init(&board->ioapic, &board->group, PC_IOAPIC_ID);
	pic_init(&board->pic, pic_output, board);
	board->isa = (struct isa_irqs){&board->pic, &board->ioapic};
	board->msi.group = &board->group;
	return 0;
}

static void create_legacy(struct board *board)
{
	struct vm *vm = board->vm;

	pit_init(&board->pit, isa_irq_line(&board->isa, 0), &vm->vcpus[0]);
	rtc_init(&board->rtc, isa_irq_line(&board->isa, 8), &vm->vcpus[0]);
	acpi_pm_init(&board->pm, isa_irq_line(&board->isa, ACPI_PM_SCI), &pm_events, board);
	reset_ports_init(&board->reset_ports, guest_reset, board);
	uart16550_init(&board->com1, UART16550_COM1, isa_irq_line(&board->isa, UART16550_COM1_IRQ));
	char_join(&board->com1.end, console_port_end(vm->console, CONSOLE_UART));
}

/* Everything that answers at an address. The bus refuses overlaps, which would be a mistake in this
 * list. */
static int populate_buses(struct board *board)
{
	struct bus_region *const memory[] = {&board->lapic_window, &board->ioapic.region};
	struct bus_region *const ports[] = {
	    &board->pic.master,          &board->pic.slave,        &board->pic.elcr,
	    &board->pit.ports,           &board->pit.port_61,      &board->rtc.region,
	    &board->pm.region,           &board->reset_ports.data, &board->reset_ports.command,
	    &board->reset_ports.port_92, &board->com1.region,
	};
	int err = 0;

	for (unsigned i = 0; i < sizeof(memory) / sizeof(memory[0]); i++)
		err |= bus_add(&board->vm->memory, memory[i]);
	for (unsigned i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		err |= bus_add(&board->vm->ports, ports[i]);
	if (board->vm->config->firmware[0])
		err |= bus_add(&board->vm->ports, &board->firmware.cfg.region);
	return err;
}

static void create_pci(struct board *board)
{
	struct pci_host_config config = {
	    .ecam_base = PC_ECAM,
	    .window32 = PC_WINDOW32,
	    .window32_size = PC_WINDOW32_SIZE,
	    .ports_window = PC_PORTS,
	    .ports_size = PC_PORTS_SIZE,
	    .ports_cf8 = true,
	    .msi = msi_receiver_target(&board->msi),
	};

	for (unsigned i = 0; i < 4; i++)
		config.lines[i] = ioapic_line(&board->ioapic, PC_INTX_GSI + i);
	pci_host_init(&board->pci, &board->vm->memory, &board->vm->ports, &config);
	acpi_pm_share_cf9(&board->pm, &board->pci.address_port);
}

static void place_virtio(struct board *board, struct virtio_places *places)
{
	for (unsigned i = 0; i < VIRTIO_SET_MMIO_LINES; i++)
		board->mmio_lines[i].line = ioapic_line(&board->ioapic, PC_MMIO_GSI + i);
	*places = (struct virtio_places){
	    .pci = &board->pci,
	    .first_slot = 1,
	    .mmio = PC_MMIO,
	    .mmio_lines = board->mmio_lines,
	};
}

int board_init(struct vm *vm, struct virtio_places *places)
{
	struct board *board = vm->board;
	int err;

	board->vm = vm;
	err = create_irqchip(board);
	if (err)
		return err;
	create_legacy(board);
	create_pci(board);
	fw_cfg_init(&board->firmware.cfg);
	if (populate_buses(board)) {
		log_error("%s: two devices of the machine want the same address", vm->config->name);
		return ERR_INVALID;
	}
	place_virtio(board, places);
	return 0;
}

void board_reset(struct vm *vm)
{
	struct board *board = vm->board;

	pci_host_reset(&board->pci);
	fw_cfg_reset(&board->firmware.cfg);
	uart16550_reset(&board->com1);
	reset_ports_reset(&board->reset_ports);
	acpi_pm_reset(&board->pm);
	rtc_reset(&board->rtc);
	pit_reset(&board->pit);
	pic_reset(&board->pic);
	ioapic_reset(&board->ioapic);
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		lapic_reset(&board->lapics[i]);
	board->nmis = board->deaf = 0;
}

int board_load(struct vm *vm)
{
	return pc_load(vm->board);
}

/* ---- interrupts towards a vCPU ---- */

/* The 8259 pair reaches the first vCPU only. */
static __attribute__((noinline)) int pending_extint(struct board *board)
{
	board->extint_offered = lapic_takes_extint(&board->lapics[0]);
	return board->extint_offered ? pic_pending(&board->pic) : -1;
}

static inline int pending(struct vm_vcpu *v)
{
	struct board *board = v->vm->board;
	int vector = lapic_requested(&board->lapics[v->index]);

	if (v->index != 0)
		return vector;
	board->extint_offered = false;
	return vector < 0 && board->pic.intr ? pending_extint(board) : vector;
}

static __attribute__((noinline)) void give_nmi(struct vm_vcpu *v)
{
	struct board *board = v->vm->board;

	if (board->nmis & 1u << v->index)
		vcpu_inject_nmi(v->vcpu);
	board->nmis &= ~(1u << v->index);
}

void board_enter(struct vm_vcpu *v)
{
	if (v->vm->board->nmis)
		give_nmi(v);
	vcpu_offer_irq(v->vcpu, pending(v));
}

void board_leave(struct vm_vcpu *v)
{
	struct board *board = v->vm->board;
	int vector = vcpu_irq_taken(v->vcpu);

	if (vector < 0)
		return;
	if (v->index == 0 && board->extint_offered)
		pic_accept(&board->pic);
	else
		lapic_accept(&board->lapics[v->index], (unsigned)vector);
}

bool board_wakes(struct vm_vcpu *v)
{
	struct board *board = v->vm->board;

	if (board->nmis & 1u << v->index)
		return true;
	if (vcpu_irq_enabled(v->vcpu))
		return pending(v) >= 0;
	board->deaf |= 1u << v->index;
	return false;
}

/* A PC's local APIC sends them: it is a device on the bus. */
void board_ipi(struct vm_vcpu *v, uint64_t value)
{
	(void)v, (void)value;
}

void board_stats(struct vm *vm,
                 void (*show)(void *context, const char *device, const char *name, uint64_t value),
                 void *context)
{
	struct board *board = vm->board;

	show(context, "msi", "dropped", board->msi.dropped);
	show(context, "ioapic", "misuse", board->ioapic.misuse);
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		show(context, "lapic", "misuse", board->lapics[i].misuse);
}
