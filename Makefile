# SPDX-License-Identifier: BSD-2-Clause
# Vireo's only makefile. Sources are found by folder; `make help` lists what it can do.
ARCH   ?= x86_64
CONFIG ?= build/lab/$(ARCH)/lab.ini
OUT    ?= build/vireo.img
T      ?=

BUILD  := build
HOSTED := $(BUILD)/hosted
DEPS   := .deps
MACHINES := x86_64 aarch64
ifeq ($(filter $(MACHINES),$(ARCH)),)
$(error ARCH is one of: $(MACHINES))
endif
TOOLS_x86_64  :=
TOOLS_aarch64 := aarch64-linux-gnu-
MAKEFLAGS += --no-builtin-rules -j$(shell nproc)
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

# --- set-up: make reads this file again once tools/setup has filled .deps/
ifneq ($(filter-out help clean format,$(or $(MAKECMDGOALS),all)),)
include $(DEPS)/ready.mk
endif
$(DEPS)/ready.mk: tools/setup
	@tools/setup
	@touch $@

# --- which files make what
sources = $(if $(wildcard $(1)),$(sort $(shell find $(1) -name '*.[cS]')))
objects = $(patsubst %,$(1)/%.o,$(basename $(2)))

LIBC_SRC   := $(wildcard arch/common/libc/*.c)
COMMON_SRC := $(filter-out $(LIBC_SRC),$(call sources,arch/common))
DEVICE_SRC := $(call sources,guest-devices)
# The guest's board and its loader belong to one machine; the rest of hv/ to all.
BOARD_x86_64  := hv/machine/pc% hv/load/linux_x86%
BOARD_aarch64 := hv/machine/virt/% hv/load/linux_arm64%
ALL_HV_SRC := $(call sources,hv)
HV_SRC     := $(filter-out $(foreach m,$(MACHINES),$(BOARD_$(m))),$(ALL_HV_SRC))
board_sources = $(filter $(BOARD_$(1)),$(ALL_HV_SRC))
# What is plain C in a machine's folder is tested as programs too.
PURE_SRC   := $(wildcard arch/x86_64/insn*.c arch/x86_64/walk.c \
		arch/aarch64/pure/*.c arch/aarch64/syndrome*.c arch/aarch64/sysreg_table*.c \
		arch/aarch64/acpi_*.c arch/aarch64/fdt_*.c arch/aarch64/description.c)

LWIP_SRC  := $(wildcard $(addprefix $(DEPS)/lwip/src/,core/*.c core/ipv4/*.c netif/ethernet.c))
ZYDIS_SRC := $(wildcard $(addprefix $(DEPS)/zydis/src/,Decoder.c DecoderData.c MetaInfo.c \
		Mnemonic.c Register.c Segment.c SharedData.c String.c Utils.c Zydis.c))
INIH_SRC  := $(wildcard $(DEPS)/inih/ini.c)
FDT_SRC   := $(wildcard $(addprefix $(DEPS)/dtc/libfdt/fdt,.c _ro.c _rw.c _wip.c _sw.c _check.c \
		_addresses.c _empty_tree.c _strerror.c))
LIB_SRC   := $(LWIP_SRC) $(INIH_SRC) $(FDT_SRC)
LIB_x86_64 := $(ZYDIS_SRC)

# --- flags
WARN     := -Wall -Wextra -Wconversion -Wvla -Werror
INCLUDE  := -I. -Iarch/include
COMMON   := -std=gnu17 -g -MMD -MP -fno-common -ffunction-sections -fdata-sections
FREESTANDING := $(COMMON) -O2 -ffreestanding -fno-stack-protector -fpic -fvisibility=hidden \
	    -fno-asynchronous-unwind-tables -fno-strict-aliasing -mgeneral-regs-only -nostdinc
BARE_x86_64  := -m64 -mno-red-zone -fcf-protection=none -mabi=sysv
# An access with write-back is one that a hypervisor below is told nothing about.
BARE_aarch64 := -march=armv8-a -mbranch-protection=standard -mno-outline-atomics -fno-auto-inc-dec
# bare_flags MACHINE
bare_flags = $(FREESTANDING) $(BARE_$(1)) -isystem $(shell $(TOOLS_$(1))gcc -print-file-name=include 2>/dev/null) \
	     -isystem arch/common/libc
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
HOST     := $(COMMON) -O1 $(SANITIZE) -fno-omit-frame-pointer

# What each library wants to be told; whoever includes its headers is told the same.
LWIP  := -Ihv/net/lwip -isystem $(DEPS)/lwip/src/include
ZYDIS := -isystem $(DEPS)/zydis/include -isystem $(DEPS)/zycore/include -DZYDIS_STATIC_BUILD \
	 -DZYCORE_STATIC_BUILD -DZYAN_NO_LIBC -DZYDIS_MINIMAL_MODE -DZYDIS_DISABLE_FORMATTER \
	 -DZYDIS_DISABLE_ENCODER
INIH  := -isystem $(DEPS)/inih -DINI_API= -DINI_HANDLER_LINENO=1 -DINI_USE_STACK=1 -DINI_MAX_LINE=1280 \
	 -DINI_ALLOW_MULTILINE=0 -DINI_CUSTOM_ALLOCATOR=1 -DINI_ALLOW_NO_VALUE=1
FDT   := -isystem $(DEPS)/dtc/libfdt
# Where GNU-EFI for a machine is
EFI_x86_64  := /usr
EFI_aarch64 := $(DEPS)/arm64/gnu-efi/usr
EFI_FLAGS_x86_64 := -DGNU_EFI_USE_MS_ABI -DHAVE_USE_MS_ABI
efi_flags = -isystem $(EFI_$(1))/include/efi -isystem $(EFI_$(1))/include/efi/$(1) -fshort-wchar $(EFI_FLAGS_$(1))

# extra_flags FILE,MACHINE: by folder, so that only hv/net/ can see lwIP and only boot/ the firmware
extra_flags = $(if $(filter hv/net/%,$(1)),$(LWIP)) $(if $(filter arch/x86_64/insn%,$(1)),$(ZYDIS)) \
	      $(if $(filter hv/config% tools/config%,$(1)),$(INIH)) \
	      $(if $(filter boot/%,$(1)),$(call efi_flags,$(2)) $(FDT)) \
	      $(if $(filter arch/aarch64/% guest-devices/firmware/fdt%,$(1)),$(FDT)) \
	      $(if $(filter tests/unit/net%,$(1)),$(LWIP)) $(if $(filter tests/%,$(1)),$(FDT)) \
	      $(if $(filter $(DEPS)/%,$(1)),$(library_flags),$(WARN))
library_flags = -w -fno-sanitize=undefined $(LWIP) $(ZYDIS) $(INIH) $(FDT) -I$(DEPS)/zydis/src

# --- the EFI program
EFI_SECTIONS := .text .rodata .data .bss .dynamic .dynsym .rel .rela .rel.* .rela.* .reloc .areloc .trampoline
EFI_FORMAT_x86_64  := --target efi-app-x86_64
EFI_FORMAT_aarch64 := -O binary
EFI_LINK_aarch64   := --defsym=EFI_SUBSYSTEM=0xa --no-warn-rwx-segments

.PHONY: all hv
all: hv hosted unit-programs

# machine NAME: the rules for one machine's program, build/NAME/vireo.efi
define machine
EFI_OBJ_$(1) := $(call objects,$(BUILD)/$(1)/obj,$(wildcard boot/*.c boot/$(1)/*.[cS]) $(LIBC_SRC) $(COMMON_SRC) \
	$(call sources,arch/$(1)) $(HV_SRC) $(call board_sources,$(1)) $(DEVICE_SRC) $(LIB_SRC) $(LIB_$(1)))
BARE_FLAGS_$(1) := $(call bare_flags,$(1)) $(INCLUDE)
# A machine that is not whole yet is compiled, not linked.
READY_$(1) := $(and $(wildcard boot/$(1)/vireo.lds),$(wildcard arch/$(1)/vcpu*.c),$(call board_sources,$(1)))
hv: $$(if $$(READY_$(1)),$(BUILD)/$(1)/vireo.efi,$$(EFI_OBJ_$(1)))

$(BUILD)/$(1)/vireo.efi: $(BUILD)/$(1)/vireo.elf
	@echo "  EFI   $$@"
	@$(TOOLS_$(1))objcopy $(addprefix -j ,$(EFI_SECTIONS)) $(EFI_FORMAT_$(1)) $$< $$@

$(BUILD)/$(1)/vireo.elf: $$(EFI_OBJ_$(1)) boot/$(1)/vireo.lds
	@echo "  LD    $$@"
	@$(TOOLS_$(1))ld -nostdlib -shared -Bsymbolic -z nocombreloc -z noexecstack --gc-sections --no-undefined \
		$(EFI_LINK_$(1)) -T boot/$(1)/vireo.lds $(EFI_$(1))/lib/crt0-efi-$(1).o $$(EFI_OBJ_$(1)) \
		$(EFI_$(1))/lib/libgnuefi.a $(EFI_$(1))/lib/libefi.a -o $$@

$(BUILD)/$(1)/obj/%.o: %.c Makefile
	@echo "  CC    $$< ($(1))"
	@mkdir -p $$(@D)
	@$(TOOLS_$(1))gcc $$(BARE_FLAGS_$(1)) $$(call extra_flags,$$<,$(1)) -c $$< -o $$@

$(BUILD)/$(1)/obj/%.o: %.S Makefile
	@echo "  AS    $$< ($(1))"
	@mkdir -p $$(@D)
	@$(TOOLS_$(1))gcc $$(BARE_FLAGS_$(1)) -c $$< -o $$@
endef
$(foreach m,$(MACHINES),$(eval $(call machine,$(m))))

# --- the same parts as hosted archives, with sanitizers; a program is linked with one machine's board
.PHONY: hosted
HOSTED_SRC := $(call sources,arch/hosted) $(COMMON_SRC) $(PURE_SRC) $(HV_SRC)
HOSTED_LIBS := $(addprefix $(HOSTED)/lib,tests.a hv.a guest-devices.a third-party.a)
BOARD_LIB_x86_64  := $(HOSTED)/libpc.a
BOARD_LIB_aarch64 := $(HOSTED)/libvirt.a
hosted: $(HOSTED_LIBS) $(foreach m,$(MACHINES),$(BOARD_LIB_$(m))) $(if $(wildcard hv/config.c),$(HOSTED)/config-check)

$(HOSTED)/libhv.a: $(call objects,$(HOSTED)/obj,$(HOSTED_SRC))
$(BOARD_LIB_x86_64): $(call objects,$(HOSTED)/obj,$(call board_sources,x86_64))
$(BOARD_LIB_aarch64): $(call objects,$(HOSTED)/obj,$(call board_sources,aarch64))
$(HOSTED)/libguest-devices.a: $(call objects,$(HOSTED)/obj,$(DEVICE_SRC))
$(HOSTED)/libthird-party.a: $(call objects,$(HOSTED)/obj,$(LIB_SRC) $(LIB_x86_64))
$(HOSTED)/libtests.a: $(call objects,$(HOSTED)/obj,$(call sources,tests/lib))
$(HOSTED)/lib%.a:
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcs $@ $^

$(HOSTED)/obj/%.o: %.c Makefile
	@echo "  CC    $< (hosted)"
	@mkdir -p $(@D)
	@gcc $(HOST) $(INCLUDE) $(call extra_flags,$<,x86_64) -c $< -o $@

# hosted_link: all objects and archives of a rule
hosted_link = gcc $(SANITIZE) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group
$(HOSTED)/config-check: $(HOSTED)/obj/tools/config-check.o $(HOSTED_LIBS) $(BOARD_LIB_x86_64)
	@echo "  LD    $@"
	@$(hosted_link) -o $@

# --- unit tests: one Criterion program for each folder of tests/unit; those of virt_* have the Arm board
UNIT_AREAS := $(sort $(patsubst tests/unit/%/,%,$(dir $(wildcard tests/unit/*/*.c))))
UNIT_PROGRAMS := $(addprefix $(BUILD)/unit/,$(UNIT_AREAS))
.PHONY: unit-programs
unit-programs: $(UNIT_PROGRAMS)

define unit_program
$(BUILD)/unit/$(1): $(call objects,$(HOSTED)/obj,$(wildcard tests/unit/$(1)/*.c)) $(HOSTED_LIBS) \
		$(if $(filter virt_%,$(1)),$(BOARD_LIB_aarch64),$(BOARD_LIB_x86_64))
	@echo "  LD    $$@"
	@mkdir -p $$(@D)
	@$$(hosted_link) -lcriterion -o $$@
endef
$(foreach area,$(UNIT_AREAS),$(eval $(call unit_program,$(area))))

# --- the two guests of `make run`: the configuration, and the files that it names, beside it
LAB := $(BUILD)/lab
lab_files = $(addprefix $(LAB)/$(1)/,lab.ini vmlinuz alpha.cpio.gz beta.cpio.gz)
SG_PROGRAMS_x86_64  := $(DEPS)/sg3
SG_PROGRAMS_aarch64 := $(DEPS)/arm64/sg3
KERNEL_x86_64  := $(DEPS)/kernel/vmlinuz
KERNEL_aarch64 := $(DEPS)/arm64/kernel/vmlinuz

define lab
$(LAB)/$(1)/lab.ini: tools/lab.ini
	@mkdir -p $$(@D)
	@cp $$< $$@

$(LAB)/$(1)/vmlinuz: $(KERNEL_$(1))
	@mkdir -p $$(@D)
	@cp $$< $$@

$(LAB)/$(1)/%.cpio.gz: $(wildcard tests/guest/linux/* tests/guest/linux/$(1)/*)
	@echo "  CPIO  $$@"
	@mkdir -p $$(@D)
	@tests/guest/linux/build $(1) $$* $$@ $$(if $$(filter sg,$$*),$(SG_PROGRAMS_$(1)))
endef
$(foreach m,$(MACHINES),$(eval $(call lab,$(m))))

# --- bare guests: for each machine one flat program for each file with a bare_main; all share the other files
BARE := tests/guest/bare
# bare_sources MACHINE: the files of one machine's guests
bare_sources = $(wildcard $(BARE)/*.c $(BARE)/$(1)/*.[cS] $(BARE)/$(1)/*/*.[cS])
BARE_SECTIONS_x86_64  := .setup .text
BARE_SECTIONS_aarch64 := .text

define bare
BARE_MAIN_$(1) := $(shell grep -l 'void bare_main' $(call bare_sources,$(1)) /dev/null)
BARE_OBJ_$(1)  := $$(call objects,$(BUILD)/guest/$(1)/obj,$$(filter-out $$(BARE_MAIN_$(1)),$(call bare_sources,$(1))))
BARE_GUESTS_$(1) := $$(patsubst %.c,$(BUILD)/guest/$(1)/%.bin,$$(notdir $$(BARE_MAIN_$(1))))

$(BUILD)/guest/$(1)/obj/%.o: %.c Makefile
	@mkdir -p $$(@D)
	@$(TOOLS_$(1))gcc $$(BARE_FLAGS_$(1)) -fno-pic -I$(BARE)/$(1) $(WARN) -c $$< -o $$@

$(BUILD)/guest/$(1)/obj/%.o: %.S Makefile
	@mkdir -p $$(@D)
	@$(TOOLS_$(1))gcc $$(BARE_FLAGS_$(1)) -c $$< -o $$@
endef

# bare_program MACHINE,FILE
define bare_program
$(BUILD)/guest/$(1)/$(basename $(notdir $(2))).bin: $$(call objects,$(BUILD)/guest/$(1)/obj,$(2)) $$(BARE_OBJ_$(1)) \
		$(BARE)/$(1)/bare.lds
	@echo "  LD    $$@"
	@$(TOOLS_$(1))ld -nostdlib --gc-sections --no-warn-rwx-segments -T $(BARE)/$(1)/bare.lds $$(filter %.o,$$^) \
		-o $$(@:.bin=.elf)
	@$(TOOLS_$(1))objcopy -O binary $(addprefix -j ,$(BARE_SECTIONS_$(1))) $$(@:.bin=.elf) $$@
endef
$(foreach m,$(MACHINES),$(eval $(call bare,$(m))) \
	$(foreach file,$(BARE_MAIN_$(m)),$(eval $(call bare_program,$(m),$(file)))))
# A disk for a guest that starts in a BIOS
BIOS_DISK := $(BUILD)/guest/x86_64/bios-disk.img
$(BIOS_DISK): tests/guest/bios/disk.S
	@echo "  LD    $@"
	@mkdir -p $(@D)
	@gcc -m32 -c $< -o $(@:.img=.o)
	@ld -m elf_i386 -Ttext 0x7c00 --oformat binary $(@:.img=.o) -o $@

BARE_GUESTS := $(foreach m,$(MACHINES),$(BARE_GUESTS_$(m))) $(BIOS_DISK)

# --- fuzzers: one libFuzzer program for each tests/fuzz/target_*.c, made by clang; see tools/fuzz
comma := ,
FUZZ_SANITIZER ?= address,undefined
FUZZ     := $(BUILD)/fuzz/$(subst $(comma),-,$(FUZZ_SANITIZER))
FUZZ_SRC := $(filter-out tests/fuzz/target_%,$(wildcard tests/fuzz/*.c)) $(call sources,guest-devices/virtio) \
	    $(call sources,guest-devices/pci) $(call sources,guest-devices/scsi) $(wildcard guest-devices/*.c) \
	    $(wildcard $(addprefix tests/lib/,fake_mem.c fake_port.c raw_ring.c raw_packed.c raw_legacy.c raw_ccw.c))
FUZZ_CC  := clang -fsanitize=fuzzer,$(FUZZ_SANITIZER) -fno-sanitize-recover=all
.PHONY: fuzz-program fuzz-programs
fuzz-program: $(FUZZ)/$(FUZZ_TARGET)
fuzz-programs: $(patsubst tests/fuzz/target_%.c,$(FUZZ)/%,$(wildcard tests/fuzz/target_*.c))

$(FUZZ)/%: $(FUZZ)/obj/tests/fuzz/target_%.o $(call objects,$(FUZZ)/obj,$(FUZZ_SRC))
	@echo "  LD    $@"
	@$(FUZZ_CC) $^ -o $@

$(FUZZ)/obj/%.o: %.c
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(COMMON) -O1 $(INCLUDE) -c $< -o $@

# --- commands
.PHONY: test unit check conformance coverage mutants fuzz format image run bench clean help
test: hv hosted unit-programs fuzz-programs $(foreach m,$(MACHINES),$(call lab_files,$(m)) $(LAB)/$(m)/sg.cpio.gz) $(BARE_GUESTS)
	@tools/run-tests $(if $(T),--only '$(T)')

unit: unit-programs
	@tools/run-tests --kind unit $(if $(T),--only '$(T)')

check:
	@tools/run-tests --kind check

conformance: unit-programs
	@tools/conformance

coverage:
	@tools/coverage $(addprefix --show ,$(T))

mutants:
	@tools/mutants $(T)

SECONDS ?= 60
fuzz:
	@tools/fuzz $(T) --seconds $(SECONDS) --sanitizer $(FUZZ_SANITIZER)

format:
	@clang-format -i $$(find $(wildcard boot hv arch guest-devices tests tools) -name '*.[ch]')

image: hv $(HOSTED)/config-check $(if $(filter $(LAB)/%,$(CONFIG)),$(call lab_files,$(ARCH)))
	@tools/image $(CONFIG) $(OUT)

run: image
	@tools/qemu --arch $(ARCH) $(OUT)

bench: hv $(HOSTED)/config-check $(call lab_files,$(ARCH)) $(BARE_GUESTS)
	@MACHINE=$(ARCH) tests/bench/run

clean:
	rm -rf $(BUILD)

help:
	@echo 'make            build the EFI programs of both machines, the hosted archives and the unit tests'
	@echo 'make run        boot the guests of CONFIG (by default tools/lab.ini) in QEMU, on this terminal'
	@echo 'make test       all tests; T=SUITE/NAME or T=system/NAME for one of them'
	@echo 'make unit       the unit tests only'
	@echo 'make check      the include rules and the format only'
	@echo 'make conformance  which statements of VIRTIO 1.4 are proved by the unit tests'
	@echo 'make coverage   which lines and branches of guest-devices/ the unit tests run; T=NAME shows what is not'
	@echo 'make fuzz       hostile drivers, random: T=NAME for one fuzzer, SECONDS=60 for each,'
	@echo '                FUZZ_SANITIZER=memory for MSan'
	@echo 'make mutants    is every check of rings, transports and devices missed by a test when it is gone?'
	@echo 'make image      a bootable disk image: CONFIG=FILE.ini OUT=FILE.img'
	@echo 'make bench      the table of measured figures'
	@echo 'make format     lay the C files out by .clang-format'
	@echo 'ARCH=aarch64    run, image and bench on the other machine; by default x86_64'
	@echo 'make clean      remove build/; .deps/ stays'

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
