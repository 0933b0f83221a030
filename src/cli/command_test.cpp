#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/confirmation.h"
#include "cli/text_layout.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::internal::CaptureStderr;
using testing::internal::CaptureStdout;
using testing::internal::GetCapturedStderr;
using testing::internal::GetCapturedStdout;

struct Options {
    std::string name, tone;
    std::vector<std::string> words;
    std::optional<std::string> unwanted;
    std::optional<std::uint16_t> port;
    std::string mood;
    bool loud = false;
};

int say(const Options& options, const Terminal&)
{
    if (options.name == "nobody")
        throw UsageError("There is no nobody", "Name somebody.");
    if (options.name == "mute")
        throw Error("The mute says nothing");
    if (options.name == "unwilling")
        throw Declined("Nothing was said");
    if (options.name == "broken")
        throw std::logic_error("an invariant");
    if (options.unwanted)
        return 30;
    return options.loud ? 41
                        : 40 + static_cast<int>(options.words.size() + options.port.value_or(0));
}

struct Outcome {
    int code = 0;
    std::string output, errors;
};

/// Of `nimbus <arguments>` with the commands `say` and `more tell`.
Outcome run(std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), "nimbus");
    std::vector<char*> argv;
    for (auto& argument : arguments)
        argv.push_back(argument.data());
    const auto declare = [](const Command& command, Options& options) {
        command.positional("NAME", options.name, "Who");
        command.option("-w,--word", options.words, "WORD", "What to say");
        command.option("--tone", options.tone, "TONE", "How");
        command.option("--port", options.port, "PORT", "Where");
        command.option("--mood", options.mood, "MOOD", "In which");
        command.choices("--mood", {"merry", "sad"});
        command.flag("--loud", options.loud, "As loud as can be, whoever may sleep, and wherever");
        command.examples(
            {{"nimbus say", "something"},
             {"nimbus say -w hello -w world --loud --port 4711", "something said loudly"}});
    };
    CaptureStdout();
    CaptureStderr();
    const int code =
        run_command_line(static_cast<int>(argv.size()), argv.data(), [&](const Command& root) {
            root.examples({{"nimbus say", "to begin with"}});
            add_command<Options>(root, "say", "Say something", declare, say);
            add_command<Options>(
                root, "run", "Run something",
                [](const Command& command, Options& options) {
                    command.positional("NAME", options.name, "Who");
                    command.flag("--loud", options.loud, "Loudly");
                    command.following("COMMAND", options.words, "What to run");
                },
                say);
            const auto more = root.add("more", "More of it");
            add_command<Options>(more, "tell", "Tell something", declare, say);
            add_command<Options>(more, "secret", {}, declare, say);
            add_command<Options>(
                more, "think", "Say nothing",
                [](const Command& command, Options& options) {
                    command.positional("NAME", options.name, "Who");
                    command.hidden_positional("THOUGHT", options.unwanted);
                },
                say);
        });
    return {.code = code, .output = GetCapturedStdout(), .errors = GetCapturedStderr()};
}

TEST(CommandLine, RunsTheChosenCommandWithItsOptions)
{
    EXPECT_EQ(run({"say"}).code, 40);
    EXPECT_EQ(run({"say", "--loud"}).code, 41);
    EXPECT_EQ(run({"say", "-w", "a", "--word", "b"}).code, 42);
    EXPECT_EQ(run({"more", "tell", "--port", "3"}).code, 43);
    EXPECT_EQ(run({"more", "secret"}).code, 40);
}

TEST(CommandLine, WordsAfterTwoDashesAreTheCommandsOwn)
{
    EXPECT_EQ(run({"run", "--", "npm", "--loud", "--x=", "", "--", "a b"}).code, 46);
    EXPECT_EQ(run({"run", "mute", "--", "npm"}).code, 1) << "what stands before is its own, too";
    EXPECT_EQ(run({"run", "--loud", "--"}).code, 41);
    EXPECT_EQ(run({"run", "ann", "npm"}).code, 2);
    EXPECT_THAT(
        run({"run", "--help"}).output,
        AllOf(HasSubstr("nimbus run [OPTIONS] [NAME] [-- COMMAND...]"), HasSubstr("  -- COMMAND")));
}

TEST(CommandLine, HelpHasOneBlankLineBetweenSections)
{
    for (const auto& arguments :
         {std::vector<std::string>{"--help"}, {"more", "--help"}, {"more", "think", "--help"}}) {
        const auto help = run(arguments).output;
        EXPECT_THAT(help, HasSubstr("\n\nUsage: nimbus"));
        EXPECT_THAT(help, HasSubstr("\n\nOptions:\n"));
        EXPECT_THAT(help, Not(HasSubstr("\n\n\n")));
        EXPECT_THAT(help, Not(HasSubstr(" \n")));
        EXPECT_THAT(help, Not(EndsWith("\n\n")));
    }
}

TEST(CommandLine, ErrorsAreOneSentenceAndAWayOut)
{
    const auto usage = run({"say", "nobody"});
    EXPECT_EQ(usage.code, wrong_usage);
    EXPECT_EQ(usage.errors, "Error: There is no nobody\nName somebody.\n");
    EXPECT_EQ(usage.output, "");

    const auto failure = run({"say", "mute"});
    EXPECT_EQ(failure.code, failed);
    EXPECT_EQ(failure.errors, "Error: The mute says nothing\n");
}

TEST(CommandLine, ANoToAQuestionIsNoError)
{
    const auto refusal = run({"say", "unwilling"});
    EXPECT_EQ(refusal.code, failed);
    EXPECT_EQ(refusal.errors, "Nothing was said.\n");
}

TEST(CommandLine, AMistakeOfOursSaysSo)
{
    const auto outcome = run({"say", "broken"});
    EXPECT_EQ(outcome.code, failed);
    EXPECT_THAT(outcome.errors, AllOf(HasSubstr("an invariant"), HasSubstr("Please report it")));
}

TEST(CommandLine, AWordThatIsNoCommandIsNamed)
{
    const auto misspelt = run({"sya"});
    EXPECT_EQ(misspelt.code, wrong_usage);
    EXPECT_THAT(misspelt.errors, AllOf(HasSubstr("There is no command 'nimbus sya'"),
                                       HasSubstr("Did you mean 'nimbus say'?")));
    EXPECT_THAT(run({"more", "tel"}).errors, HasSubstr("Did you mean 'nimbus more tell'?"));
    EXPECT_THAT(run({"something"}).errors, HasSubstr("There is no command 'nimbus something'"));
}

TEST(CommandLine, NothingChosenShowsTheCommands)
{
    const auto nothing = run({});
    EXPECT_EQ(nothing.code, wrong_usage);
    EXPECT_EQ(nothing.output, "");
    EXPECT_THAT(nothing.errors, AllOf(HasSubstr("say"), HasSubstr("more")));
    EXPECT_THAT(run({"more"}).errors, HasSubstr("tell"));
}

TEST(CommandLine, WrongOptionsPointToTheCommandsHelp)
{
    for (const auto& arguments : {std::vector<std::string>{"more", "tell", "--lout"},
                                  {"more", "tell", "a", "b"},
                                  {"more", "tell", "--port", "x"},
                                  {"more", "tell", "--port", "70000"}}) {
        const auto outcome = run(arguments);
        EXPECT_EQ(outcome.code, wrong_usage);
        EXPECT_THAT(outcome.errors, HasSubstr("Run 'nimbus more tell --help'"));
        EXPECT_EQ(outcome.output, "");
    }
}

TEST(CommandLine, AnEmptyValueIsRefusedByTheNameOfItsOption)
{
    for (const auto& arguments : {std::vector<std::string>{"more", "tell", "--tone", ""},
                                  {"more", "tell", "--tone="},
                                  {"more", "tell", "--tone=", "--loud"}}) {
        const auto outcome = run(arguments);
        EXPECT_EQ(outcome.code, wrong_usage);
        EXPECT_EQ(outcome.errors, "Error: --tone has an empty value: give it one, or leave it out\n"
                                  "Run 'nimbus more tell --help' to see its options.\n");
    }
    EXPECT_THAT(run({"say", ""}).errors, HasSubstr("NAME has an empty value"));
    EXPECT_THAT(run({"say", "--port", ""}).errors, HasSubstr("--port has an empty value"));
    EXPECT_EQ(run({"say", "--tone=low", "-w", ""}).code, 41);
}

TEST(CommandLine, MayTakeAnArgumentThatTheHelpLeavesOut)
{
    EXPECT_EQ(run({"more", "think", "a"}).code, 40);
    EXPECT_EQ(run({"more", "think", "a", "b"}).code, 30);
    EXPECT_EQ(run({"more", "think", "a", ""}).code, 30);
    EXPECT_THAT(run({"more", "think", "--help"}).output,
                AllOf(HasSubstr("NAME"), testing::Not(HasSubstr("THOUGHT"))));
}

TEST(CommandLine, HelpAndVersionAreWordsToo)
{
    const auto help = run({"help", "say"});
    EXPECT_EQ(help.code, done);
    EXPECT_EQ(help.output, run({"say", "--help"}).output);
    EXPECT_THAT(help.output,
                AllOf(HasSubstr("-w, --word WORD"), HasSubstr("Examples:\n  nimbus say ")));
    EXPECT_EQ(run({"help"}).output, run({"--help"}).output);
    EXPECT_THAT(run({"help", "more"}).output, testing::Not(HasSubstr("secret")));
    EXPECT_EQ(run({"version"}).output, "nimbus " NIMBUS_VERSION "\n");
    EXPECT_EQ(run({"--version"}).output, run({"version"}).output);
    EXPECT_EQ(run({"help", "sya"}).code, wrong_usage);
}

TEST(CommandLine, HelpAndVersionHaveHelpThemselves)
{
    EXPECT_THAT(run({"help"}).output, AllOf(HasSubstr("\n  help "), HasSubstr("\n  version ")));
    for (const std::string word : {"help", "version"}) {
        const auto help = run({"help", word});
        EXPECT_EQ(help.code, done);
        EXPECT_THAT(help.output, HasSubstr("Usage: nimbus " + word));
        EXPECT_THAT(help.output, testing::Not(HasSubstr("Examples")));
        EXPECT_EQ(run({word, "--help"}).code, done);
    }
    EXPECT_EQ(run({"--no-color", "help", "say"}).output, run({"help", "say"}).output);
    EXPECT_EQ(run({"version", "3"}).code, wrong_usage);
}

TEST(CommandLine, HelpTakesTheWidthOfTheTerminal)
{
    ::setenv("COLUMNS", "60", 1);
    const auto say = run({"help", "say"}).output;
    ::unsetenv("COLUMNS");
    EXPECT_THAT(say,
                HasSubstr("\n  nimbus say -w hello -w world --loud --port 4711\n      something "
                          "said loudly\n"));
}

TEST(CommandLine, AnOptionThatThereIsNotIsNamedWithWhatWasMeant)
{
    const auto misspelt = run({"more", "tell", "--wrod", "hello"});
    EXPECT_EQ(misspelt.code, wrong_usage);
    EXPECT_EQ(misspelt.errors, "Error: There is no option '--wrod' of 'nimbus more tell'\n"
                               "Did you mean '--word'? Run 'nimbus more tell --help' to see its "
                               "options.\n");
    EXPECT_THAT(run({"say", "--lodu=1"}).errors,
                AllOf(HasSubstr("'--lodu' of 'nimbus say'"), HasSubstr("Did you mean '--loud'?")));
    EXPECT_THAT(run({"say", "--frobnicate"}).errors,
                AllOf(HasSubstr("'--frobnicate'"), Not(HasSubstr("Did you mean"))));
    EXPECT_EQ(run({"say", "-w", "--wrod"}).code, 41) << "the value of an option is no option";
}

TEST(CommandLine, AValueThatIsNoneOfTheChoicesIsNamedWithWhatWasMeant)
{
    EXPECT_EQ(run({"say", "--mood", "merry"}).code, 40);
    const auto misspelt = run({"say", "--mood", "mery"});
    EXPECT_EQ(misspelt.code, wrong_usage);
    EXPECT_EQ(misspelt.errors, "Error: --mood must be one of merry, sad, not 'mery'\n"
                               "Did you mean 'merry'?\n");
    EXPECT_EQ(run({"say", "--mood=loud"}).errors,
              "Error: --mood must be one of merry, sad, not 'loud'\n");
}

} // namespace
} // namespace nimbus::cli
