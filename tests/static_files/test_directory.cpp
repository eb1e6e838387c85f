#include "static_files/directory.hpp"
#include "static_files/folder.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <system_error>

namespace armature::detail {
namespace {

using Kind = Opened::Kind;
using Symlinks = Directory::Symlinks;
using testing::Folder;

// Both ways of staying inside must give the same answers.
class Directories : public ::testing::TestWithParam<Directory::Method> {
  protected:
    Directories() {
        folder.file("root/a.txt", "a").file("root/b/c/d.txt", "d").file("secret.txt", "secret");
        std::filesystem::create_directory(folder.path("root/empty"));
    }
    [[nodiscard]] Directory open(Symlinks symlinks = Symlinks::refuse) const {
        return {folder.path("root"), symlinks, GetParam()};
    }

    Folder folder;
};

TEST_P(Directories, OpenFilesAndFolders) {
    const Directory directory = open();
    const Opened file = directory.open("b/c/d.txt");
    ASSERT_EQ(file.kind, Kind::regular);
    EXPECT_EQ(file.info.st_size, 1);
    EXPECT_EQ(file.info.st_mtim.tv_sec, Folder::long_ago);
    EXPECT_EQ(file.file->size(), 1u);
    EXPECT_EQ(directory.open("a.txt").kind, Kind::regular);
    EXPECT_EQ(directory.open("empty").kind, Kind::folder);
}

TEST_P(Directories, DontOpenWhatIsNotThereOrOutside) {
    const Directory directory = open();
    const std::string too_long(300, 'x');
    const std::string far_too_long = [] {
        std::string path{"x"};
        for (int i = 0; i < 4000; ++i)
            path += "/x";
        return path;
    }();
    for (const std::string& path :
         {std::string{"none"}, std::string{"a.txt/b"}, std::string{"../secret.txt"},
          std::string{"b/../../secret.txt"}, folder.path("secret.txt"), too_long, far_too_long})
        EXPECT_EQ(directory.open(path.c_str()).kind, Kind::none) << path.substr(0, 40);
}

TEST_P(Directories, DontFollowLinks) {
    folder.link("root/inside", "a.txt").link("root/folder", "b");
    folder.link("root/outside", "../secret.txt").link("root/absolute", folder.path("secret.txt"));
    folder.link("root/loop", "loop").link("root/dangling", "none").link("root/up", "..");
    const Directory directory = open();
    for (const char* const path : {"inside", "folder/c/d.txt", "outside", "absolute", "loop",
                                   "dangling", "up", "up/secret.txt", "up/root/a.txt"})
        EXPECT_EQ(directory.open(path).kind, Kind::none) << path;
}

TEST_P(Directories, DontWaitForFifosNorReadSpecialFiles) {
    ASSERT_EQ(::mkfifo(folder.path("root/fifo").c_str(), 0600), 0);
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::strncpy(name.sun_path, folder.path("root/socket").c_str(), sizeof name.sun_path - 1);
    ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    ::close(listener);
    const Directory directory = open();
    EXPECT_EQ(directory.open("fifo").kind, Kind::none);
    EXPECT_EQ(directory.open("socket").kind, Kind::none);
    EXPECT_EQ(Directory("/dev", Symlinks::refuse, GetParam()).open("null").kind, Kind::none);
}

TEST_P(Directories, StayWhereTheyWereOpened) {
    const Directory directory = open();
    std::filesystem::rename(folder.path("root"), folder.path("moved"));
    folder.file("root/a.txt", "another");
    const Opened file = directory.open("a.txt");
    ASSERT_EQ(file.kind, Kind::regular);
    EXPECT_EQ(file.file->size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(By, Directories,
                         ::testing::Values(Directory::Method::kernel, Directory::Method::walk),
                         [](const auto& method) {
                             return method.param == Directory::Method::kernel ? "Kernel" : "Walk";
                         });

TEST(DirectoryWithLinks, FollowsThoseThatStayInside) {
    Folder folder;
    folder.file("root/a.txt", "a").file("root/b/d.txt", "d").file("secret.txt", "secret");
    folder.link("root/inside", "a.txt").link("root/folder", "b").link("root/b/up", "../a.txt");
    folder.link("root/outside", "../secret.txt").link("root/absolute", folder.path("root/a.txt"));
    folder.link("root/loop", "loop").link("root/root", "/").link("root/up", "..");
    folder.link("root/proc", "/proc/self/root");
    const Directory directory{folder.path("root"), Symlinks::follow};
    for (const char* const path : {"inside", "folder/d.txt", "folder/up"})
        EXPECT_EQ(directory.open(path).kind, Kind::regular) << path;
    for (const char* const path : {"outside", "absolute", "loop", "root", "root/etc/passwd", "up",
                                   "up/secret.txt", "up/root/a.txt", "proc", "proc/etc/passwd"})
        EXPECT_EQ(directory.open(path).kind, Kind::none) << path;
}

TEST(DirectoryThatIsNotThere, SaysSo) {
    Folder folder;
    folder.file("file", "");
    EXPECT_THROW(Directory(folder.path("none"), Symlinks::refuse), std::system_error);
    EXPECT_THROW(Directory(folder.path("file"), Symlinks::refuse), std::system_error);
}

} // namespace
} // namespace armature::detail
