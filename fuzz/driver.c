/* SPDX-License-Identifier: MIT */
/*
 * driver.c - runs a fuzz target without libFuzzer: every seed of a folder, then mutations of them, the same in every
 * run
 *
 *   fuzz_NAME SEEDS N
 */
#include <dirent.h>

#include "fuzz.h"

#define MAX_SEEDS 64
#define MAX_SIZE 16384

struct bytes {
	uint8_t data[MAX_SIZE];
	size_t size;
};
static struct bytes seeds[MAX_SEEDS], input;
static size_t n_seeds;

static uint64_t random_number(void)
{
	static uint64_t state = 88172645463325252u; /* xorshift64 */
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static size_t below(size_t n)
{
	return n ? random_number() % n : 0;
}

static int read_seeds(const char *folder)
{
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort);
	if (n < 0)
		return perror(folder), 1;
	for (int i = 0; i < n; i++) {
		char path[4096];
		snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
		FILE *file = names[i]->d_name[0] == '.' || n_seeds == MAX_SEEDS ? NULL : fopen(path, "rb");
		if (file) {
			seeds[n_seeds].size = fread(seeds[n_seeds].data, 1, MAX_SIZE, file);
			n_seeds++;
			fclose(file);
		}
		free(names[i]);
	}
	free(names);
	return n_seeds ? 0 : 1;
}

static void insert(size_t at, const uint8_t *data, size_t size)
{
	if (input.size + size > MAX_SIZE)
		return;
	memmove(input.data + at + size, input.data + at, input.size - at);
	memcpy(input.data + at, data, size);
	input.size += size;
}

static void mutate(void)
{
	static const char *const words[] = { "\n", "\n ", ": ", ":: ", "\\", "\\5c", ",", "=", "/", "*", "\0",
		"\xff\xff", "\xc3\xa9", "\x1b[2J", "dn: ", "changetype: modify\n", "-\n", "# ", "\"", "\xef\xbc\xa1",
		"\xe2\x84\xaa", "\x80", "\x84\x7f\xff\xff\xff", " " };
	size_t at = below(input.size + 1), count = 1 + below(8);
	const char *word = words[below(sizeof words / sizeof words[0])];
	size_t other = below(n_seeds), from = below(seeds[other].size);
	switch (below(5)) {
	case 0:
		if (input.size)
			input.data[below(input.size)] ^= (uint8_t)(1u << below(8));
		break;
	case 1: insert(at, (const uint8_t *)word, strlen(word) ? strlen(word) : 1); break;
	case 2:
		count = count < input.size - at ? count : input.size - at;
		memmove(input.data + at, input.data + at + count, input.size - at - count);
		input.size -= count;
		break;
	case 3: insert(at, seeds[other].data + from, below(seeds[other].size - from + 1)); break;
	default:
		if (input.size)
			input.data[below(input.size)] = (uint8_t)random_number();
	}
}

int main(int argc, char **argv)
{
	if (argc != 3 || read_seeds(argv[1]))
		return fprintf(stderr, "usage: %s SEEDS N\n", argv[0]), 2;
	for (size_t i = 0; i < n_seeds; i++)
		LLVMFuzzerTestOneInput(seeds[i].data, seeds[i].size);
	unsigned long n = strtoul(argv[2], NULL, 10);
	for (unsigned long i = 0; i < n; i++) {
		input = seeds[i % n_seeds];
		for (size_t times = 1 + below(6); times > 0; times--)
			mutate();
		LLVMFuzzerTestOneInput(input.data, input.size);
	}
	printf("%zu seeds, %lu mutations\n", n_seeds, n);
	return 0;
}
