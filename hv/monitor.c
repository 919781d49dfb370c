/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's commands: a table of word, argument, what it does. */
#include "hv/monitor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <arch/cpu.h>
#include <arch/log.h>
#include <arch/pages.h>

#include "hv/console.h"
#include "hv/machine/board.h"
#include "hv/monitor_devices.h"
#include "hv/net/net.h"
#include "hv/vm.h"

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
	}
	say("pages: %zu free of %zu", pages_free_count(), pages_total_count());
}

static void console(const char *argument)
{
	struct vm *vm = guest(argument);

	if (vm)
		console_raw(vm->number);
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
	board_stats(vm, show_counter, NULL);
	vm_unlock(vm);
}

static void devices(const char *argument)
{
	struct vm *one = *argument ? guest(argument) : NULL;

	for (unsigned i = 0; i < vm_count; i++)
		if (vms[i].state != VM_FAILED && (one == &vms[i] || !*argument))
			monitor_devices(&vms[i], console_print);
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

static void help(const char *argument);

static const struct command {
	const char *word, *argument;
	void (*run)(const char *argument);
	const char *text;
} commands[] = {
    {"help", NULL, help, "this list"},
    {"list", NULL, list, "guests and free memory"},
    {"console", "NAME", console, "the guest's console, raw; Ctrl-] m comes back"},
    {"stop", "NAME", stop, "switch the guest off"},
    {"reset", "NAME", reset, "reset the guest, or start it again"},
    {"stats", "NAME", stats, "its exits by reason and its devices' counters"},
    {"devices", "[NAME]", devices, "virtio devices: state, features, queues"},
    {"net", NULL, net, "the network's counters"},
    {"log", "LEVEL", log_command, "what is logged: error, warn, info, debug"},
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
