/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's commands: a table of word, argument, what it does. */
#include "hv/monitor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <arch/cpu.h>
#include <arch/err.h>
#include <arch/log.h>
#include <arch/pages.h>

#include "hv/balloon.h"
#include "hv/config_parse.h"
#include "hv/console.h"
#include "hv/machine/guest_machine.h"
#include "hv/machine/virtio_set.h"
#include "hv/monitor_devices.h"
#include "hv/net/net.h"
#include "hv/vm.h"
#include "hv/vsock/vsock.h"

bool monitor_poweroff_on_last_exit = true;

/* An answer; unlike the log's lines it appears at every log level. */
static void __attribute__((format(printf, 1, 2))) say(const char *fmt, ...)
{
	char text[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	console_print(text);
}

_Noreturn void monitor_power_off(void)
{
	console_drain();
	machine_power_off();
}

/* The guest named, or NULL after a message. */
static struct vm *guest(const char *name)
{
	struct vm *vm = vm_find(name);

	if (!vm)
		say("no guest is called \"%s\"; 'list' shows their names", name);
	return vm;
}

static const char *state_name(const struct vm *vm)
{
	static const char *const names[] = {
	    [VM_FAILED] = "failed", [VM_RUNNING] = "running", [VM_STOPPED] = "stopped"};

	return names[vm->state];
}

/* The host CPUs that its vCPUs are on, as "1,0"; to[] has room for all. */
static void places(const struct vm *vm, char *to, size_t size)
{
	int used = 0;

	to[0] = 0;
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		used += snprintf(to + used, size - (size_t)used, "%s%u", i ? "," : "",
		                 vm->vcpus[i].cpu);
}

static void list(const char *argument)
{
	(void)argument;
	for (unsigned i = 0; i < vm_count; i++) {
		const struct vm *vm = &vms[i];
		char cpus[VM_VCPUS * 3 + 1];

		places(vm, cpus, sizeof(cpus));
		say("%-15s %-8s %5llu MiB  %u vCPU%s on CPU %s  %u resets", vm->config->name,
		    state_name(vm), (unsigned long long)(vm->config->memory >> 20), vm->vcpu_count,
		    vm->vcpu_count == 1 ? "" : "s", cpus, vm->resets);
		for (unsigned n = 0; n < vm->config->port_count; n++)
			say("  %s.%s, a port of its console", vm->config->name,
			    vm->config->ports[n]);
	}
	say("pages: %zu free of %zu", pages_free_count(), pages_total_count());
}

static void console(const char *argument)
{
	if (!console_raw(argument))
		say("no guest and no port is called \"%s\"; 'list' shows their names", argument);
}

static void stop(const char *argument)
{
	struct vm *vm = guest(argument);

	if (vm && vm->state != VM_RUNNING)
		say("%s is not running", argument);
	else if (vm)
		vm_ask(vm, VM_REQUEST_STOP, "by the monitor");
}

static void reset(const char *argument)
{
	struct vm *vm = guest(argument);

	if (vm && vm->state == VM_FAILED)
		say("%s could not be created: see the messages at start", argument);
	else if (vm)
		vm_ask(vm, VM_REQUEST_RESET, "by the monitor");
}

static void show_counter(void *context, const char *device, const char *name, uint64_t value)
{
	(void)context;
	say("  %-10s %-20s %llu", device, name, (unsigned long long)value);
}

static void show_vcpu(const struct vm_vcpu *v)
{
	struct vcpu_stat stats[48];
	size_t count = vcpu_stats(v->vcpu, stats, sizeof(stats) / sizeof(stats[0]));

	say("  vcpu %-2u    %-20s %u%s", v->index, "on CPU", v->cpu, v->off ? ", off" : "");
	say("  vcpu %-2u    %-20s %llu ms", v->index, "has run for",
	    (unsigned long long)(v->run_ns / 1000000));
	for (size_t i = 0; i < count; i++)
		say("  vcpu %-2u    %-20s %llu", v->index, stats[i].name,
		    (unsigned long long)stats[i].count);
}

static void stats(const char *argument)
{
	struct vm *vm = guest(argument);

	if (!vm || vm->state == VM_FAILED)
		return;
	say("%s: exits by reason, device counters", argument);
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		show_vcpu(&vm->vcpus[i]);
	vm_lock(vm);
	guest_machine_stats(vm, show_counter, NULL);
	vm_unlock(vm);
}

static void devices(const char *argument)
{
	struct vm *one = *argument ? guest(argument) : NULL;

	for (unsigned i = 0; i < vm_count; i++)
		if (vms[i].state != VM_FAILED && (one == &vms[i] || !*argument))
			monitor_devices(&vms[i], console_print);
}

static const char *megabytes(char *text, const struct virtio_balloon *balloon, unsigned tag)
{
	if (!(balloon->stats_known & 1u << tag))
		return "?";
	snprintf(text, 16, "%llu", (unsigned long long)(balloon->stats[tag] >> 20));
	return text;
}

/* What is known; fresh figures are asked for and there for the next time. */
static void show_balloon(struct vm *vm, struct virtio_balloon *balloon)
{
	char free[16], all[16], available[16];

	say("%s: %zu of %llu pages with the machine; its driver says %u of %u asked for",
	    vm->config->name, vm->pages_missing,
	    (unsigned long long)(vm->config->memory / PAGE_SIZE), balloon->actual,
	    virtio_balloon_target(balloon));
	say("  its own figures: %s MiB free, %s available, %s in all; %llu pages reported free; "
	    "%llu MiB hinted",
	    megabytes(free, balloon, 4), megabytes(available, balloon, 6),
	    megabytes(all, balloon, 5), (unsigned long long)balloon->reported,
	    (unsigned long long)(balloon->hinted >> 20));
	virtio_balloon_ask_stats(balloon);
}

static void use_balloon(struct vm *vm, const char *size)
{
	struct balloon *balloon = virtio_set_balloon(vm->virtio);
	uint64_t memory;

	if (!balloon)
		say("%s has no balloon; write balloon = yes into its section", vm->config->name);
	else if (!*size)
		show_balloon(vm, &balloon->device);
	else if (strcmp(size, "hints") == 0) /* the guest takes all its free memory for a while */
		virtio_balloon_start_hints(&balloon->device);
	else if (value_size(size, &memory) || !balloon_resize(balloon, memory))
		say("balloon: \"%s\" is not a size up to the guest's %llu MiB; write for example "
		    "128M",
		    size, (unsigned long long)(vm->config->memory >> 20));
}

/* The next word of *text, which goes on behind it. */
static void next_word(const char **text, char *word, size_t size)
{
	size_t length = strcspn(*text, " ");

	snprintf(word, size, "%.*s", (int)length, *text);
	*text += length;
	*text += strspn(*text, " ");
}

static void balloon(const char *argument)
{
	char name[CONFIG_NAME];
	struct vm *vm;

	next_word(&argument, name, sizeof(name));
	vm = guest(name);
	if (!vm || vm->state == VM_FAILED)
		return;
	vm_lock(vm);
	use_balloon(vm, argument);
	vm_unlock(vm);
}

static void resize(const char *argument)
{
	char name[CONFIG_NAME], disk[16];
	uint64_t size;
	struct vm *vm;
	int err;

	next_word(&argument, name, sizeof(name));
	next_word(&argument, disk, sizeof(disk));
	vm = guest(name);
	if (!vm || vm->state == VM_FAILED)
		return;
	if (value_size(argument, &size) || size < 512) {
		say("resize: \"%s\" is not a size; write for example resize %s blk0 128M", argument,
		    name);
		return;
	}
	vm_lock(vm);
	err = virtio_set_resize(vm->virtio, disk, size);
	vm_unlock(vm);
	if (err)
		say(err == ERR_NO_MEMORY ? "resize: the machine has not as much free"
		                         : "resize: no such disk; they are called blk0, scsi0...");
}

static void show_vsock(struct vm *vm)
{
	const struct virtio_vsock *vsock = virtio_set_vsock(vm->virtio);
	unsigned from_others = 0;

	if (!vsock)
		return;
	for (unsigned i = 0; i < VIRTIO_VSOCK_PEERS; i++)
		from_others += vsock->peers[i].flows;
	say("%-15s CID %-10u flows: %u opened by it, %u by others; %llu packets dropped, %llu "
	    "resets",
	    vm->config->name, vsock->cid, vsock->opened, from_others,
	    (unsigned long long)vsock->dropped, (unsigned long long)vsock->resets);
}

/* All guests with a socket device; of one that is named all flows are cut. */
static void vsock(const char *argument)
{
	struct vm *one = *argument ? guest(argument) : NULL;

	for (unsigned i = 0; i < vm_count; i++) {
		if (vms[i].state == VM_FAILED || (*argument && one != &vms[i]))
			continue;
		vm_lock(&vms[i]);
		if (one)
			vsock_port_cut(one->number);
		else
			show_vsock(&vms[i]);
		vm_unlock(&vms[i]);
	}
}

static void net(const char *argument)
{
	struct net_stat stats[32];
	size_t count = net_stats(stats, sizeof(stats) / sizeof(stats[0]));

	(void)argument;
	for (size_t i = 0; i < count; i++)
		say("  %-28s %llu", stats[i].name, (unsigned long long)stats[i].value);
}

static void log_command(const char *argument)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};

	for (unsigned i = 0; i < 4; i++) {
		if (strcmp(argument, names[i]) == 0) {
			log_threshold = (enum log_level)i;
			return;
		}
	}
	say("log: \"%s\" is not a level; use error, warn, info or debug", argument);
}

static void power_off(const char *argument)
{
	(void)argument;
	say("powering off");
	monitor_power_off();
}

static void reboot(const char *argument)
{
	(void)argument;
	say("starting the machine again");
	console_drain();
	machine_reset();
}

static void help(const char *argument);

static const struct command {
	const char *word, *argument;
	void (*run)(const char *argument);
	const char *text;
} commands[] = {
    {"help", NULL, help, "this list"},
    {"list", NULL, list, "guests and free memory"},
    {"console", "NAME", console, "the guest's console, or NAME.PORT, raw; Ctrl-] m comes back"},
    {"stop", "NAME", stop, "switch the guest off"},
    {"reset", "NAME", reset, "reset the guest, or start it again"},
    {"stats", "NAME", stats, "its exits by reason and its devices' counters"},
    {"devices", "[NAME]", devices, "virtio devices: state, features, queues"},
    {"balloon", "NAME", balloon, "its balloon; NAME SIZE: the memory that it is to have"},
    {"resize", "NAME", resize, "NAME DISK SIZE: a disk (blk0, scsi0) gets another size"},
    {"vsock", "[NAME]", vsock, "CIDs and flows of socket devices; NAME: cut all of its flows"},
    {"net", NULL, net, "the network's counters"},
    {"log", "LEVEL", log_command, "what is logged: error, warn, info, debug"},
    {"reboot", NULL, reboot, "start the machine again, guests and all"},
    {"poweroff", NULL, power_off, "switch the machine off, guests and all"},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(const char *argument)
{
	(void)argument;
	for (unsigned i = 0; i < COMMANDS; i++)
		say("%-9s%-6s %s", commands[i].word,
		    commands[i].argument ? commands[i].argument : "", commands[i].text);
}

/* Split "word argument" in place; returns the argument, "" if there is none. */
static char *split(char *line)
{
	char *end, *argument = line + strcspn(line, " ");

	if (*argument)
		*argument++ = 0;
	argument += strspn(argument, " ");
	end = argument + strlen(argument);
	while (end > argument && end[-1] == ' ')
		*--end = 0;
	return argument;
}

/* An argument in brackets may be left out. */
static bool takes(const struct command *command, const char *argument)
{
	if (!command->argument)
		return !*argument;
	return *argument || command->argument[0] == '[';
}

void monitor_command(const char *line)
{
	char copy[128], *word = copy, *argument;

	strncpy(copy, line + strspn(line, " "), sizeof(copy) - 1);
	copy[sizeof(copy) - 1] = 0;
	argument = split(word);
	if (!*word)
		return;
	for (unsigned i = 0; i < COMMANDS; i++) {
		const struct command *command = &commands[i];

		if (strcmp(word, command->word) != 0)
			continue;
		if (takes(command, argument))
			command->run(argument);
		else
			say("usage: %s %s", word, command->argument ? command->argument : "");
		return;
	}
	say("\"%s\" is not a command; 'help' lists them", word);
}
