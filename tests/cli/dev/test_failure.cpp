#include "cli/dev/failure.hpp"
#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace armature::cli::dev {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

std::vector<Complaint> find(std::string_view output) {
    return find_complaints(output, "/nowhere", "/nowhere/build");
}

TEST(Complaints, AreFoundInWhatCompilersSay) {
    const auto found = find("/p/main.cpp: In function 'int main()':\n"
                            "/p/main.cpp:12:5: error: 'x' was not declared in this scope\n"
                            "   12 |     x;\n"
                            "/p/main.cpp:13: error: expected ';'\n"
                            "/p/main.cpp:9:1: warning: unused\n"
                            "/p/a.hpp:1:10: fatal error: b.hpp: No such file or directory\n");
    ASSERT_THAT(found, SizeIs(3));
    EXPECT_EQ(found[0].file, "/p/main.cpp");
    EXPECT_EQ(found[0].line, 12u);
    EXPECT_EQ(found[0].column, 5u);
    EXPECT_EQ(found[0].message, "'x' was not declared in this scope");
    EXPECT_EQ(found[1].line, 13u);
    EXPECT_EQ(found[1].column, 0u);
    EXPECT_EQ(found[2].message, "b.hpp: No such file or directory");
}

TEST(Complaints, AreFoundInWhatLinkersSay) {
    const auto found = find(
        "/usr/bin/ld: main.o: in function `main': /p/main.cpp:12: undefined reference to `f()'\n"
        "main.cpp:(.text+0x5): undefined reference to `g()'\n");
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].file, "/p/main.cpp");
    EXPECT_EQ(found[0].line, 12u);
    EXPECT_EQ(found[0].message, "undefined reference to `f()'");
    EXPECT_EQ(found[1].file, "main.cpp");
    EXPECT_EQ(found[1].line, 0u);
}

TEST(Complaints, AreFoundInWhatCMakeSays) {
    const auto found = find("CMake Error at CMakeLists.txt:7 (find_package):\n"
                            "  Could not find a package\n"
                            "  named \"nothing\".\n"
                            "\n"
                            "-- Configuring incomplete, errors occurred!\n");
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].file, "CMakeLists.txt");
    EXPECT_EQ(found[0].line, 7u);
    EXPECT_EQ(found[0].message, "Could not find a package named \"nothing\".");
}

TEST(Complaints, ShowTheSource) {
    const testing::TemporaryFolder folder;
    std::ofstream(folder.file("main.cpp")) << "one\ntwo\nthree\nfour\nfive\nsix\n";
    const std::string project = std::filesystem::path{folder.file("")}.parent_path().string();
    const auto found = find_complaints("main.cpp:3:1: error: wrong\n", project, project + "/build");
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].path, project + "/main.cpp");
    ASSERT_THAT(found[0].source, SizeIs(5));
    EXPECT_EQ(found[0].source[2].number, 3u);
    EXPECT_EQ(found[0].source[2].text, "three");
}

TEST(Complaints, AreNeverMoreThanAPageCanShow) {
    std::string output;
    for (int i = 1; i < 1000; ++i)
        output += "a.cpp:" + std::to_string(i) + ":1: error: again\n";
    EXPECT_THAT(find(output), SizeIs(20));
}

TEST(Complaints, TakeAnyBytes) {
    for (const std::string_view output :
         {"", "\n", ": error: ", "x: error: ", ":1: error: y", "a:99999999999999999999: error: z",
          "CMake Error at ", "CMake Error at x", "CMake Error at x:", ": undefined reference to ",
          "\xff\xfe:1:1: error: \xff"})
        EXPECT_LE(find(output).size(), 1u) << output;
}

TEST(FailurePage, EscapesWhatComesFromSourcesAndTools) {
    Failure failure{"The build failed", "<script>alert(1)</script>", {}, "</pre><img src=x>"};
    Complaint complaint;
    complaint.file = "\"><b>.cpp";
    complaint.path = "/p/\"><b>.cpp";
    complaint.line = 1;
    complaint.message = "'std::vector<int>' & more";
    complaint.source.push_back({1, "<script>evil()</script>"});
    failure.complaints.push_back(complaint);
    const std::string page = failure_page(failure, {"editor://{file}:{line}:{column}", ""});
    EXPECT_THAT(page, Not(HasSubstr("<script>")));
    EXPECT_THAT(page, Not(HasSubstr("<img")));
    EXPECT_THAT(page, Not(HasSubstr("\"><b>.cpp")));
    EXPECT_THAT(page, HasSubstr("&#39;std::vector&lt;int&gt;&#39; &amp; more"));
    EXPECT_THAT(page, HasSubstr("href=\"editor:///p/&#34;&gt;&lt;b&gt;.cpp:1:1\""));
}

TEST(FailurePage, LosesTheColoursOfTerminals) {
    EXPECT_EQ(without_escapes("\x1b[31;1mred\x1b[0m\r\nplain"), "red\nplain");
    EXPECT_EQ(without_escapes("\x1b[31"), "");
    EXPECT_EQ(without_escapes("\x1b"), "");
}

} // namespace
} // namespace armature::cli::dev
