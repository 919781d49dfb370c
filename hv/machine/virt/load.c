/* SPDX-License-Identifier: BSD-2-Clause */
/* What firmware would do on an Arm machine: device tree, kernel, first instruction. */
#include <arch/err.h>
#include <arch/log.h>
#include <arch/pages.h>
#include <string.h>

#include "guest-devices/firmware/fdt.h"
#include "guest-devices/virtio/virtio_mmio.h"
#include "hv/load/linux_arm64.h"
#include "hv/machine/files.h"
#include "hv/machine/virt/virt.h"
#include "hv/rng.h"

_Static_assert(FDT_SIZE_MAX <= LINUX_ARM64_DTB_MAX, "room for the tree");
_Static_assert(VM_VCPUS <= FDT_CPUS_MAX, "a node each");
_Static_assert(CONFIG_CMDLINE <= FDT_TEXT_MAX, "room for the command line");

#define TREE_PAGES (FDT_SIZE_MAX / PAGE_SIZE)

static struct fdt_gic describe_gic(const struct board *board)
{
	bool v3 = board->gic.config.version == 3;

	return (struct fdt_gic){
	    .version = board->gic.config.version,
	    .distributor = VIRT_GICD,
	    .distributor_size = v3 ? GIC_V3_DISTRIBUTOR_SIZE : GIC_V2_DISTRIBUTOR_SIZE,
	    .redistributors = VIRT_GICR,
	    .redistributors_size = board->vm->vcpu_count * GIC_V3_REDISTRIBUTOR_SIZE,
	    .cpu_interface = VIRT_GICC,
	    .cpu_interface_size = VIRT_GICC_SIZE,
	    .v2m = VIRT_V2M,
	    .v2m_size = GICV2M_SIZE,
	    .msi_first = GIC_MSI_FIRST,
	    .msi_count = GIC_MSI_COUNT,
	};
}

static void choose(struct fdt_chosen *chosen, const struct vm_config *config, uint64_t at,
                   const struct boot_file *initrd)
{
	chosen->cmdline = config->cmdline;
	chosen->initrd = at;
	chosen->initrd_size = initrd ? initrd->size : 0;
	chosen->seed_size = rng_read(chosen->seed, sizeof(chosen->seed));
	if (rng_read(&chosen->kaslr_seed, sizeof(chosen->kaslr_seed)) == 0)
		chosen->kaslr_seed = 0;
}

static void describe(const struct board *board, struct fdt_machine *machine)
{
	const struct vm *vm = board->vm;

	*machine = (struct fdt_machine){
	    .cpus = vm->vcpu_count,
	    .ram = VIRT_RAM,
	    .ram_size = vm->config->memory,
	    .flash = VIRT_FLASH,
	    .flash_size = vm->config->firmware[0] ? VIRT_FLASH_SIZE : 0,
	    .gic = describe_gic(board),
	    .uart = VIRT_UART,
	    .uart_size = PL011_SIZE,
	    .uart_spi = VIRT_UART_SPI,
	    .rtc = VIRT_RTC,
	    .rtc_size = PL031_SIZE,
	    .rtc_spi = VIRT_RTC_SPI,
	    .ecam = VIRT_ECAM,
	    .ecam_size = VIRT_ECAM_SIZE,
	    .window32 = VIRT_WINDOW32,
	    .window32_size = VIRT_WINDOW32_SIZE,
	    .ports = VIRT_PORTS,
	    .ports_size = VIRT_PORTS_SIZE,
	    .mmio_count = virtio_set_mmio_count(board->vm->virtio),
	    .mmio = VIRT_MMIO,
	    .mmio_size = VIRTIO_MMIO_SIZE,
	};
	for (unsigned i = 0; i < 4; i++) {
		machine->intx_spi[i] = VIRT_INTX_SPI + i;
		machine->mmio_spi[i] = VIRT_MMIO_SPI + i;
	}
}

static int load_tree(struct board *board, const struct linux_arm64_places *places,
                     const struct boot_file *initrd)
{
	struct vm *vm = board->vm;
	struct fdt_machine machine;
	void *tree = pages_alloc(TREE_PAGES, PAGE_SIZE);
	size_t size;
	int err;

	if (!tree)
		return ERR_NO_MEMORY;
	describe(board, &machine);
	choose(&machine.chosen, vm->config, places->initrd, initrd);
	size = fdt_build(&machine, tree, FDT_SIZE_MAX);
	err = size ? guest_mem_write(&vm->mem, places->dtb, tree, size) : ERR_INVALID;
	pages_free(tree, TREE_PAGES);
	if (err)
		log_error("%s: the device tree does not fit", vm->config->name);
	return err ? ERR_INVALID : 0;
}

static int load_linux(struct board *board, const struct guest_files *files)
{
	const struct boot_file *kernel = files->file[GUEST_KERNEL];
	const struct boot_file *initrd = files->file[GUEST_INITRD];
	struct vm *vm = board->vm;
	struct linux_arm64 image = {.page_sizes = vcpu_page_sizes()};
	struct linux_arm64_places places;
	bool initrd_fault;
	const char *wrong;
	int err;

	image.kernel = kernel->data;
	image.kernel_size = kernel->size;
	if (initrd) {
		image.initrd = initrd->data;
		image.initrd_size = initrd->size;
	}
	wrong = linux_arm64_load(&vm->mem, &image, &places, &initrd_fault);
	if (wrong)
		return guest_files_refuse(vm, initrd_fault ? GUEST_INITRD : GUEST_KERNEL, wrong);
	err = load_tree(board, &places, initrd);
	if (!err)
		vcpu_set_entry(vm->vcpus[0].vcpu, places.entry, places.dtb);
	return err;
}

/* The machine starts at the flash's first word, with the tree where RAM begins. */
static int load_firmware(struct board *board, const struct boot_file *firmware)
{
	const struct linux_arm64_places places = {.entry = VIRT_ROM, .dtb = VIRT_RAM};
	struct vm *vm = board->vm;
	int err = load_tree(board, &places, NULL);

	memcpy(guest_mem_slot(&vm->mem, VIRT_ROM)->host, firmware->data, firmware->size);
	vcpu_set_entry(vm->vcpus[0].vcpu, VIRT_ROM, 0);
	return err;
}

int virt_load(struct board *board)
{
	struct guest_files files;
	int err = guest_files_find(board->vm, &files);

	if (err)
		return err;
	return files.file[GUEST_FIRMWARE] ? load_firmware(board, files.file[GUEST_FIRMWARE])
	                                  : load_linux(board, &files);
}
