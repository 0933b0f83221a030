/// Runs a fuzz target without a fuzzer: every file of its corpus, and a fixed number of mutations
/// of each, the same ones every time. libFuzzer (make fuzz) takes this file's place.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int mutations_per_file = 500;

void run(const std::string& input)
{
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::string mutated(std::string input, std::mt19937& random)
{
    const auto below = [&](std::size_t limit) { return limit == 0 ? 0 : random() % limit; };
    for (auto changes = 1 + below(4); changes > 0; --changes) {
        const auto at = below(input.size());
        switch (below(4)) {
        case 0:
            input.insert(at, 1, static_cast<char>(random()));
            break;
        case 1:
            if (!input.empty())
                input[at] = static_cast<char>(random());
            break;
        case 2:
            input.erase(at, 1 + below(8));
            break;
        default:
            input.insert(at, input.substr(at, below(16)));
            break;
        }
    }
    return input;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::cerr << "usage: " << argv[0] << " <corpus directory>\n";
        return 2;
    }
    std::vector<std::filesystem::path> files;
    if (std::filesystem::is_directory(argv[1]))
        for (const auto& entry : std::filesystem::directory_iterator(argv[1]))
            files.push_back(entry.path());
    if (files.empty()) {
        std::cerr << argv[1] << " holds no inputs\n";
        return 1;
    }
    std::mt19937 random(20260101);
    for (const auto& file : files) {
        std::ifstream stream(file, std::ios::binary);
        const std::string input{std::istreambuf_iterator<char>(stream), {}};
        run(input);
        for (int i = 0; i < mutations_per_file; ++i)
            run(mutated(input, random));
    }
    std::cout << files.size() << " inputs and " << files.size() * mutations_per_file
              << " mutations of them ran.\n";
}
