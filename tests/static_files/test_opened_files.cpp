#include "static_files/folder.hpp"
#include "static_files/opened_files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

namespace armature::testing {
namespace {

using detail::Directory;
using detail::Opened;
using detail::OpenedFiles;

// A loop as a server's, whose turns end when the test says so.
class TurningLoop final : public LocalLoop {
  public:
    bool at_turn_end(TurnHook& hook) noexcept override {
        add(hook);
        return true;
    }
    using Scheduler::end_turn;
};

class FilesOpenedInATurn : public ::testing::Test {
  protected:
    FilesOpenedInATurn() { folder.file("page.html", "old").file("other.html", "other"); }
    ~FilesOpenedInATurn() override { loop.end_turn(); }

    Opened open(const char* path) { return files.open(directory, path); }
    void replace_page() {
        folder.file("new", "newer");
        std::filesystem::rename(folder.path("new"), folder.path("page.html"));
    }

    Folder folder;
    Directory directory{folder.path(), Directory::Symlinks::refuse};
    OpenedFiles& files = OpenedFiles::of_this_thread();
    TurningLoop loop;
    LocalLoop::Enter enter{loop};
};

TEST_F(FilesOpenedInATurn, AreOpenedOnce) {
    const Opened first = open("page.html");
    const Opened second = open("page.html");
    EXPECT_EQ(first.kind, Opened::Kind::regular);
    EXPECT_EQ(second.kind, Opened::Kind::regular);
    EXPECT_EQ(first.file, second.file);
    EXPECT_EQ(second.info.st_size, 3);
    EXPECT_NE(open("other.html").file, first.file);
}

TEST_F(FilesOpenedInATurn, AreClosedAtItsEnd) {
    const std::weak_ptr<const File> file = open("page.html").file;
    EXPECT_FALSE(file.expired());
    loop.end_turn();
    EXPECT_TRUE(file.expired());
}

TEST_F(FilesOpenedInATurn, AreLookedUpAnewInTheNext) {
    EXPECT_EQ(open("page.html").info.st_size, 3);
    EXPECT_EQ(open("missing.html").kind, Opened::Kind::none);
    loop.end_turn();
    replace_page();
    folder.file("missing.html", "there");
    EXPECT_EQ(open("page.html").info.st_size, 5);
    EXPECT_EQ(open("missing.html").kind, Opened::Kind::regular);
}

TEST_F(FilesOpenedInATurn, BelongToTheirFolder) {
    const Folder another;
    const Directory empty{another.path(), Directory::Symlinks::refuse};
    EXPECT_EQ(open("page.html").kind, Opened::Kind::regular);
    EXPECT_EQ(files.open(empty, "page.html").kind, Opened::Kind::none);
}

TEST_F(FilesOpenedInATurn, MayBeMoreThanAreRemembered) {
    for (int round = 0; round < 2; ++round)
        for (int i = 0; i < 40; ++i) {
            const std::string name = std::to_string(i) + ".txt";
            folder.file(name, std::string(static_cast<std::size_t>(i), 'x'));
            EXPECT_EQ(open(name.c_str()).info.st_size, i);
        }
}

TEST(FilesOpenedWithoutTurns, AreLookedUpEachTime) {
    Folder folder;
    folder.file("page.html", "old");
    const Directory directory{folder.path(), Directory::Symlinks::refuse};
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    OpenedFiles& files = OpenedFiles::of_this_thread();
    const Opened first = files.open(directory, "page.html");
    EXPECT_NE(files.open(directory, "page.html").file, first.file);
}

} // namespace
} // namespace armature::testing
