/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the configuration through libinih. What libinih would pass over in silence (lines longer
 * than its buffer, NUL bytes, text behind a section's name, empty and repeated sections) is found
 * here, where its lines come from.
 */
#include "hv/config.h"

#include <ini.h>
#include <string.h>

#include "hv/config_parse.h"

/* libinih does not tell that a section began, so the reader sends it a key that no file can hold.
 */
#define SECTION_MARK "\001"

/* libinih works on its stack here and asks for no memory. */
void *ini_malloc(size_t size)
{
	(void)size;
	return NULL;
}

void *ini_realloc(void *data, size_t size)
{
	(void)data;
	(void)size;
	return NULL;
}

void ini_free(void *data)
{
	(void)data;
}

/* ---- lines ---- */

static void leave_section(struct config_parser *parser)
{
	if (parser->section == SECTION_VM)
		config_check_vm(parser);
	parser->section = SECTION_SKIP;
	parser->vm = NULL;
	parser->title[0] = '\0';
	memset(parser->seen, 0, sizeof(parser->seen));
}

/* Is there anything but a comment? */
static bool blank(const char *text, size_t size)
{
	while (size && (*text == ' ' || *text == '\t')) {
		text++;
		size--;
	}
	return !size || *text == ';' || *text == '#';
}

/* The ']' that libinih will find: the first one, unless a comment begins before it. NULL: none. */
static const char *section_end(const char *text, size_t size)
{
	for (size_t i = 1; i < size; i++) {
		if (text[i] == ']')
			return text + i;
		if (text[i] == ';' && (text[i - 1] == ' ' || text[i - 1] == '\t'))
			return NULL;
	}
	return NULL;
}

/* A line that starts with '['. false: it is no section, and reported. */
static bool check_section(struct config_parser *parser, const char *text, size_t size)
{
	const char *close = section_end(text, size);

	leave_section(parser);
	if (close && blank(close + 1, (size_t)(text + size - close - 1)))
		return true;
	config_mistake(parser, parser->line, NULL,
	               close ? "there is text behind the section's name; write a comment with ;"
	                     : "the section's name does not end; write [hypervisor] or [vm NAME]");
	return false;
}

/* Where is a byte that a line of text does not hold? size: nowhere. */
static size_t control_at(const char *text, size_t size)
{
	size_t i = 0;

	while (i < size && (text[i] == '\t' || ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f)))
		i++;
	return i;
}

/* May libinih see this line? Finds and reports what it would mistake. */
static bool check_line(struct config_parser *parser, const char *text, size_t size, size_t max)
{
	size_t control = control_at(text, size), start = 0;
	char what[96], digits[CONFIG_DIGITS];

	if (control < size) {
		config_join(what, sizeof(what), "there is a control character at column ",
		            config_decimal(control + 1, digits), "; write plain text (UTF-8)",
		            NULL);
		config_mistake(parser, parser->line, NULL, what);
		return false;
	}
	if (size > max) {
		config_join(what, sizeof(what), "the line is longer than ",
		            config_decimal(max, digits), " bytes; shorten it", NULL);
		config_mistake(parser, parser->line, NULL, what);
		return false;
	}
	while (start < size && (text[start] == ' ' || text[start] == '\t'))
		start++;
	if (start == size || text[start] != '[')
		return true;
	return parser->section_announced = check_section(parser, text + start, size - start);
}

/* libinih's way to get a line: at most num - 1 characters with the line end, then a NUL. */
static char *read_line(char *to, int num, void *stream)
{
	struct config_parser *parser = stream;
	const char *text = parser->next, *end;
	size_t size;

	if (parser->section_announced) {
		parser->section_announced = false;
		return strcpy(to, SECTION_MARK "=\n");
	}
	if (text == parser->end)
		return NULL;
	end = memchr(text, '\n', (size_t)(parser->end - text));
	parser->next = end ? end + 1 : parser->end;
	size = (size_t)((end ? end : parser->end) - text);
	if (size && text[size - 1] == '\r')
		size--;
	parser->line++;
	if (!check_line(parser, text, size, (size_t)num - 2))
		size = 0;
	memcpy(to, text, size);
	memcpy(to + size, "\n", 2);
	return to;
}

/* ---- sections ---- */

/* What is wrong with this guest's name; NULL: nothing. */
static const char *name_wrong(struct config_parser *parser, const char *name)
{
	char digits[CONFIG_DIGITS];

	if (!value_name(name))
		return "is no name for a guest; write 1 to 31 letters, digits, - and _";
	for (unsigned i = 0; i < parser->config->vm_count; i++) {
		if (strcmp(parser->config->vms[i].name, name) != 0)
			continue;
		config_join(parser->wrong, sizeof(parser->wrong), "this guest is already on line ",
		            config_decimal(parser->config->vms[i].line, digits),
		            "; give it another name", NULL);
		return parser->wrong;
	}
	return NULL;
}

static void enter_vm(struct config_parser *parser, const char *name)
{
	struct config *config = parser->config;
	const char *wrong;

	if (config->vm_count == CONFIG_VMS) {
		config_mistake(parser, parser->line, NULL,
		               "is one guest too many; there can be 16");
		return;
	}
	wrong = name_wrong(parser, name);
	/* a guest with a wrong head is read all the same, for its other mistakes, but not kept */
	parser->vm = &config->vms[config->vm_count];
	*parser->vm = (struct vm_config){.line = parser->line, .cpus = 1, .cpu = -1, .queues = 1};
	parser->section = SECTION_VM;
	if (wrong)
		config_mistake(parser, parser->line, NULL, wrong);
	else
		config->vm_count++;
	config_join(parser->vm->name, sizeof(parser->vm->name), name, NULL);
}

static void enter_hypervisor(struct config_parser *parser)
{
	char what[96], digits[CONFIG_DIGITS];

	if (parser->hypervisor_line) {
		config_join(what, sizeof(what), "this section is already on line ",
		            config_decimal(parser->hypervisor_line, digits), "; keep one of them",
		            NULL);
		config_mistake(parser, parser->line, NULL, what);
		return;
	}
	parser->hypervisor_line = parser->line;
	parser->section = SECTION_HYPERVISOR;
}

static void enter_section(struct config_parser *parser, const char *title)
{
	config_join(parser->title, sizeof(parser->title), title, NULL);
	if (strcmp(title, "hypervisor") == 0)
		enter_hypervisor(parser);
	else if (strncmp(title, "vm ", 3) == 0)
		enter_vm(parser, title + 3);
	else
		config_mistake(parser, parser->line, NULL,
		               "unknown section; there are [hypervisor] and [vm NAME]");
}

/* libinih's handler; its own line numbers count the marks, so parser->line is used. */
static int handle(void *context, const char *section, const char *name, const char *value, int line)
{
	struct config_parser *parser = context;
	char what[160], shown[64];

	(void)line;
	if (strcmp(name, SECTION_MARK) == 0) {
		enter_section(parser, section);
	} else if (parser->section == SECTION_NONE) {
		config_mistake(
		    parser, parser->line, NULL,
		    "this is before the first section; begin with [hypervisor] or [vm NAME]");
		parser->section = SECTION_SKIP;
	} else if (parser->section != SECTION_SKIP && !value) {
		config_join(shown, sizeof(shown), name, NULL);
		config_join(what, sizeof(what), "\"", shown,
		            "\" is not a setting; write KEY = VALUE", NULL);
		config_mistake(parser, parser->line, NULL, what);
	} else if (parser->section != SECTION_SKIP) {
		config_key(parser, name, value);
	}
	return 1;
}

/* ---- the whole ---- */

static void skip_byte_order_mark(struct config_parser *parser)
{
	if (parser->end - parser->next >= 3 && memcmp(parser->next, "\xef\xbb\xbf", 3) == 0)
		parser->next += 3;
}

static bool is_utf16(const char *text, size_t size)
{
	return size >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
}

unsigned config_parse(struct config *config, const char *file, const char *text, size_t size,
                      void (*report)(void *context, const char *line), void *context)
{
	struct config_parser parser = {
	    .config = config,
	    .file = file,
	    .report = report,
	    .context = context,
	    .next = text,
	    .end = text + size,
	};

	memset(config, 0, sizeof(*config));
	config->uplink.dhcp = true;
	config->poweroff_on_last_exit = true;
	if (is_utf16(text, size)) {
		config_mistake(&parser, 1, NULL, "this is UTF-16; save the file as UTF-8");
		return config->errors;
	}
	skip_byte_order_mark(&parser);
	ini_parse_stream(read_line, &parser, handle, &parser);
	leave_section(&parser);
	config_check_peers(&parser);
	if (!config->vm_count && !config->errors)
		config_mistake(&parser, parser.line ? parser.line : 1, NULL,
		               "there is no guest; write a section [vm NAME]");
	return config->errors;
}

/* ---- files ---- */

struct file_list {
	void (*visit)(void *context, struct vm_config *vm, const char *key, unsigned line,
	              const char *path);
	void *context;
	const char *seen[CONFIG_VMS * (2 * CONFIG_DISKS + 3)];
	unsigned count;
};

static void list_file(struct file_list *list, struct vm_config *vm, const char *key, unsigned line,
                      const char *path)
{
	if (!*path)
		return;
	for (unsigned i = 0; i < list->count; i++)
		if (strcmp(list->seen[i], path) == 0)
			return;
	list->seen[list->count++] = path;
	list->visit(list->context, vm, key, line, path);
}

void config_files(struct config *config,
                  void (*visit)(void *context, struct vm_config *vm, const char *key, unsigned line,
                                const char *path),
                  void *context)
{
	struct file_list list = {.visit = visit, .context = context};

	for (unsigned i = 0; i < config->vm_count; i++) {
		struct vm_config *vm = &config->vms[i];

		list_file(&list, vm, "kernel", vm->kernel_line, vm->kernel);
		list_file(&list, vm, "firmware", vm->firmware_line, vm->firmware);
		list_file(&list, vm, "initrd", vm->initrd_line, vm->initrd);
		for (unsigned j = 0; j < vm->disk_count; j++)
			list_file(&list, vm, "disk", vm->disks[j].line, vm->disks[j].file);
		for (unsigned j = 0; j < vm->scsi_count; j++)
			list_file(&list, vm, "scsi", vm->scsi[j].line, vm->scsi[j].file);
	}
}
