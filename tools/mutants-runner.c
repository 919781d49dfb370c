/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands in for Criterion's runner in the programs of tools/mutants: it forks for each test, where
 * Criterion starts the program anew, and is told by lines which tests to run against which mutant.
 * Criterion's own functions are defined here, so the tests' macros find these first.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define SWITCHES 16384
#define PATIENCE 120 /* seconds of a clock for a test that sleeps for ever */

extern struct criterion_test *__start_cr_tst[], *__stop_cr_tst[];
extern struct criterion_suite *__start_cr_sts[] __attribute__((weak));
extern struct criterion_suite *__stop_cr_sts[] __attribute__((weak));

int mutant_on = -1;
unsigned char mutant_nowhere[SWITCHES];
unsigned char *mutant_reached = mutant_nowhere;

static struct criterion_test *now;

static const struct criterion_test_extra_data *suite_of(const struct criterion_test *test)
{
	for (struct criterion_suite **suite = __start_cr_sts; suite < __stop_cr_sts; suite++)
		if (*suite && strcmp((*suite)->name, test->category) == 0)
			return (*suite)->data;
	return NULL;
}

void criterion_internal_test_setup(void)
{
	const struct criterion_test_extra_data *suite = suite_of(now);

	if (suite && suite->init)
		suite->init();
	if (now->data->init)
		now->data->init();
}

void criterion_internal_test_main(void (*test)(void))
{
	test();
}

void criterion_internal_test_teardown(void)
{
	const struct criterion_test_extra_data *suite = suite_of(now);

	if (now->data->fini)
		now->data->fini();
	if (suite && suite->fini)
		suite->fini();
}

void criterion_send_assert(struct criterion_assert_stats *stats)
{
	if (!stats->passed)
		_exit(1);
}

void cri_asserts_passed_incr(void)
{
}

void criterion_abort_test(void)
{
	_exit(1);
}

void criterion_continue_test(void)
{
}

void criterion_skip_test(const char *format, ...)
{
	(void)format;
	_exit(0);
}

/* The processor's time is limited, not the clock's: the machine may be busy. */
static void limit_time(unsigned long milliseconds)
{
	struct itimerval timer = {
	    .it_value = {.tv_sec = (time_t)(milliseconds / 1000),
	                 .tv_usec = (suseconds_t)(milliseconds % 1000 * 1000)}};
	struct rlimit seconds = {milliseconds / 1000 + 2, milliseconds / 1000 + 2}, none = {0, 0};

	setitimer(ITIMER_PROF, &timer, NULL);
	setrlimit(RLIMIT_CPU, &seconds);
	setrlimit(RLIMIT_CORE, &none);
	alarm(PATIENCE);
}

/* 0 if the test passes; *cpu is what it took, in microseconds. */
static int run(struct criterion_test *test, unsigned long milliseconds, unsigned long *cpu)
{
	struct rusage used;
	int status;
	pid_t child = fork();

	if (child == 0) {
		setpgid(0, 0);
		limit_time(milliseconds);
		now = test;
		test->test();
		_exit(0);
	}
	if (child < 0 || wait4(child, &status, 0, &used) != child)
		exit(2);
	kill(-child, SIGKILL);
	*cpu = (unsigned long)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
	       (unsigned long)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
	return status;
}

/* One line for each test: name, status, microseconds, the switches it reaches. */
static void reach(FILE *out)
{
	mutant_reached =
	    mmap(NULL, SWITCHES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (struct criterion_test **test = __start_cr_tst; test < __stop_cr_tst; test++) {
		unsigned long cpu;
		int status;

		memset(mutant_reached, 0, SWITCHES);
		status = run(*test, 1000 * PATIENCE, &cpu);
		fprintf(out, "%s/%s %d %lu", (*test)->category, (*test)->name, status, cpu);
		for (unsigned n = 0; n < SWITCHES; n++)
			if (mutant_reached[n])
				fprintf(out, " %u", n);
		fprintf(out, "\n");
	}
	fprintf(out, "\n");
	mutant_reached = mutant_nowhere;
}

/* "MUTANT TEST:MILLISECONDS ...": answers the first test that fails, or -1. */
static void judge(FILE *out, char *line)
{
	unsigned long test, limit, cpu;
	char *at = line;

	mutant_on = (int)strtol(line, &at, 10);
	while (sscanf(at, " %lu:%lu", &test, &limit) == 2) {
		if (run(__start_cr_tst[test], limit, &cpu) != 0)
			break;
		at += strcspn(at + 1, " \n") + 1;
	}
	if (*at == ' ')
		fprintf(out, "%lu\n", test);
	else
		fprintf(out, "-1\n");
}

int main(void)
{
	FILE *out = fdopen(dup(1), "w");
	int nothing = open("/dev/null", O_RDWR);
	size_t size = 0;
	char *line = NULL;

	dup2(nothing, 1);
	dup2(nothing, 2);
	while (getline(&line, &size, stdin) > 0) {
		if (line[0] == 'r')
			reach(out);
		else
			judge(out, line);
		fflush(out);
	}
	return 0;
}
