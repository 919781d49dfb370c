/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the configuration and the files that it names from the program's own file system. */
#include <arch/format.h>
#include <string.h>

#include "boot/boot.h"
#include "hv/config.h"

#define PAGE  4096ul
#define CHUNK (4ul << 20)  /* read at once, and told about */
#define BIG   (16ul << 20) /* files from here on show how far they are */

static const char *const config_places[] = {"", "EFI/vireo/"};
static const char *folder; /* of the configuration; other paths are relative to it */
static EFI_FILE_PROTOCOL *root;

/* A path of ours in firmware's spelling. false: too long. */
static bool firmware_path(CHAR16 *to, size_t max, const char *directory, const char *name)
{
	char path[2 * BOOT_NAME_MAX];
	size_t length = (size_t)format_text(path, sizeof(path), "%s%s", directory, name);

	if (length >= sizeof(path) || length >= max)
		return false;
	for (size_t i = 0; i <= length; i++)
		to[i] = path[i] == '/' ? '\\' : (CHAR16)(uint8_t)path[i];
	return true;
}

static bool file_size(EFI_FILE_PROTOCOL *file, size_t *size)
{
	static EFI_GUID guid = EFI_FILE_INFO_ID;
	static uint8_t buffer[1024] __attribute__((aligned(8)));
	const EFI_FILE_INFO *info = (void *)buffer;
	UINTN length = sizeof(buffer);

	if (EFI_ERROR(file->GetInfo(file, &guid, &length, buffer)))
		return false;
	*size = info->FileSize;
	return !(info->Attribute & EFI_FILE_DIRECTORY);
}

static bool read_all(EFI_FILE_PROTOCOL *file, const struct boot_file *to)
{
	for (size_t done = 0; done < to->size;) {
		UINTN length = to->size - done < CHUNK ? to->size - done : CHUNK;

		if (EFI_ERROR(file->Read(file, &length, to->data + done)) || !length)
			return false;
		done += length;
		if (to->size >= BIG && done / CHUNK % 4 == 0)
			say("loading %s: %lu of %lu MiB", to->name, done >> 20, to->size >> 20);
	}
	return true;
}

/* What went wrong, or NULL. An empty file gets one page. */
static const char *load_open(EFI_FILE_PROTOCOL *file, struct boot_file *to)
{
	EFI_PHYSICAL_ADDRESS at = 0;
	size_t pages;

	if (!file_size(file, &to->size))
		return "is not a file";
	pages = to->size / PAGE + 1;
	if (EFI_ERROR(boot_services->AllocatePages(AllocateAnyPages, EfiLoaderData, pages, &at)))
		return "does not fit into memory";
	to->data = (uint8_t *)at;
	memset(to->data + to->size, 0, pages * PAGE - to->size);
	if (read_all(file, to))
		return NULL;
	boot_services->FreePages(at, pages);
	return "cannot be read";
}

static void note_error(struct boot_info *info, const char *name, const char *what)
{
	say("%s %s", name, what);
	if (!info->error[0])
		format_text(info->error, sizeof(info->error), "%s %s", name, what);
}

/* An absent file is no error here: whoever needs it says so. */
static bool load(struct boot_info *info, const char *directory, const char *name)
{
	struct boot_file *to = &info->files[info->file_count];
	CHAR16 path[2 * BOOT_NAME_MAX];
	EFI_FILE_PROTOCOL *file;
	const char *mistake;

	if (!firmware_path(path, sizeof(path) / sizeof(*path), directory, name) ||
	    EFI_ERROR(root->Open(root, &file, path, EFI_FILE_MODE_READ, 0)))
		return false;
	format_text(to->name, sizeof(to->name), "%s", name);
	mistake = load_open(file, to);
	file->Close(file);
	if (mistake) {
		note_error(info, name, mistake);
		return false;
	}
	info->file_count++;
	say("loaded %s, %lu KiB", name, (to->size + 1023) >> 10);
	return true;
}

static void visit(void *context, struct vm_config *vm, const char *key, unsigned line,
                  const char *path)
{
	struct boot_info *info = context;

	(void)vm, (void)key, (void)line;
	if (boot_file_find(info, path))
		return;
	if (info->file_count == BOOT_FILES_MAX)
		note_error(info, path, "is one file too many");
	else
		load(info, folder, path);
}

/* The hypervisor parses again and reports then, on its own console. */
static void ignore(void *context, const char *line)
{
	(void)context, (void)line;
}

static bool open_root(EFI_HANDLE program)
{
	static EFI_GUID image_guid = LOADED_IMAGE_PROTOCOL;
	static EFI_GUID volume_guid = SIMPLE_FILE_SYSTEM_PROTOCOL;
	EFI_LOADED_IMAGE *image;
	EFI_FILE_IO_INTERFACE *volume;

	return !EFI_ERROR(boot_services->HandleProtocol(program, &image_guid, (void **)&image)) &&
	       !EFI_ERROR(boot_services->HandleProtocol(image->DeviceHandle, &volume_guid,
	                                                (void **)&volume)) &&
	       !EFI_ERROR(volume->OpenVolume(volume, &root));
}

void files_load(struct boot_info *info, EFI_HANDLE program)
{
	static struct config config;
	const struct boot_file *ini = &info->files[0];

	if (!open_root(program)) {
		note_error(info, "the program's own disk", "cannot be read");
		return;
	}
	for (unsigned i = 0; i < 2 && !info->file_count; i++)
		if (load(info, config_places[i], "vireo.ini"))
			folder = config_places[i];
	if (info->file_count) {
		config_parse(&config, ini->name, (const char *)ini->data, ini->size, ignore, NULL);
		config_files(&config, visit, info);
	}
	root->Close(root);
}
