# SPDX-License-Identifier: BSD-2-Clause
# Vireo's only makefile. Sources are found by folder; `make help` lists what it can do.
ARCH   ?= x86_64
CONFIG ?= build/lab/lab.ini
OUT    ?= build/vireo.img
T      ?=

BUILD  := build
TARGET := $(BUILD)/$(ARCH)
HOSTED := $(BUILD)/hosted
DEPS   := .deps
CC     := gcc
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

BOOT_SRC   := $(wildcard boot/*.c boot/$(ARCH)/*.[cS])
LIBC_SRC   := $(wildcard arch/common/libc/*.c)
COMMON_SRC := $(filter-out $(LIBC_SRC),$(call sources,arch/common))
ARCH_SRC   := $(call sources,arch/$(ARCH))
HV_SRC     := $(call sources,hv)
DEVICE_SRC := $(call sources,guest-devices)
# Decoder and page tables are plain C, so they are tested as programs too.
PURE_SRC   := $(wildcard arch/x86_64/insn*.c arch/x86_64/nested.c arch/x86_64/walk.c)

LWIP_SRC  := $(wildcard $(addprefix $(DEPS)/lwip/src/,core/*.c core/ipv4/*.c netif/ethernet.c))
ZYDIS_SRC := $(wildcard $(addprefix $(DEPS)/zydis/src/,Decoder.c DecoderData.c MetaInfo.c \
		Mnemonic.c Register.c Segment.c SharedData.c String.c Utils.c Zydis.c))
INIH_SRC  := $(wildcard $(DEPS)/inih/ini.c)
LIB_SRC   := $(if $(wildcard hv/net/lwip/lwipopts.h),$(LWIP_SRC)) $(ZYDIS_SRC) $(INIH_SRC)

# --- flags
WARN     := -Wall -Wextra -Wconversion -Wvla -Werror
INCLUDE  := -I. -Iarch/include
COMMON   := -std=gnu17 -g -MMD -MP -fno-common -ffunction-sections -fdata-sections
GCC_INC  := $(shell $(CC) -print-file-name=include 2>/dev/null)
BARE     := $(COMMON) -O2 -ffreestanding -fno-stack-protector -fpic -fvisibility=hidden \
	    -fno-asynchronous-unwind-tables -fno-strict-aliasing -nostdinc -isystem $(GCC_INC) \
	    -isystem arch/common/libc
BARE_x86_64 := -m64 -mno-red-zone -mgeneral-regs-only -fcf-protection=none -mabi=sysv
BARE     += $(BARE_$(ARCH))
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
HOST     := $(COMMON) -O1 $(SANITIZE) -fno-omit-frame-pointer

# What each library wants to be told; whoever includes its headers is told the same.
LWIP  := -Ihv/net/lwip -isystem $(DEPS)/lwip/src/include
ZYDIS := -isystem $(DEPS)/zydis/include -isystem $(DEPS)/zycore/include -DZYDIS_STATIC_BUILD \
	 -DZYCORE_STATIC_BUILD -DZYAN_NO_LIBC -DZYDIS_MINIMAL_MODE -DZYDIS_DISABLE_FORMATTER \
	 -DZYDIS_DISABLE_ENCODER
INIH  := -isystem $(DEPS)/inih -DINI_API= -DINI_HANDLER_LINENO=1 -DINI_USE_STACK=1 -DINI_MAX_LINE=1280 \
	 -DINI_ALLOW_MULTILINE=0 -DINI_CUSTOM_ALLOCATOR=1 -DINI_ALLOW_NO_VALUE=1
EFI   := -isystem /usr/include/efi -isystem /usr/include/efi/$(ARCH) -fshort-wchar \
	 -DGNU_EFI_USE_MS_ABI -DHAVE_USE_MS_ABI

# extra_flags FILE: by folder, so that only hv/net/ can see lwIP and only boot/ the firmware
extra_flags = $(if $(filter hv/net/%,$(1)),$(LWIP)) $(if $(filter arch/x86_64/insn%,$(1)),$(ZYDIS)) \
	      $(if $(filter hv/config% tools/config%,$(1)),$(INIH)) $(if $(filter boot/%,$(1)),$(EFI)) \
	      $(if $(filter tests/unit/net%,$(1)),$(LWIP)) \
	      $(if $(filter $(DEPS)/%,$(1)),$(library_flags),$(WARN))
library_flags = -w -fno-sanitize=undefined $(LWIP) $(ZYDIS) $(INIH) -I$(DEPS)/zydis/src

# --- the EFI program
EFI_OBJ := $(call objects,$(TARGET)/obj,$(BOOT_SRC) $(LIBC_SRC) $(COMMON_SRC) $(ARCH_SRC) $(HV_SRC) \
	     $(DEVICE_SRC) $(LIB_SRC))
EFI_LDS := boot/$(ARCH)/vireo.lds
EFI_SECTIONS := .text .rodata .data .bss .dynamic .dynsym .rel .rela .rel.* .rela.* .reloc .areloc .trampoline
EFI_FORMAT_x86_64 := efi-app-x86_64

.PHONY: all hv
all: hv hosted unit-programs
hv: $(if $(and $(wildcard $(EFI_LDS)),$(wildcard hv/main.c)),$(TARGET)/vireo.efi)

$(TARGET)/vireo.efi: $(TARGET)/vireo.elf
	@echo "  EFI   $@"
	@objcopy $(addprefix -j ,$(EFI_SECTIONS)) --target $(EFI_FORMAT_$(ARCH)) $< $@

$(TARGET)/vireo.elf: $(EFI_OBJ) $(EFI_LDS)
	@echo "  LD    $@"
	@ld -nostdlib -shared -Bsymbolic -z nocombreloc -z noexecstack --gc-sections --no-undefined \
		-T $(EFI_LDS) /usr/lib/crt0-efi-$(ARCH).o $(EFI_OBJ) \
		/usr/lib/libgnuefi.a /usr/lib/libefi.a -o $@

$(TARGET)/obj/%.o: %.c Makefile
	@echo "  CC    $<"
	@mkdir -p $(@D)
	@$(CC) $(BARE) $(INCLUDE) $(call extra_flags,$<) -c $< -o $@

$(TARGET)/obj/%.o: %.S
	@echo "  AS    $<"
	@mkdir -p $(@D)
	@$(CC) $(BARE) $(INCLUDE) -c $< -o $@

# --- the same parts as hosted archives, with sanitizers
.PHONY: hosted
HOSTED_SRC := $(call sources,arch/hosted) $(COMMON_SRC) $(PURE_SRC) $(HV_SRC)
HOSTED_LIBS := $(addprefix $(HOSTED)/lib,tests.a hv.a guest-devices.a third-party.a)
hosted: $(HOSTED_LIBS) $(if $(wildcard hv/config.c),$(HOSTED)/config-check)

$(HOSTED)/libhv.a: $(call objects,$(HOSTED)/obj,$(HOSTED_SRC))
$(HOSTED)/libguest-devices.a: $(call objects,$(HOSTED)/obj,$(DEVICE_SRC))
$(HOSTED)/libthird-party.a: $(call objects,$(HOSTED)/obj,$(LIB_SRC))
$(HOSTED)/libtests.a: $(call objects,$(HOSTED)/obj,$(call sources,tests/lib))
$(HOSTED)/lib%.a:
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcs $@ $^

$(HOSTED)/obj/%.o: %.c Makefile
	@echo "  CC    $< (hosted)"
	@mkdir -p $(@D)
	@$(CC) $(HOST) $(INCLUDE) $(call extra_flags,$<) -c $< -o $@

HOSTED_LINK = $(CC) $(SANITIZE) $(1) -Wl,--start-group $(HOSTED_LIBS) -Wl,--end-group
$(HOSTED)/config-check: $(HOSTED)/obj/tools/config-check.o $(HOSTED_LIBS)
	@echo "  LD    $@"
	@$(call HOSTED_LINK,$<) -o $@

# --- unit tests: one Criterion program for each folder of tests/unit
UNIT_AREAS := $(sort $(patsubst tests/unit/%/,%,$(dir $(wildcard tests/unit/*/*.c))))
UNIT_PROGRAMS := $(addprefix $(BUILD)/unit/,$(UNIT_AREAS))
.PHONY: unit-programs
unit-programs: $(UNIT_PROGRAMS)

define unit_program
$(BUILD)/unit/$(1): $(call objects,$(HOSTED)/obj,$(wildcard tests/unit/$(1)/*.c)) $(HOSTED_LIBS)
	@echo "  LD    $$@"
	@mkdir -p $$(@D)
	@$$(call HOSTED_LINK,$$(filter %.o,$$^)) -lcriterion -o $$@
endef
$(foreach area,$(UNIT_AREAS),$(eval $(call unit_program,$(area))))

# --- the two guests of `make run`: the configuration, and the files that it names, beside it
LAB := $(BUILD)/lab
LAB_FILES := $(addprefix $(LAB)/,lab.ini vmlinuz alpha.cpio.gz beta.cpio.gz)

$(LAB)/lab.ini: tools/lab.ini
	@mkdir -p $(@D)
	@cp $< $@

$(LAB)/vmlinuz: $(DEPS)/kernel/vmlinuz
	@mkdir -p $(@D)
	@cp $< $@

$(LAB)/%.cpio.gz: $(wildcard tests/guest/linux/*)
	@echo "  CPIO  $@"
	@mkdir -p $(@D)
	@tests/guest/linux/build $* $@

# --- bare guests: one flat program for each file with a bare_main
BARE_GUESTS := $(patsubst tests/guest/bare/%.c,$(BUILD)/guest/%.bin,$(shell grep -l 'void bare_main' \
		 $(wildcard tests/guest/bare/*.c) /dev/null))
BARE_PARTS := $(patsubst %,$(BUILD)/guest/obj/%.o,start lib disk)

$(BUILD)/guest/%.bin: $(BUILD)/guest/obj/%.o $(BARE_PARTS) tests/guest/bare/bare.lds
	@echo "  LD    $@"
	@ld -nostdlib -T tests/guest/bare/bare.lds $(filter %.o,$^) -o $(@:.bin=.elf)
	@objcopy -O binary -j .setup -j .text $(@:.bin=.elf) $@

$(BUILD)/guest/obj/%.o: tests/guest/bare/%.c
	@mkdir -p $(@D)
	@$(CC) $(BARE) -fno-pic $(INCLUDE) $(WARN) -c $< -o $@

$(BUILD)/guest/obj/%.o: tests/guest/bare/%.S
	@mkdir -p $(@D)
	@$(CC) $(BARE) -c $< -o $@

# --- commands
.PHONY: test unit check conformance format image run bench clean help
test: hv hosted unit-programs $(LAB_FILES) $(BARE_GUESTS)
	@tools/run-tests $(if $(T),--only '$(T)')

unit: unit-programs
	@tools/run-tests --kind unit $(if $(T),--only '$(T)')

check:
	@tools/run-tests --kind check

conformance: unit-programs
	@tools/conformance

format:
	@clang-format -i $$(find $(wildcard boot hv arch guest-devices tests tools) -name '*.[ch]')

image: hv $(HOSTED)/config-check $(if $(filter $(LAB)/%,$(CONFIG)),$(LAB_FILES))
	@tools/image $(CONFIG) $(OUT)

run: image
	@tools/qemu $(OUT)

bench: hv $(HOSTED)/config-check $(LAB_FILES) $(BARE_GUESTS)
	@tests/bench/run

clean:
	rm -rf $(BUILD)

help:
	@echo 'make            build the EFI program, the hosted archives and the unit tests'
	@echo 'make run        boot the guests of CONFIG (by default tools/lab.ini) in QEMU, on this terminal'
	@echo 'make test       all tests; T=SUITE/NAME or T=system/NAME for one of them'
	@echo 'make unit       the unit tests only'
	@echo 'make check      the include rules and the format only'
	@echo 'make conformance  which statements of VIRTIO 1.4 are proved by the unit tests'
	@echo 'make image      a bootable disk image: CONFIG=FILE.ini OUT=FILE.img'
	@echo 'make bench      the table of measured figures'
	@echo 'make format     lay the C files out by .clang-format'
	@echo 'make clean      remove build/; .deps/ stays'

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
