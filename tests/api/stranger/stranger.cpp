// SPDX-License-Identifier: MIT
// stranger.cpp - the library from C++, with its objects in std::unique_ptr:  stranger DIRECTORY NAME
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <spnkit/backend.h>
#include <spnkit/mock.h>
#include <spnkit/spnkit.h>

namespace {

struct Free {
	void operator()(spn_directory *dir) const { spn_directory_free(dir); }
};

spn_status collect(const spn_account *account, const spn_bytes *matched, size_t n, void *data, spn_error *)
{
	for (size_t i = 0; i < n; i++)
		static_cast<std::vector<std::string> *>(data)->push_back(std::string(matched[i].data, matched[i].len) +
				" is held by " + spn_account_dn(account));
	return SPN_OK;
}

}

int main(int argc, char **argv)
{
	spn_error err = {};
	spn_directory *opened = nullptr;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	std::vector<std::string> found;
	if (argc != 3 || spn_directory_open(argv[1], &options, &opened, &err))
		return std::cerr << err.message << '\n', 2;
	const std::unique_ptr<spn_directory, Free> dir(opened);
	if (spn_query(dir.get(), argv[2], false, collect, &found, &err))
		return std::cerr << err.message << '\n', 1;
	for (const std::string &line : found)
		std::cout << line << '\n';
	return 0;
}
