/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a configuration with the hypervisor's own parser and says what is wrong with it, and which
 * files it names. Used by tools/image before anything is written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hv/config.h"

#define TEXT_MAX (1 << 20)

struct check {
	const char *file;  /* the configuration as the user named it */
	char folder[4096]; /* where it lies, with a slash at the end, or "" */
	unsigned errors;
	bool list;
};

static void report(void *context, const char *line)
{
	struct check *check = context;

	check->errors++;
	fprintf(stderr, "%s\n", line);
}

static void visit(void *context, struct vm_config *vm, const char *key, unsigned line,
                  const char *path)
{
	struct check *check = context;
	char full[sizeof(check->folder) + CONFIG_PATH];
	struct stat status;

	snprintf(full, sizeof(full), "%s%s", check->folder, path);
	if (stat(full, &status) == 0 && S_ISREG(status.st_mode)) {
		if (check->list)
			printf("%s\n", path);
		return;
	}
	check->errors++;
	fprintf(
	    stderr,
	    "%s:%u: [vm %s] %s: there is no file \"%s\"; paths are relative to the configuration\n",
	    check->file, line, vm->name, key, full);
}

static size_t read_file(const char *path, char *text)
{
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file) {
		perror(path);
		exit(1);
	}
	size = fread(text, 1, TEXT_MAX, file);
	fclose(file);
	return size;
}

int main(int argc, char **argv)
{
	static struct config config;
	static char text[TEXT_MAX];
	struct check check = {0};
	const char *slash;

	if (argc == 3 && strcmp(argv[1], "--files") == 0)
		check.list = true;
	else if (argc != 2 || argv[1][0] == '-') {
		fprintf(stderr,
		        "usage: config-check [--files] FILE.ini\n"
		        "Checks a configuration; --files prints the files that it names.\n");
		return 2;
	}
	check.file = argv[argc - 1];
	slash = strrchr(check.file, '/');
	if (slash)
		snprintf(check.folder, sizeof(check.folder), "%.*s", (int)(slash - check.file) + 1,
		         check.file);
	config_parse(&config, check.file, text, read_file(check.file, text), report, &check);
	config_files(&config, visit, &check);
	return check.errors ? 1 : 0;
}
