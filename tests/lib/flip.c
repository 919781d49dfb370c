/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/lib/flip.h"

#include <string.h>

enum swapping { NEVER, FOR_GOOD, ONCE, ALWAYS };

/* One run. */
struct trial {
	struct watch watch; /* first */
	const struct flip *flip;
	enum swapping swapping;
	unsigned first, at; /* the face at the start; the access before which it changes */
	uint8_t *bytes;
	uint8_t out[FLIP_OUTCOME];
};

static void show(struct trial *trial, unsigned face)
{
	memcpy(trial->bytes, trial->flip->faces[face], trial->flip->size);
}

static void before_access(struct watch *watch, size_t offset)
{
	struct trial *trial = (struct trial *)watch;
	unsigned access = watch->accesses - 1;

	(void)offset;
	if (trial->swapping == ALWAYS)
		show(trial, (trial->first + access) & 1);
	else if (trial->swapping != NEVER && access == trial->at)
		show(trial, !trial->first);
	else if (trial->swapping == ONCE && access == trial->at + 1)
		show(trial, trial->first);
}

static void run(struct trial *trial)
{
	const struct flip *flip = trial->flip;

	trial->bytes = flip->setup();
	trial->watch = (struct watch){
	    .start = trial->bytes - ((uintptr_t)trial->bytes & 4095),
	    .size = 4096,
	    .before = before_access,
	};
	show(trial, trial->first);
	watch_start(&trial->watch);
	flip->run();
	watch_stop();
	memset(trial->out, 0, sizeof(trial->out));
	flip->outcome(trial->out);
	flip->teardown();
}

struct flip_report flip_everywhere(const struct flip *flip)
{
	static struct trial alone[2], trial;
	struct flip_report report = {0};

	for (unsigned face = 0; face < 2; face++) {
		alone[face] = (struct trial){.flip = flip, .first = face};
		run(&alone[face]);
	}
	report.accesses = alone[0].watch.accesses;
	report.differ = memcmp(alone[0].out, alone[1].out, FLIP_OUTCOME) != 0;
	for (unsigned i = 0; i < 6; i++) {
		unsigned k = 0;

		do { /* until the run is over before access k */
			trial = (struct trial){
			    .flip = flip, .swapping = FOR_GOOD + i / 2, .first = i % 2, .at = k++};
			run(&trial);
			report.runs++;
			report.strange += memcmp(trial.out, alone[0].out, FLIP_OUTCOME) &&
			                  memcmp(trial.out, alone[1].out, FLIP_OUTCOME);
		} while (trial.swapping != ALWAYS && k <= trial.watch.accesses);
	}
	return report;
}
