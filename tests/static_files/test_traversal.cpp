#include "static_files/folder.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

#include <armature/static_files/static_files.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Attack {
    std::string target;
    int status;
};

// Every way that we know of to write a path which leads out of a folder, as bytes on the wire: no
// client makes them harmless first. 404 means that nothing was opened, or there is nothing; 400
// that the target is malformed.
const std::vector<Attack>& attacks() {
    static const std::vector<Attack> all{
        // Plain, resolved before routing: they end outside of the prefix or at its own root.
        {"/files/../secret.txt", 404},
        {"/files/../../secret.txt", 404},
        {"/files/sub/../../secret.txt", 404},
        {"/files/sub/../../../../../../../../etc/passwd", 404},
        {"/files/./../secret.txt", 404},
        {"/files/..", 404},
        {"/files/../", 404},
        {"/../files/../secret.txt", 404},
        {"/files/sub/..", 200},
        {"/files/sub/../a.txt", 200},
        // Encoded once.
        {"/files/%2e%2e/secret.txt", 404},
        {"/files/%2E%2E/secret.txt", 404},
        {"/files/.%2e/secret.txt", 404},
        {"/files/%2e./secret.txt", 404},
        {"/files/..%2fsecret.txt", 404},
        {"/files/..%2Fsecret.txt", 404},
        {"/files/%2e%2e%2fsecret.txt", 404},
        {"/files/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404},
        {"/files/sub%2f..%2f..%2fsecret.txt", 404},
        {"/files/sub%2fb.txt", 404},
        {"/files%2f..%2fsecret.txt", 404},
        {"/files/%2fetc%2fpasswd", 404},
        {"/files/%2e", 200},
        {"/files/%2e%2e", 404},
        // Encoded twice and more.
        {"/files/%252e%252e/secret.txt", 404},
        {"/files/%252e%252e%252fsecret.txt", 404},
        {"/files/..%252fsecret.txt", 404},
        {"/files/%25252e%25252e%25252fsecret.txt", 404},
        // With the other slash.
        {"/files/..\\secret.txt", 404},
        {"/files/..%5csecret.txt", 404},
        {"/files/..%5Csecret.txt", 404},
        {"/files/%2e%2e%5csecret.txt", 404},
        {"/files/sub%5c..%5c..%5csecret.txt", 404},
        {"/files/..%255csecret.txt", 404},
        // Dots and slashes that only a lax decoder sees: overlong and wide UTF-8, UTF-16 in %u.
        {"/files/%c0%ae%c0%ae/secret.txt", 404},
        {"/files/%c0%ae%c0%ae%c0%afsecret.txt", 404},
        {"/files/..%c0%afsecret.txt", 404},
        {"/files/..%c1%9csecret.txt", 404},
        {"/files/..%e0%80%afsecret.txt", 404},
        {"/files/..%f0%80%80%afsecret.txt", 404},
        {"/files/%ef%bc%8e%ef%bc%8e/secret.txt", 404},
        {"/files/..%ef%bc%8fsecret.txt", 404},
        {"/files/..%e2%88%95secret.txt", 404},
        {"/files/%u002e%u002e/secret.txt", 400},
        {"/files/..%u2215secret.txt", 400},
        // The end of a C string.
        {"/files/a.txt%00.png", 400},
        {"/files/..%00/secret.txt", 400},
        {"/files/%00/../secret.txt", 400},
        {"/files/../secret.txt%00.html", 400},
        // Malformed encodings.
        {"/files/%", 400},
        {"/files/%2", 400},
        {"/files/%2/secret.txt", 400},
        {"/files/%zz%zz/secret.txt", 400},
        // Empty segments, and roots of their own.
        {"/files//secret.txt", 404},
        {"/files//etc/passwd", 404},
        {"/files///etc/passwd", 404},
        {"/files/sub//b.txt", 404},
        {"/files//", 404},
        {"/files//../secret.txt", 404},
        {"/files/....//secret.txt", 404},
        {"/files/..../secret.txt", 404},
        {"/files/.../secret.txt", 404},
        {"/files/..;/secret.txt", 404},
        {"/files/..;a=b/secret.txt", 404},
        {"/files/;/../secret.txt", 404},
        {"/files/.. /secret.txt", 400},
        {"/files/..%20/secret.txt", 404},
        {"/files/..%0d%0a/secret.txt", 404},
        {"/files/~root/secret.txt", 404},
        {"/files/C:%5csecret.txt", 404},
        {"/files/file:///etc/passwd", 404},
        // By way of links, special files and this process' own.
        {"/files/out/secret.txt", 404},
        {"/files/out", 404},
        {"/files/secret-link", 404},
        {"/files/proc/self/environ", 404},
        {"/files/fifo", 404},
        // A file taken for a folder, and hidden ones.
        {"/files/a.txt/", 404},
        {"/files/a.txt/..", 200},
        {"/files/a.txt/../../secret.txt", 404},
        {"/files/.hidden", 404},
        {"/files/%2ehidden", 404},
        {"/files/sub/.hidden/x", 404},
        // Longer than any name or path may be.
        {"/files/" + std::string(256, 'a'), 404},
        {"/files/" + std::string(5000, 'a'), 404},
        // Other forms of a target.
        {"http://test/files/../secret.txt", 404},
        {"http://test/files/%2e%2e%2fsecret.txt", 404},
        {"http://test/files/a.txt", 200},
        {"files/a.txt", 400},
        {"../secret.txt", 400},
        // The query is no part of the path.
        {"/files/a.txt?/../../secret.txt", 200},
        {"/files/a.txt?file=../secret.txt", 200},
    };
    return all;
}

class Traversal : public ::testing::TestWithParam<bool> {
  protected:
    Traversal() {
        folder.file("root/index.html", "index").file("root/a.txt", "a").file("root/sub/b.txt", "b");
        folder.file("root/sub/index.html", "sub").file("root/.hidden", "SECRET");
        folder.file("root/sub/.hidden/x", "SECRET").file("secret.txt", "SECRET");
        folder.link("root/out", "..").link("root/secret-link", "../secret.txt");
        folder.link("root/proc", "/proc");
        if (::mkfifo(folder.path("root/fifo").c_str(), 0600) != 0)
            throw std::runtime_error("no fifo");
    }

    Folder folder;
};

TEST_P(Traversal, LeadsNowhere) {
    StaticFileOptions options;
    options.symlinks = GetParam();
    TestServer server{
        App::create().service(static_files("/files", folder.path("root"), options)).build()};
    for (const Attack& attack : attacks()) {
        RawClient client{server.address()};
        client.send("GET " + attack.target +
                    " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        const WireResponse response = client.response();
        EXPECT_EQ(response.status, attack.status) << attack.target.substr(0, 100);
        EXPECT_THAT(response.body, Not(HasSubstr("SECRET"))) << attack.target;
        EXPECT_THAT(response.body, Not(HasSubstr("root:"))) << attack.target;
    }
}

TEST_P(Traversal, LeadsNowhereFromTheRootOfTheServer) {
    StaticFileOptions options;
    options.symlinks = GetParam();
    options.fallback = "index.html";
    TestServer server{
        App::create().service(static_files("/", folder.path("root"), options)).build()};
    for (const Attack& attack : attacks()) {
        // The same without the prefix, by a client that takes the fallback.
        std::string target = attack.target;
        const std::size_t prefix = target.find("/files");
        if (prefix != target.npos) target.erase(prefix, 6);
        if (target.empty()) continue;
        RawClient client{server.address()};
        client.send("GET " + target +
                    " HTTP/1.1\r\nHost: test\r\nAccept: text/html\r\nConnection: close\r\n\r\n");
        const WireResponse response = client.response();
        EXPECT_THAT(response.status, ::testing::AnyOf(200, 400, 404)) << target.substr(0, 100);
        EXPECT_THAT(response.body, Not(HasSubstr("SECRET"))) << target;
        EXPECT_THAT(response.body, Not(HasSubstr("root:"))) << target;
    }
}

INSTANTIATE_TEST_SUITE_P(With, Traversal, ::testing::Bool(), [](const auto& symlinks) {
    return symlinks.param ? "SymlinksFollowed" : "SymlinksRefused";
});

} // namespace
} // namespace armature::testing
