/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/firmware/aml.h"

enum aml_op {
	OP_ZERO = 0x00,
	OP_ONE = 0x01,
	OP_NAME = 0x08,
	OP_BYTE = 0x0a,
	OP_WORD = 0x0b,
	OP_DWORD = 0x0c,
	OP_STRING = 0x0d,
	OP_QWORD = 0x0e,
	OP_SCOPE = 0x10,
	OP_BUFFER = 0x11,
	OP_PACKAGE = 0x12,
	OP_EXTENDED = 0x5b,
	OP_DEVICE = 0x82, /* after OP_EXTENDED */
};

enum resource_tag {
	RESOURCE_IRQ = 0x22,      /* small item, 2 bytes */
	RESOURCE_IO = 0x47,       /* small item, 7 bytes */
	RESOURCE_END = 0x79,      /* small item, 1 byte */
	RESOURCE_MEMORY32 = 0x86, /* fixed */
	RESOURCE_DWORD_SPACE = 0x87,
	RESOURCE_WORD_SPACE = 0x88,
	RESOURCE_GSI = 0x89, /* extended interrupt */
};

enum space_type { SPACE_MEMORY, SPACE_IO, SPACE_BUS };
#define GSI_LEVEL_HIGH_SHARED 0x09 /* and the device consumes it */
#define SPACE_FIXED           0x0c /* general flags: minimum and maximum are fixed, positive decoding */
#define SPACE_READWRITE       0x01
#define SPACE_ISA_AND_NOT     0x03

/* PkgLength in its form of three bytes, filled in by patch_length. It counts itself. */
#define LENGTH_BYTES 3

static size_t reserve_length(struct acpi_writer *aml)
{
	size_t at = aml->used;

	acpi_put_zeros(aml, LENGTH_BYTES);
	return at;
}

void aml_end(struct acpi_writer *aml, size_t begun)
{
	size_t length = aml->used - begun;

	acpi_patch(aml, begun, 0x80 | (length & 0xf), 1);
	acpi_patch(aml, begun + 1, length >> 4, 2);
}

static void put_segment(struct acpi_writer *aml, const char *name)
{
	for (unsigned i = 0; i < 4; i++)
		acpi_put(aml, (uint8_t)(*name ? *name++ : '_'), 1);
}

size_t aml_scope_begin(struct acpi_writer *aml, const char *name)
{
	size_t begun;

	acpi_put(aml, OP_SCOPE, 1);
	begun = reserve_length(aml);
	acpi_put(aml, '\\', 1);
	put_segment(aml, name);
	return begun;
}

size_t aml_device_begin(struct acpi_writer *aml, const char *name)
{
	size_t begun;

	acpi_put(aml, OP_EXTENDED, 1);
	acpi_put(aml, OP_DEVICE, 1);
	begun = reserve_length(aml);
	put_segment(aml, name);
	return begun;
}

void aml_name(struct acpi_writer *aml, const char *name)
{
	acpi_put(aml, OP_NAME, 1);
	put_segment(aml, name);
}

static void put_const(struct acpi_writer *aml, enum aml_op op, uint64_t value, unsigned bytes)
{
	acpi_put(aml, op, 1);
	acpi_put(aml, value, bytes);
}

void aml_integer(struct acpi_writer *aml, uint64_t value)
{
	if (value <= 1)
		acpi_put(aml, value ? OP_ONE : OP_ZERO, 1);
	else if (value <= UINT8_MAX)
		put_const(aml, OP_BYTE, value, 1);
	else if (value <= UINT16_MAX)
		put_const(aml, OP_WORD, value, 2);
	else if (value <= UINT32_MAX)
		put_const(aml, OP_DWORD, value, 4);
	else
		put_const(aml, OP_QWORD, value, 8);
}

void aml_string(struct acpi_writer *aml, const char *text)
{
	acpi_put(aml, OP_STRING, 1);
	while (*text)
		acpi_put(aml, (uint8_t)*text++, 1);
	acpi_put(aml, 0, 1);
}

static unsigned hex_digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
}

/* Three letters of 5 bits and four hexadecimal digits, most significant byte first. */
void aml_eisa_id(struct acpi_writer *aml, const char *id)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < 3; i++)
		value = value << 5 | (uint32_t)(id[i] - '@');
	for (unsigned i = 3; i < 7; i++)
		value = value << 4 | hex_digit(id[i]);
	put_const(aml, OP_DWORD, __builtin_bswap32(value), 4);
}

size_t aml_package_begin(struct acpi_writer *aml, uint8_t elements)
{
	size_t begun;

	acpi_put(aml, OP_PACKAGE, 1);
	begun = reserve_length(aml);
	acpi_put(aml, elements, 1);
	return begun;
}

/* ---- resources: a buffer whose size is a word, filled in at the end ---- */

#define BUFFER_SIZE_AT (LENGTH_BYTES + 1) /* of the size from the length, after its prefix */

size_t aml_resources_begin(struct acpi_writer *aml)
{
	size_t begun;

	acpi_put(aml, OP_BUFFER, 1);
	begun = reserve_length(aml);
	put_const(aml, OP_WORD, 0, 2);
	return begun;
}

void aml_resources_end(struct acpi_writer *aml, size_t begun)
{
	acpi_put(aml, RESOURCE_END, 1);
	acpi_put(aml, 0, 1); /* checksum: not used */
	acpi_patch(aml, begun + BUFFER_SIZE_AT, aml->used - begun - BUFFER_SIZE_AT - 2, 2);
	aml_end(aml, begun);
}

void aml_resource_io(struct acpi_writer *aml, uint16_t port, uint8_t count)
{
	acpi_put(aml, RESOURCE_IO, 1);
	acpi_put(aml, 1, 1); /* decodes 16 bits */
	acpi_put(aml, port, 2);
	acpi_put(aml, port, 2);
	acpi_put(aml, 1, 1); /* alignment */
	acpi_put(aml, count, 1);
}

void aml_resource_irq(struct acpi_writer *aml, unsigned irq)
{
	acpi_put(aml, RESOURCE_IRQ, 1);
	acpi_put(aml, 1u << irq, 2);
}

void aml_resource_gsi(struct acpi_writer *aml, uint32_t gsi)
{
	acpi_put(aml, RESOURCE_GSI, 1);
	acpi_put(aml, 6, 2);
	acpi_put(aml, GSI_LEVEL_HIGH_SHARED, 1);
	acpi_put(aml, 1, 1); /* one number follows */
	acpi_put(aml, gsi, 4);
}

void aml_resource_memory(struct acpi_writer *aml, uint32_t base, uint32_t size)
{
	acpi_put(aml, RESOURCE_MEMORY32, 1);
	acpi_put(aml, 9, 2);
	acpi_put(aml, 1, 1); /* writable */
	acpi_put(aml, base, 4);
	acpi_put(aml, size, 4);
}

/* An address space descriptor with numbers of bytes bytes: 6.4.3.5. */
static void put_window(struct acpi_writer *aml, enum space_type type, uint8_t type_flags,
                       uint32_t first, uint32_t last, unsigned bytes)
{
	acpi_put(aml, bytes == 2 ? RESOURCE_WORD_SPACE : RESOURCE_DWORD_SPACE, 1);
	acpi_put(aml, 3 + 5 * bytes, 2);
	acpi_put(aml, type, 1);
	acpi_put(aml, SPACE_FIXED, 1);
	acpi_put(aml, type_flags, 1);
	acpi_put(aml, 0, bytes); /* granularity */
	acpi_put(aml, first, bytes);
	acpi_put(aml, last, bytes);
	acpi_put(aml, 0, bytes); /* translation */
	acpi_put(aml, last - first + 1, bytes);
}

void aml_resource_bus_window(struct acpi_writer *aml, uint16_t first, uint16_t last)
{
	put_window(aml, SPACE_BUS, 0, first, last, 2);
}

void aml_resource_io_window(struct acpi_writer *aml, uint16_t first, uint16_t last)
{
	put_window(aml, SPACE_IO, SPACE_ISA_AND_NOT, first, last, 2);
}

void aml_resource_memory_window(struct acpi_writer *aml, uint32_t first, uint32_t last)
{
	put_window(aml, SPACE_MEMORY, SPACE_READWRITE, first, last, 4);
}
