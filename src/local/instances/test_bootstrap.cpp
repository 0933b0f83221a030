// The `bootstrap` of the tests' functions: a runtime client of the smallest kind, which does what
// its event says. The first word is the command, the rest its argument.

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

constexpr std::string_view base = "/2018-06-01/runtime/";

std::string variable(const char* name)
{
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

/// One connection to the Runtime API.
class Api {
public:
    Api() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        const auto address = variable("AWS_LAMBDA_RUNTIME_API");
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_port =
            htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1))));
        ::inet_pton(AF_INET, address.substr(0, address.find(':')).c_str(), &where.sin_addr);
        const int on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (::connect(fd_, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0)
            std::exit(100);
    }

    void send(std::string_view bytes) const
    {
        while (!bytes.empty()) {
            const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                std::exit(101);
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    /// Head and body of one answer.
    std::string answer()
    {
        for (;;) {
            if (const auto head = received_.find("\r\n\r\n"); head != std::string::npos) {
                const auto size =
                    head + 4 +
                    std::stoul(received_.substr(received_.find("Content-Length: ") + 16));
                if (received_.size() >= size) {
                    auto one = received_.substr(0, size);
                    received_.erase(0, size);
                    return one;
                }
            }
            std::array<char, 65536> buffer;
            const auto got = ::recv(fd_, buffer.data(), buffer.size(), 0);
            if (got <= 0)
                std::exit(102);
            received_.append(buffer.data(), static_cast<std::size_t>(got));
        }
    }

private:
    int fd_;
    std::string received_;
};

std::string get_next()
{
    return "GET " + std::string(base) + "invocation/next HTTP/1.1\r\nHost: x\r\n\r\n";
}

std::string post(const std::string& path, const std::string& body)
{
    return "POST " + std::string(base) + path +
           " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

void write_out(int fd, std::string_view text)
{
    while (!text.empty()) {
        const auto written = ::write(fd, text.data(), text.size());
        if (written <= 0)
            return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// Waits until `argument` many instances are here: "<number> <directory>".
std::string meet(const std::string& argument)
{
    const auto number = std::stoul(argument);
    const fs::path place = argument.substr(argument.find(' ') + 1);
    std::ofstream(place / std::to_string(::getpid())) << "here";
    while (static_cast<std::size_t>(std::distance(fs::directory_iterator(place), {})) < number)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return "met";
}

/// A process of the function's own that outlives its request; returns its id.
std::string leave_child()
{
    const auto child = ::fork();
    if (child == 0)
        for (;;)
            ::pause();
    return std::to_string(child);
}

[[noreturn]] void eat_memory()
{
    for (;;) {
        constexpr std::size_t piece = 8 * 1024 * 1024;
        auto* memory = static_cast<volatile char*>(std::malloc(piece));
        for (std::size_t i = 0; memory != nullptr && i < piece; i += 4096)
            memory[i] = 1;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

std::string environment()
{
    std::string all;
    for (char** entry = environ; *entry != nullptr; ++entry)
        all += std::string(*entry) + "\n";
    return all;
}

std::string descriptors()
{
    std::string all;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        all += entry.path().filename().string() + " " +
               fs::read_symlink(entry.path(), gone).string() + "\n";
    }
    return all;
}

/// What a shell prints.
std::string shell(const std::string& script)
{
    std::string output;
    auto* const pipe = ::popen(script.c_str(), "r");
    std::array<char, 4096> buffer;
    while (const auto got = std::fread(buffer.data(), 1, buffer.size(), pipe))
        output.append(buffer.data(), got);
    ::pclose(pipe);
    return output;
}

std::string carry_out(const std::string& command, const std::string& argument)
{
    if (command == "echo")
        return argument;
    if (command == "pid")
        return std::to_string(::getpid());
    if (command == "env")
        return environment();
    if (command == "cwd")
        return fs::current_path().string();
    if (command == "file")
        return std::string(std::istreambuf_iterator(std::ifstream(argument).rdbuf()), {});
    if (command == "shell")
        return shell(argument);
    if (command == "descriptors")
        return descriptors();
    if (command == "meet")
        return meet(argument);
    if (command == "child")
        return leave_child();
    if (command == "large")
        return std::string(std::stoul(argument), 'x');
    if (command == "sleep")
        std::this_thread::sleep_for(std::chrono::milliseconds(std::stoi(argument)));
    if (command == "print") {
        write_out(1, "out " + argument + "\n");
        write_out(2, "err " + argument + "\nwithout an end");
    }
    if (command == "flood")
        write_out(1, [&] {
            std::string lines;
            for (int i = std::stoi(argument); i > 0; --i)
                lines += "line\n";
            return lines;
        }());
    if (command == "exit")
        std::_Exit(std::stoi(argument));
    if (command == "signal")
        ::raise(std::stoi(argument));
    if (command == "eat")
        eat_memory();
    while (command == "hang")
        ::pause();
    return "done";
}

bool is_first_start()
{
    static const bool is_first = [] {
        const fs::path mark = variable("MARK");
        if (fs::exists(mark))
            return false;
        std::ofstream(mark) << "seen";
        return true;
    }();
    return is_first;
}

void start()
{
    const auto handler = variable("_HANDLER");
    if (handler == "start-error") {
        Api api;
        api.send(post("init/error", R"({"errorMessage":"no","errorType":"My.StartError"})"));
        api.answer();
        std::exit(1);
    }
    if (handler == "start-exit")
        std::exit(7);
    while (handler == "start-hang")
        ::pause();
    if (handler == "start-exit-once" && is_first_start())
        std::exit(8);
    while (handler == "start-hang-once" && is_first_start())
        ::pause();
}

} // namespace

int main()
{
    start();
    const bool pipelines = variable("PIPELINE") == "1";
    Api api;
    api.send(get_next());
    for (;;) {
        const auto answer = api.answer();
        const auto id_at = answer.find("Request-Id: ") + 12;
        const auto id = answer.substr(id_at, answer.find('\r', id_at) - id_at);
        const auto event = answer.substr(answer.find("\r\n\r\n") + 4);
        const auto blank = event.find(' ');
        const auto command = event.substr(0, blank);
        const auto argument = blank == std::string::npos ? "" : event.substr(blank + 1);

        const bool fails = command == "fail";
        const auto result = fails ? R"({"errorMessage":"on purpose","errorType":"My.Error"})"
                            : command == "head" ? answer.substr(0, answer.find("\r\n\r\n"))
                                                : carry_out(command, argument);
        const auto outcome = post("invocation/" + id + (fails ? "/error" : "/response"), result);
        if (pipelines) {
            api.send(outcome + get_next());
            api.answer();
        } else {
            api.send(outcome);
            api.answer();
            if (command == "answer-and-exit")
                std::_Exit(0);
            while (command == "answer-and-hang")
                ::pause();
            api.send(get_next());
        }
    }
}
